import { describe, expect, it } from 'vitest';
import type { RegistryView } from '../../src/registries/directory.ts';
import { withLook } from '../../src/registries/membership.ts';
import type { Replica } from '../../src/registries/replica.ts';
import {
  expectedRegions,
  initiallyExpected,
  leftOutOf,
  missingRegions,
  regionsExpectedNow,
  withExpectedRegions,
} from '../../src/replication/expected-regions.ts';
import { registryOf, replicaOf } from '../registries/registry-of.ts';
import { anImage, aReference, at, fact, looked, viewWith } from './fixtures.ts';

/** What a replica is like: its provisioning state, its status, and whether it is routed. */
type State = [provisioningState: string, displayStatus?: string, globalRouting?: Replica['globalRouting']];
const replica = (region: string, [provisioningState, displayStatus, globalRouting = 'enabled']: State) =>
  replicaOf(region, { provisioningState, displayStatus, globalRouting });

describe('an image that is first seen waits for', () => {
  it.each<[what: string, state: State, waits: boolean]>([
    ['a replica that serves', ['Succeeded', 'Ready'], true],
    ['one that serves while it is changed', ['Updating', 'Ready'], true],
    ['one without a status', ['succeeded'], true],
    ['no replica that is being created', ['Creating', 'Syncing'], false],
    ['no replica that has done nothing but sync', ['Succeeded', 'Syncing'], false],
    ['a replica that is routed, though its last change failed', ['Failed', 'Offline', 'enabled'], true],
    ['one of which nobody says that it is not routed', ['Failed', 'Offline', 'unknown'], true],
    ['one that is well, though its last change failed', ['Canceled', 'Ready', 'disabled'], true],
    ['none whose last change failed and that is neither', ['Failed', 'Offline', 'disabled'], false],
    ['one that is being deleted, until it is gone', ['Deleting', 'Ready'], true],
  ])('%s', (_, state, waits) => {
    const view = viewWith([replica('westus', state)]);
    expect(initiallyExpected(registryOf(), view)).toEqual(waits ? ['eastus', 'westus'] : ['eastus']);
  });

  it('the home region of a registry without a replica', () => {
    expect(initiallyExpected(registryOf(), viewWith([]))).toEqual(['eastus']);
  });

  it('only the configured regions that have a replica', () => {
    const registry = registryOf({ regions: ['westus', 'northeurope'] });
    expect(initiallyExpected(registry, viewWith([replicaOf('eastus'), replicaOf('westus')]))).toEqual([
      'westus',
    ]);
  });
});

describe('an image waits on', () => {
  const image = anImage({ expected: ['eastus', 'westus'], firstSeenMs: at(0) });
  const view = viewWith([replicaOf('eastus'), replicaOf('westus')]);
  const members = view.members ?? new Map();
  const gone = looked(members, { seen: [], absent: ['westus'] }, at(60));
  const waitsFor = (from: typeof view) => expectedRegions(registryOf(), from)(image);

  it('for the replicas of now, while none are its own', () => {
    expect(expectedRegions(registryOf(), view)(anImage())).toEqual(['eastus', 'westus']);
    expect(expectedRegions(registryOf(), undefined)(anImage())).toEqual([]);
  });

  it('for nothing yet where its entry names no region that has a replica', () => {
    const unknown = anImage({ references: [aReference()] });
    expect(withExpectedRegions(unknown, registryOf({ regions: ['uksouth'] }), view)).toBe(unknown);
  });

  it('for no region that its entry names no more, unless it names no other', () => {
    const waitsUnder = (...regions: string[]) => expectedRegions(registryOf({ regions }), view)(image);
    expect(waitsUnder('eastus', 'northeurope')).toEqual(['eastus']);
    expect(waitsUnder('northeurope')).toEqual(['eastus', 'westus']);
  });

  it('for a region that the list leaves out', () => {
    expect(waitsFor({ ...view, replicas: [] })).toEqual(['eastus', 'westus']);
  });

  it('for no region whose replica is gone, also when another one comes', () => {
    expect(waitsFor({ ...view, members: gone })).toEqual(['eastus']);
    const back = withLook(gone, { seen: [replicaOf('westus')], absent: [] }, at(90), 0);
    expect(waitsFor({ ...view, members: back })).toEqual(['eastus']);
    expect(
      expectedRegions(registryOf(), { ...view, members: back })({ ...image, firstSeenMs: at(95) }),
    ).toEqual(['eastus', 'westus']);
  });

  it('for its home, whatever is told of a replica there', () => {
    const none = looked(members, { seen: [], absent: ['eastus'] }, at(60));
    expect(waitsFor({ ...view, members: none })).toEqual(['eastus', 'westus']);
  });

  it('for what it waited for, while nobody can read what is remembered', () => {
    expect(waitsFor({ ...view, members: undefined })).toEqual(['eastus', 'westus']);
    const unknown = anImage();
    expect(withExpectedRegions(unknown, registryOf(), { ...view, members: undefined })).toBe(unknown);
  });
});

describe('a tag waits for the replicas of its own first fact', () => {
  it('and an older tag of the same digest for those of its own', () => {
    const old = aReference({ tag: 'old', expected: ['eastus'] });
    const image = anImage({ expected: ['eastus'], references: [old, aReference({ tag: 'new' })] });
    const view = viewWith([replicaOf('eastus'), replicaOf('westus')]);
    const known = withExpectedRegions(image, registryOf(), view);
    expect(known).toMatchObject({
      expected: ['eastus'],
      references: [{ expected: ['eastus'] }, { expected: ['eastus', 'westus'] }],
    });
    expect(withExpectedRegions(known, registryOf(), view)).toBe(known);
  });

  describe('and for a replica of the digest’s own first fact', () => {
    const later = (view: RegistryView) => {
      const image = anImage({
        expected: ['eastus', 'westus'],
        firstSeenMs: at(0),
        references: [aReference({ tag: 'new', firstSeenMs: at(100) })],
      });
      return withExpectedRegions(image, registryOf(), view).references[0]?.expected;
    };
    const seen = viewWith([replicaOf('eastus'), replicaOf('westus')]);
    const goneAt = (seconds: number) =>
      looked(seen.members ?? new Map(), { seen: [], absent: ['westus'] }, at(seconds));
    const comeBack = withLook(
      goneAt(60),
      { seen: [replica('westus', ['Succeeded', 'Syncing'])], absent: [] },
      at(90),
      0,
    );

    it.each<[what: string, view: RegistryView, waits: boolean]>([
      ['that this process never saw', viewWith([replicaOf('eastus')]), true],
      [
        'that this process never saw out of seeding',
        viewWith([replica('westus', ['Succeeded', 'Syncing'])]),
        true,
      ],
      ['unless it is gone', { ...seen, members: goneAt(60) }, false],
      ['unless another one is being seeded in its place', { ...seen, members: comeBack }, false],
      ['unless it is not usable', viewWith([replica('westus', ['Failed', 'Offline', 'disabled'])]), false],
    ])('%s', (_, view, waits) => {
      expect(later(view)).toEqual(waits ? ['eastus', 'westus'] : ['eastus']);
    });

    it('but for none that its entry names no more', () => {
      const image = anImage({ expected: ['eastus', 'westus'], references: [aReference({ tag: 'new' })] });
      const known = withExpectedRegions(image, registryOf({ regions: ['eastus'] }), viewWith([]));
      expect(known.references[0]?.expected).toEqual(['eastus']);
    });
  });
});

describe('what is not waited for', () => {
  const image = anImage({ expected: ['eastus'] });

  it('is not known while nobody can read what is remembered', () => {
    expect(leftOutOf(image, registryOf(), { ...viewWith([]), members: undefined })).toEqual([]);
    expect(leftOutOf(image, registryOf(), undefined)).toEqual([]);
    const members = { ...viewWith([replicaOf('westus')]), members: undefined };
    expect(regionsExpectedNow(image, registryOf(), members)).toEqual(['eastus']);
  });

  it('the home of a registry without a replica there is addedLater', () => {
    const elsewhere = anImage({ expected: ['westus'] });
    expect(leftOutOf(elsewhere, registryOf(), viewWith([replicaOf('westus')]))).toEqual([
      { region: 'eastus', reason: 'addedLater' },
    ]);
  });

  it('a replica that served, and is not usable, is seeding', () => {
    const { members = new Map(), ...view } = viewWith([replicaOf('eastus'), replicaOf('westus')]);
    const seen = [replica('westus', ['Failed', 'Offline', 'disabled'])];
    const after = { ...view, members: withLook(members, { seen, absent: [] }, at(60), 0) };
    expect(leftOutOf(image, registryOf(), after)).toEqual([{ region: 'westus', reason: 'seeding' }]);
  });

  it.each<[what: string, reason: string, state: State]>([
    ['a replica that is being seeded', 'seeding', ['Succeeded', 'Syncing']],
    ['a replica that came later', 'addedLater', ['Succeeded', 'Ready']],
  ])('%s is %s', (_, reason, state) => {
    const view = viewWith([replicaOf('eastus'), replica('westus', state)]);
    expect(leftOutOf(image, registryOf(), view)).toEqual([{ region: 'westus', reason }]);
  });

  it('a replica that REGISTRIES does not name is notSelected', () => {
    const view = viewWith([replicaOf('eastus'), replica('westus', ['Creating'])]);
    const registry = registryOf({ regions: ['eastus'] });
    expect(leftOutOf(image, registry, view)).toEqual([{ region: 'westus', reason: 'notSelected' }]);
  });

  it('a replica that is gone is not named', () => {
    const view = viewWith([replicaOf('eastus'), replicaOf('westus')]);
    const members = looked(view.members ?? new Map(), { seen: [], absent: ['westus'] }, at(60));
    expect(leftOutOf(image, registryOf(), { ...view, members })).toEqual([]);
  });
});

describe('missingRegions', () => {
  it('names the expected regions that no fact names, in their order', () => {
    expect(missingRegions(['c', 'a', 'b'], [fact('a', 1), fact('other', 1)])).toEqual(['c', 'b']);
  });
});
