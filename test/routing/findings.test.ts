import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  awaitedWitnesses,
  findingsOf,
  findingTable,
  healthOf,
  raisesAtOnce,
  reasonsOf,
  stuckAfterMs,
} from '../../src/routing/findings.ts';
import type { Evidence } from '../../src/routing/state.ts';
import { alive, failing, minuteText, start, throttled, unknown } from './fixtures.ts';

const provisioned = { state: 'Succeeded', since: minuteText(0) };
const evidence = (changes: Partial<Evidence> = {}): Evidence => ({
  provisioning: provisioned,
  reachability: alive,
  lateImages: { late: 0, lateInRegistry: 0 },
  policy: null,
  ...changes,
});
const inState = (state: string, minutes = 0): Partial<Evidence> => ({
  provisioning: { state, since: minuteText(-minutes) },
});
const withStatus = (displayStatus: string | undefined, state = 'Succeeded'): Partial<Evidence> => ({
  provisioning: {
    ...{ state, since: minuteText(0) },
    ...(displayStatus === undefined ? {} : { displayStatus }),
  },
});
const late = (count: number, lateInRegistry: number, uncounted?: number): Partial<Evidence> => ({
  lateImages: { late: count, lateInRegistry, ...(uncounted === undefined ? {} : { uncounted }) },
});
const pulled = (pull: Evidence['pull']): Partial<Evidence> => ({ pull });
const stuckMinutes = stuckAfterMs / 60_000;

describe('a review', () => {
  it.each<[string, Partial<Evidence>, string]>([
    ['good', {}, 'provisioned'],
    ['good', withStatus('online'), 'provisioned'],
    ['good', withStatus(undefined), 'provisioned'],
    ['inconclusive', withStatus('Syncing'), 'notReady'],
    ['inconclusive', withStatus('Offline'), 'notReady'],
    ['inconclusive', withStatus('Provisioning', 'Updating'), 'notReady'],
    ['bad', withStatus('Syncing', 'Failed'), 'failed'],
    ['bad', { ...withStatus('Offline'), reachability: failing }, 'unreachable'],
    ['inconclusive', { provisioning: null, absent: 'listed' }, 'contradicted'],
    ['inconclusive', { provisioning: null, absent: 'listUnread' }, 'contradicted'],
    ['inconclusive', { provisioning: null, absent: 'notListed' }, 'missing'],
    ['good', inState('Updating', stuckMinutes - 1), 'updating'],
    ['inconclusive', inState('Creating', stuckMinutes - 1), 'creatingOrDeleting'],
    ['inconclusive', inState('Deleting'), 'creatingOrDeleting'],
    ['bad', inState('Creating', stuckMinutes), 'stuck'],
    ['bad', inState('Updating', stuckMinutes), 'stuck'],
    ['bad', inState('Failed'), 'failed'],
    ['good', inState('Canceled'), 'otherState'],
    ['inconclusive', { provisioning: null }, 'unread'],
    ['good', { reachability: alive }, 'alive'],
    ['good', { reachability: throttled }, 'throttled'],
    ['bad', { reachability: failing }, 'unreachable'],
    ['good', { reachability: unknown }, 'endpointUnknown'],
    ['inconclusive', { ...inState('Updating'), reachability: unknown }, 'endpointUnknown'],
    ['bad', { provisioning: null, reachability: failing }, 'unreachable'],
    ['good', late(0, 9), 'onTime'],
    ['good', late(2, 2), 'someLate'],
    ['good', late(3, 7), 'someLate'],
    ['bad', late(3, 6), 'mostLate'],
    ['good', { lateImages: null }, 'lateImagesUnknown'],
    ['good', late(0, 0, 4), 'lateImagesUnknown'],
    ['bad', late(3, 3, 4), 'mostLate'],
    ['good', pulled({ kind: 'served', latencyMs: 30 }), 'pullServed'],
    ['good', pulled({ kind: 'throttled', retryAfterMs: 1_000 }), 'pullThrottled'],
    ['bad', pulled({ kind: 'failing', reason: '503' }), 'pullFails'],
    ['bad', pulled({ kind: 'lacking', reason: '404' }), 'pullLacks'],
    ['inconclusive', pulled({ kind: 'unserved', reason: '404' }), 'pullUnserved'],
    ['good', pulled({ kind: 'unknown', reason: 'not asked' }), 'pullUnknown'],
    ['good', { policy: { routing: 'never' } }, 'never'],
    ['good', { policy: { routing: 'off', until: minuteText(9) } }, 'maintenanceWindow'],
  ])('is %s after %j, with the finding %s', (health, changes, kind) => {
    const findings = findingsOf(evidence(changes), start);
    expect(findings.map((finding) => finding.kind)).toContain(kind);
    expect(healthOf(findings, [])).toBe(health);
    expect(raisesAtOnce(findings)).toBe(kind === 'never' || kind === 'maintenanceWindow');
  });

  it.each<[string, string[], Partial<Evidence>, string]>([
    ['an endpoint flag', ['endpoint'], {}, 'good'],
    ['… 429', ['endpoint'], { reachability: throttled }, 'inconclusive'],
    [
      '… not resolved, refused, not found, not asked',
      ['endpoint'],
      { reachability: unknown },
      'inconclusive',
    ],
    ['… Syncing', ['endpoint'], withStatus('Syncing'), 'inconclusive'],
    ['a lag flag', ['lateImages'], {}, 'good'],
    ['… none counted', ['lateImages'], { lateImages: null }, 'inconclusive'],
    ['… some could not be asked for', ['lateImages'], late(0, 0, 1), 'inconclusive'],
    ['… few late', ['lateImages'], late(2, 2), 'good'],
    ['… an endpoint that nobody asked', ['lateImages'], { reachability: unknown }, 'good'],
    ['… 429', ['lateImages'], { reachability: throttled }, 'good'],
    ['a provisioning flag', ['provisioning'], { reachability: unknown }, 'good'],
    ['… not read', ['provisioning'], { provisioning: null }, 'inconclusive'],
    ['… still updating', ['provisioning'], inState('Updating'), 'inconclusive'],
    ['… Canceled', ['provisioning'], inState('Canceled'), 'inconclusive'],
    ['a flag of two kinds', ['endpoint', 'lateImages'], {}, 'good'],
    ['… one is not seen', ['endpoint', 'lateImages'], { lateImages: null }, 'inconclusive'],
    ['a policy flag', ['policy'], { policy: null }, 'good'],
    ['a flag of a kind that a later version knows', ['smell'], {}, 'inconclusive'],
  ])('needs a witness for %s: %j, %j is %s', (_, required, changes, health) => {
    const findings = findingsOf(evidence(changes), start);
    expect(healthOf(findings, required)).toBe(health);
    expect(awaitedWitnesses(findings, required)).toHaveLength(
      health === 'good' || changes.provisioning?.displayStatus === 'Syncing' ? 0 : 1,
    );
  });

  it('says what it takes to end a flag', () => {
    const reason = 'probe is false in REGISTRIES';
    const found = findingsOf(evidence({ reachability: { kind: 'unknown', reason } }), start);
    expect(awaitedWitnesses(found, ['endpoint', 'policy'])).toEqual([
      `its regional endpoint has to answer 200 or 401; now: the state of its regional endpoint is unknown: ${reason}`,
    ]);
    expect(awaitedWitnesses(found, ['pull', 'smell'])).toEqual([
      'a pull from its regional endpoint has to work (probe is "pull" in REGISTRIES)',
      'smell has to be seen good by a later version of evenkeel',
    ]);
  });

  it('gives the reasons against the replica in sentences, with the causes of a stuck replication', () => {
    const bad = evidence({ ...inState('Creating', 40), ...late(4, 5), reachability: failing });
    expect(reasonsOf(findingsOf(bad, start))).toEqual([
      expect.stringMatching(/stuck.*permission on a private endpoint.*out of addresses: Creating, since/),
      'its regional endpoint is unavailable: 503',
      'it is falling behind on images: 4 of the 5 late images in the registry',
    ]);
    expect(reasonsOf(findingsOf(evidence({ reachability: throttled, ...late(1, 1) }), start))).toEqual([]);
    const message = 'the subnet is full';
    const worse = evidence({
      provisioning: { state: 'Failed', since: minuteText(0), message },
      pull: { kind: 'failing', reason: 'the layer of team/app:v1: 503' },
    });
    expect(reasonsOf(findingsOf(worse, start))).toEqual([
      `the last change of the replication failed: Failed, ${message}`,
      'a pull from its regional endpoint fails: the layer of team/app:v1: 503',
    ]);
  });
});

describe('docs/replica-evidence.md', () => {
  it('shows the table of the code', () => {
    const text = readFileSync(new URL('../../docs/replica-evidence.md', import.meta.url), 'utf8');
    const table = text.slice(text.indexOf('| evidence |')).split('\n\n', 1).join('');
    const rows = table.split('\n').slice(2);
    const expected = Object.values(findingTable).map(
      ({ evidence: kind, seen, effect, sentence }) => `| ${kind} | ${seen} | ${effect} | ${sentence} |`,
    );
    expect(rows).toEqual(expected);
  });
});
