import { describe, expect, it } from 'vitest';
import type { Registry } from '../../src/registries/registry.ts';
import { replicationBody } from '../../src/replication/answer.ts';
import { noCopies } from '../../src/replication/copies-of-day.ts';
import type { ImageId } from '../../src/replication/image.ts';
import { imageChanges } from '../../src/replication/image-changes.ts';
import { pullMemory } from '../../src/replication/pull-check.ts';
import type { ReplicationQuery } from '../../src/replication/query.ts';
import { viewOf } from '../../src/replication/read-answer.ts';
import {
  at,
  d1,
  d2,
  d3,
  deletion,
  digestNumber,
  idOf,
  loginServer,
  noDeadline,
  push,
  registry,
} from './fixtures.ts';
import { InMemoryApp } from './in-memory-app.ts';

const config = `sha256:${'c'.repeat(64)}`;
const layer = `sha256:${'e'.repeat(64)}`;

/** An image of one platform that both regions told of and have. */
async function replicated(parts: Partial<Registry> = {}) {
  const app = new InMemoryApp(['eastus', 'westus'], { registry: { ...registry, ...parts } });
  const process = app.process();
  for (const region of ['eastus', 'westus']) {
    await process.record(push(1, { region }));
    app.manifests.has(region, { v1: d1 });
  }
  app.manifests.parts.set(d1, { kind: 'image', blobs: [config, layer] });
  app.nowMs = at(10);
  const bodyOf = async (wish: Partial<ReplicationQuery>, reference = 'v1') => {
    app.manifests.requests.length = 0;
    const result = await process.question(reference, wish);
    if (result === undefined) throw new Error('it was never seen');
    return { status: result.answer.status, ...replicationBody(result, registry, new Date(app.nowMs)) };
  };
  return { app, process, bodyOf };
}

describe('a question with verify', () => {
  it('shows when each endpoint answered, and asks anew when that is longer ago than the objective', async () => {
    const { app, bodyOf } = await replicated();
    const verifiedAt = new Date(at(10)).toISOString();
    const first = await bodyOf({ verify: true });
    expect(first.regions).toMatchObject([
      { region: 'eastus', evidence: 'verified', verifiedAt },
      { region: 'westus', evidence: 'verified', verifiedAt },
    ]);
    app.nowMs += registry.replicationSloMs;
    expect((await bodyOf({ verify: true })).regions).toMatchObject([{ verifiedAt }, { verifiedAt }]);
    expect(app.manifests.requests).toEqual([]);
    app.nowMs += 1;
    const again = new Date(app.nowMs).toISOString();
    expect((await bodyOf({ verify: true })).regions).toMatchObject([
      { evidence: 'verified', verifiedAt: again },
      { evidence: 'verified', verifiedAt: again },
    ]);
    expect(app.manifests.requests.toSorted()).toEqual(['eastus v1', 'westus v1']);
    // Without the wish, an old answer of an endpoint stands.
    app.nowMs += registry.replicationSloMs + 1;
    expect((await bodyOf({})).regions).toMatchObject([{ verifiedAt: again }, { verifiedAt: again }]);
  });

  it('publishes the verdict that follows', async () => {
    const app = new InMemoryApp(['eastus', 'westus']);
    await app.process().record(push(1));
    for (const region of ['eastus', 'westus']) app.manifests.has(region, { v1: d1 });
    await app.process().question('v1', { verify: true });
    expect(app.signals()).toHaveLength(1);
  });

  it('has no answer when the image is forgotten while what was read is stored', async () => {
    const { app } = await replicated();
    const process = app.process({
      before: async ({ name }) => {
        if (name !== 'images.update') return;
        const { images } = app.ledger.process().ledger;
        const stored = await images.read(idOf(d1), noDeadline);
        if (stored !== undefined) await images.remove(idOf(d1), stored.version, noDeadline);
      },
    });
    expect(await process.question('v1', { verify: true })).toBeUndefined();
  });

  it('asks for the tag in question, however many others there are', async () => {
    const { app, process, bodyOf } = await replicated();
    for (const tag of ['t1', 't2', 't3', 't4', 't5', 't6']) {
      for (const region of ['eastus', 'westus']) await process.record(push(2, { region, tag }));
    }
    const { regions } = await bodyOf({ verify: true });
    expect(regions).toMatchObject([{ evidence: 'verified' }, { evidence: 'verified' }]);
    expect(app.manifests.requests.filter((one) => one === 'eastus v1')).toHaveLength(1);
  });
});

it.each([
  ['a deletion', deletion(8)],
  ['the revert of its tag', push(8, { digest: d2 })],
])('what a region answered before %s that is recorded meanwhile is not kept', async (_, meanwhile) => {
  const app = new InMemoryApp(['eastus', 'westus']);
  const process = app.process();
  await process.record(push(1, { region: 'eastus' }));
  await process.record(push(9, { region: 'eastus', tag: 'v2' }));
  app.manifests.has('westus', { v1: d1 });
  app.nowMs = at(10);
  const head = app.manifests.head.bind(app.manifests);
  app.manifests.head = async (...question) => {
    const answer = await head(...question);
    app.manifests.head = head;
    await app.process().record(meanwhile);
    await app.process().record(push(9, { region: 'eastus' }));
    return answer;
  };
  await process.question('v1', { verify: true });
  expect(app.manifests.head).toBe(head);
  const facts = app.ledger.image(idOf(d1))?.references.flatMap((one) => one.facts);
  expect(facts?.map(({ region, evidence }) => [region, evidence])).toEqual([
    ['eastus', 'webhook'],
    ['eastus', 'webhook'],
    ['eastus', 'webhook'],
  ]);
});

describe('a question with pullable', () => {
  it('gives the grade where manifest, config and layers answered, and keeps it', async () => {
    const { bodyOf } = await replicated();
    const verifiedAt = new Date(at(10)).toISOString();
    const pullable = { checked: 2, missing: [] };
    expect(await bodyOf({ pullable: true })).toMatchObject({
      status: 200,
      regions: [
        { region: 'eastus', evidence: 'pullable', verifiedAt, pullable },
        { region: 'westus', evidence: 'pullable', verifiedAt, pullable },
      ],
    });
    expect((await bodyOf({})).regions).toMatchObject([{ evidence: 'pullable' }, { evidence: 'pullable' }]);
    expect((await bodyOf({}, d1)).regions).toMatchObject([
      { evidence: 'pullable' },
      { evidence: 'pullable' },
    ]);
  });

  it('names the layer that a region lacks, and takes nothing back', async () => {
    const { app, bodyOf } = await replicated();
    app.manifests.missingBlobs.add(`westus ${layer}`);
    expect(await bodyOf({ pullable: true })).toMatchObject({
      status: 200,
      state: 'replicated',
      regions: [
        { evidence: 'pullable' },
        { evidence: 'verified', pullable: { checked: 2, missing: [layer] } },
      ],
      repairs: [{ region: 'westus', from: 'eastus' }],
    });
    app.manifests.missingBlobs.clear();
    const { regions } = await bodyOf({ pullable: true });
    expect(regions).toMatchObject([{ evidence: 'pullable' }, { evidence: 'pullable' }]);
    expect(app.manifests.requests).toEqual([`westus ${layer}`]);
  });

  it('names the manifest where a region lacks that, and says why where a region cannot be asked', async () => {
    const { app, bodyOf } = await replicated();
    app.manifests.has('eastus', {});
    app.manifests.regions.set('westus', { kind: 'unverified', reason: 'answered 503' });
    expect((await bodyOf({ pullable: true })).regions).toEqual([
      expect.objectContaining({ evidence: 'webhook', pullable: { checked: 0, missing: [d1] } }),
      expect.objectContaining({
        evidence: 'webhook',
        pullable: { checked: 0, missing: [], reason: 'answered 503' },
      }),
    ]);
  });

  it('asks for the platforms of an index with closure only, and gives no lasting grade without', async () => {
    const { app, bodyOf } = await replicated();
    app.manifests.parts.set(d1, { kind: 'index', children: [d2] });
    app.manifests.parts.set(d2, { kind: 'image', blobs: [config, layer] });
    for (const region of ['eastus', 'westus']) app.manifests.has(region, { v1: d1 }, [d2]);
    app.manifests.missingBlobs.add(`westus ${layer}`);
    expect((await bodyOf({ pullable: true })).regions).toMatchObject([
      { evidence: 'pullable', pullable: { checked: 0, missing: [] } },
      { evidence: 'pullable', pullable: { checked: 0, missing: [] } },
    ]);
    expect((await bodyOf({})).regions).toMatchObject([{ evidence: 'verified' }, { evidence: 'verified' }]);
    expect((await bodyOf({ pullable: true, closure: true })).regions).toMatchObject([
      { evidence: 'pullable', pullable: { checked: 2, missing: [] } },
      { evidence: 'verified', pullable: { checked: 2, missing: [layer] } },
    ]);
    expect((await bodyOf({})).regions).toMatchObject([{ evidence: 'pullable' }, { evidence: 'verified' }]);
  });

  it('is held back with wait until a pull works in each region that is waited for, and by no other', async () => {
    const { app, bodyOf } = await replicated({ regions: ['eastus'] });
    app.manifests.missingBlobs.add(`westus ${layer}`);
    const body = await bodyOf({ pullable: true, waitMs: 60_000 });
    expect(body.leftOut).toEqual([{ region: 'westus', reason: 'notSelected' }]);
    expect(body.regions).toMatchObject([
      { region: 'eastus', evidence: 'pullable' },
      { region: 'westus', evidence: 'verified', pullable: { missing: [layer] } },
    ]);
  });

  it('forgets during a wait what was learned of the image that the tag pointed at before', async () => {
    const { app, process, bodyOf } = await replicated();
    app.manifests.missingBlobs.add(`westus ${layer}`);
    const asking = bodyOf({ pullable: true, waitMs: 60_000 });
    await expect.poll(() => app.manifests.requests.includes(`westus ${layer}`)).toBe(true);
    app.manifests.parts.set(d2, { kind: 'image', blobs: [config] });
    for (const region of ['eastus', 'westus']) app.manifests.has(region, { v1: d2 });
    for (const region of ['eastus', 'westus']) await process.record(push(9, { region, digest: d2 }));
    expect(await asking).toMatchObject({
      digest: d2,
      regions: [{ evidence: 'pullable' }, { evidence: 'pullable', pullable: { checked: 1, missing: [] } }],
    });
  });

  it('forgets during a wait what was learned before another process recorded a deletion and a push', async () => {
    const { app, bodyOf } = await replicated();
    app.manifests.missingBlobs.add(`westus ${layer}`);
    const asking = bodyOf({ pullable: true, waitMs: 60_000 });
    await expect.poll(() => app.manifests.requests.includes(`westus ${layer}`)).toBe(true);
    const other = app.process();
    app.manifests.missingBlobs.clear();
    await other.record(deletion(8));
    for (const region of ['eastus', 'westus']) await other.record(push(9, { region }));
    expect((await asking).regions).toMatchObject([{ evidence: 'pullable' }, { evidence: 'pullable' }]);
    const asked = app.manifests.requests.filter((one) => one === `eastus ${layer}`);
    expect(asked).toHaveLength(2);
  });

  it('asks anew for what an image took before it was deleted and pushed again', async () => {
    const { app, process, bodyOf } = await replicated();
    await bodyOf({ pullable: true });
    await process.record(deletion(20));
    app.nowMs = at(30);
    for (const region of ['eastus', 'westus']) await process.record(push(25, { region }));
    app.manifests.missingBlobs.add(`westus ${layer}`);
    expect((await bodyOf({ pullable: true })).regions).toMatchObject([
      { evidence: 'pullable' },
      { evidence: 'verified', pullable: { missing: [layer] } },
    ]);
  });
});

describe('a superseded digest', () => {
  it('is asked for all the same, for whoever waits for some regions only', async () => {
    const { app, process, bodyOf } = await replicated();
    await process.record(push(3, { region: 'eastus', digest: d3, tag: 'other' }));
    await process.record(push(4, { region: 'eastus', digest: d2, tag: 'other' }));
    app.manifests.has('eastus', { other: d2 }, [d3]);
    const body = await bodyOf({ verify: true }, d3);
    expect(body).toMatchObject({ status: 409, state: 'superseded' });
    expect(body.regions).toMatchObject([{ region: 'eastus', evidence: 'verified' }, { region: 'westus' }]);
  });
});

describe('a question with gone', () => {
  const states = ({ regions }: { readonly regions: readonly object[] }) => regions;

  it('is answered with the regions that still have the image', async () => {
    const { app, bodyOf } = await replicated();
    app.manifests.has('westus', {});
    const body = await bodyOf({ gone: true });
    expect(body.status).toBe(202);
    expect(states(body)).toStrictEqual([
      { region: 'eastus', state: 'present' },
      { region: 'westus', state: 'gone', evidence: 'verified' },
    ]);
  });

  it('asks only the regions that may still have it', async () => {
    const { app, bodyOf } = await replicated();
    app.manifests.has('westus', {});
    await bodyOf({ gone: true });
    expect((await bodyOf({ gone: true })).status).toBe(202);
    expect(app.manifests.requests).toContain(`eastus ${d1}`);
    expect(app.manifests.requests.filter((one) => one.startsWith('westus'))).toEqual([]);
  });

  it('is answered with 200 when no endpoint has it, and asks no more then', async () => {
    const { app, bodyOf } = await replicated();
    for (const region of ['eastus', 'westus']) app.manifests.has(region, {});
    expect(await bodyOf({ gone: true })).toMatchObject({ status: 200, state: 'deleted' });
    expect(await bodyOf({ gone: true })).toMatchObject({ status: 200 });
    expect(app.manifests.requests).toEqual([]);
  });

  it('says why where a region cannot be asked, which is not gone', async () => {
    const { app, bodyOf } = await replicated();
    app.manifests.has('eastus', {});
    app.manifests.regions.set('westus', {
      kind: 'unverified',
      reason: 'answered 404, and not as a registry does',
    });
    const body = await bodyOf({ gone: true });
    expect(body.status).toBe(202);
    expect(states(body)).toMatchObject([
      { state: 'gone' },
      { state: 'present', reason: 'answered 404, and not as a registry does' },
    ]);
  });

  it('is answered anew after a push', async () => {
    const { app, process, bodyOf } = await replicated();
    for (const region of ['eastus', 'westus']) app.manifests.has(region, {});
    expect(await bodyOf({ gone: true })).toMatchObject({ status: 200 });
    app.nowMs = at(30);
    app.manifests.has('westus', { v1: d1 });
    await process.record(push(29, { region: 'westus' }));
    expect(await bodyOf({ gone: true })).toMatchObject({ status: 202 });
  });
});

/** Until everything is done that waits for no time. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a question that waits', () => {
  /** Eastus told of the image, and westus lacks it, unless the question is whether it is gone. */
  async function waiting(
    wish: Partial<ReplicationQuery>,
    world: ConstructorParameters<typeof InMemoryApp>[1] = {},
  ) {
    const app = new InMemoryApp(['eastus', 'westus'], world);
    const process = app.process();
    await process.record(push(1));
    app.manifests.has('eastus', { v1: d1 });
    app.manifests.has('westus', wish.gone === true ? { v1: d1 } : {});
    app.nowMs = at(10);
    let result: Awaited<ReturnType<typeof process.question>> | 'waits' = 'waits';
    const asking = process.question('v1', { waitMs: 5_000_000, ...wish }).then((one) => {
      result = one;
    });
    await settle();
    let others = 0;
    /** Has it look again, some seconds after the start. */
    const lookAt = async (seconds: number) => {
      app.nowMs = at(seconds);
      others += 1;
      await process.record(push(1, { tag: `t${others}`, digest: digestNumber(others) }));
      await settle();
    };
    const end = async () => {
      await lookAt(10_000);
      await asking;
      return result;
    };
    return { app, process, lookAt, end, result: () => result };
  }

  it('asks the endpoints again after five seconds, and then every ten', async () => {
    const { app, lookAt, end } = await waiting({ verify: true });
    const askedAt: number[] = [];
    for (let seconds = 11; seconds <= 45; seconds += 1) {
      app.manifests.requests.length = 0;
      await lookAt(seconds);
      if (app.manifests.requests.length > 0) askedAt.push(seconds);
    }
    await end();
    expect(askedAt).toEqual([15, 25, 35, 45]);
  });

  it('goes on at once where one check was too small, and counts from its end', async () => {
    let checks = 0;
    const states = new Map([['eastus', { checked: 0, missing: [], unchecked: 9, reason: undefined }]]);
    const share = async () => {
      checks += 1;
      return { states, isCut: checks < 3, isWhole: true };
    };
    const { lookAt, end } = await waiting({ pullable: true }, { pulls: () => ({ ...pullMemory(), share }) });
    const counts: number[] = [];
    for (const seconds of [10, 10, 14, 15, 24, 25]) {
      await lookAt(seconds);
      counts.push(checks);
    }
    await end();
    expect(counts).toEqual([3, 3, 3, 4, 4, 5]);
  });

  it('is answered once the state is another one, and asks no endpoint without the wish', async () => {
    const { app, lookAt, end, result } = await waiting({});
    await lookAt(600);
    expect(result()).toBe('waits');
    await lookAt(601);
    expect(result()).toMatchObject({ answer: { status: 202, state: 'stalled' } });
    await end();
    expect(app.manifests.requests).toEqual([]);
  });

  it('whether an image is gone is answered once it is, and not with its deletion', async () => {
    const { app, process, lookAt, end, result } = await waiting({ gone: true });
    await process.record(deletion(20, d1, 'eastus'));
    await settle();
    expect(result()).toBe('waits');
    app.manifests.has('westus', {});
    await lookAt(30);
    expect(result()).toMatchObject({ answer: { status: 200, state: 'deleted' } });
    await end();
  });

  it('tells nothing of pulls before a deletion', async () => {
    const { process, end, result } = await waiting({ pullable: true });
    await process.record(deletion(20));
    await end();
    expect(result()).toMatchObject({ answer: { state: 'deleted' }, pulls: undefined });
  });

  it('ends with its deadline, and leaves nobody waiting', async () => {
    const controller = new AbortController();
    const signals: AbortSignal[] = [];
    const changes = () => {
      const known = imageChanges();
      const next: typeof known.next = (registryName, repository, signal) => {
        signals.push(signal);
        return known.next(registryName, repository, signal);
      };
      return { ...known, next };
    };
    const app = new InMemoryApp(['eastus', 'westus'], { changes });
    const process = app.process();
    await process.record(push(1));
    const asking = process.question('v1', { waitMs: 300_000 }, { ...noDeadline, signal: controller.signal });
    await settle();
    controller.abort();
    await process.record(push(2, { tag: 'v2' }));
    expect((await asking)?.answer.state).toBe('pending');
    expect(signals.length).toBeGreaterThan(1);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
  });
});

describe('a question', () => {
  it('about an image that was never seen has no answer', async () => {
    const { process } = await replicated();
    for (const reference of ['unknown', d3]) expect(await process.question(reference)).toBeUndefined();
  });

  it.each<[what: string, wish: Partial<ReplicationQuery>]>([
    ['it is everywhere', {}],
    ['it is gone, whatever a pull would take', { gone: true, pullable: true }],
  ])('that may wait is answered at once where %s', async (_, wish) => {
    const { app, process } = await replicated();
    if (wish.gone) for (const region of ['eastus', 'westus']) app.manifests.has(region, {});
    let status: number | undefined;
    const asking = process.question('v1', { waitMs: 60_000, ...wish }).then((result) => {
      status = result?.answer.status;
    });
    await settle();
    const atOnce = status;
    app.nowMs += 60_000;
    await asking;
    expect(atOnce).toBe(200);
  });

  it('about a digest that has no tag reads no tag', async () => {
    const app = new InMemoryApp(['eastus']);
    const process = app.process();
    await process.record(push(1, { tag: undefined }));
    await process.question(d1);
    expect(process.operations.map(({ name }) => name)).not.toContain('tags.read');
  });

  it('about a deleted image asks no endpoint', async () => {
    const { app, process, bodyOf } = await replicated();
    await process.record(deletion(8));
    expect(await bodyOf({ verify: true })).toMatchObject({ status: 410 });
    expect(app.manifests.requests).toEqual([]);
  });

  it.each<[what: string, wish: Partial<ReplicationQuery>, isThere: boolean]>([
    ['names the images of an index on request', { closure: true }, true],
    ['names none of them otherwise', {}, false],
    ['names none where it is whether they are gone', { closure: true, gone: true }, false],
  ])('%s', async (_, wish, isThere) => {
    const { app, process } = await replicated();
    app.manifests.parts.set(d1, { kind: 'index', children: [d2] });
    const closure = { complete: false, children: [{ digest: d2, missing: ['eastus', 'westus'] }] };
    const result = await process.question('v1', wish);
    if (isThere) expect(result?.closure).toMatchObject(closure);
    else expect(result?.closure).toBeUndefined();
  });

  it.each<
    [what: string, reported: readonly string[], wish: Partial<ReplicationQuery>, etaMs: number | undefined]
  >([
    ['what a copy takes, less the time that it had', ['eastus'], {}, 20_000],
    ['nothing where it is everywhere', ['eastus', 'westus'], {}, undefined],
    ['nothing where it is whether it is gone', ['eastus'], { gone: true }, undefined],
  ])('tells how long it will take: %s', async (_, reported, wish, etaMs) => {
    const app = new InMemoryApp(['eastus', 'westus']);
    const process = app.process();
    for (const region of reported) await process.record(push(1, { region }));
    const times = { westus: { '100 B': [30_000], all: [30_000] } };
    await app.ledger.process().ledger.copyTimes.write(loginServer, times, undefined, noDeadline, noCopies);
    app.nowMs = at(10);
    expect((await process.question('v1', wish))?.etaMs).toBe(etaMs);
  });

  it('goes by no replicas of another registry, that has the same ARM id by now', async () => {
    const { app } = await replicated();
    expect(await viewOf({ registry, loginServer }, app.directory, noDeadline)).toBe(app.directory.current);
    const before = { registry, loginServer: 'myregistry-old.azurecr.io' };
    expect(await viewOf(before, app.directory, noDeadline)).toBeUndefined();
  });

  it('stores what it learned with one read and one write, and nothing where that is nothing', async () => {
    const woken: ImageId[] = [];
    const changes = () => ({ notify: (id: ImageId) => void woken.push(id), next: async () => {} });
    const app = new InMemoryApp(['eastus', 'westus'], { changes });
    const process = app.process();
    for (const region of ['eastus', 'westus']) {
      await process.record(push(1, { region }));
      app.manifests.has(region, { v1: d1 });
    }
    app.manifests.parts.set(d1, { kind: 'image', blobs: [config, layer] });
    app.nowMs = at(10);
    /** The calls that store something, and how often others are woken. */
    const costOf = async (wish: Partial<ReplicationQuery>) => {
      const [before, wokenBefore] = [process.operations.length, woken.length];
      await process.question('v1', wish);
      const made = process.operations.slice(before).map(({ name }) => name);
      const others = ['tags.read', 'images.read'];
      // The answer itself reads the tag and its image, once or twice.
      return [made.filter((name) => !others.includes(name)), woken.length - wokenBefore];
    };
    expect(await costOf({ pullable: true })).toEqual([['images.update'], 1]);
    expect(await costOf({ pullable: true })).toEqual([[], 0]);
    app.nowMs += registry.replicationSloMs;
    expect(await costOf({ pullable: true })).toEqual([[], 0]);
    app.nowMs += 1;
    expect(await costOf({ verify: true })).toEqual([['images.update'], 1]);
    expect(await costOf({ gone: true })).toEqual([[], 0]);
    app.manifests.has('westus', {});
    expect(await costOf({ gone: true })).toEqual([['images.update'], 1]);
  });

  it('counts what an endpoint answered as long ago as the objective, for a pull too', async () => {
    const { app, bodyOf } = await replicated();
    await bodyOf({ verify: true });
    app.nowMs += registry.replicationSloMs;
    const pullable = { checked: 2, missing: [] };
    expect((await bodyOf({ pullable: true })).regions).toMatchObject([{ pullable }, { pullable }]);
    expect(app.manifests.requests.filter((one) => one.endsWith('v1'))).toEqual([]);
  });
});

describe('a question with pullable that waits for the last copy', () => {
  // As a pipeline asks right after its push.
  it.each([
    ['works everywhere', [], { evidence: 'pullable', pullable: { checked: 2, missing: [] } }],
    ['lacks a layer there', [layer], { evidence: 'verified', pullable: { missing: [layer] } }],
  ])('asks anew once it has come, and the answer is that a pull %s', async (_, missing, westus) => {
    const app = new InMemoryApp(['eastus', 'westus']);
    const process = app.process();
    await process.record(push(1, { region: 'eastus' }));
    app.manifests.has('eastus', { v1: d1 });
    app.manifests.has('westus', {});
    app.manifests.parts.set(d1, { kind: 'image', blobs: [config, layer] });
    for (const blob of missing) app.manifests.missingBlobs.add(`westus ${blob}`);
    const asking = process.question('v1', { pullable: true, waitMs: 25_000 });
    await expect.poll(() => app.manifests.requests).toContain('westus v1');
    const { length: askedBefore } = app.manifests.requests;
    app.manifests.has('westus', { v1: d1 });
    app.nowMs = at(2);
    await process.record(push(1, { region: 'westus' }));
    await expect.poll(() => app.manifests.requests.length).toBeGreaterThan(askedBefore);
    // The wait is over, and a change wakes the question.
    app.nowMs = at(40);
    await process.record(push(1, { region: 'eastus', tag: 'other' }));
    const result = await asking;
    if (result === undefined) throw new Error('it was never seen');
    const { regions } = replicationBody(result, registry, new Date(app.nowMs));
    expect(regions.find(({ region }) => region === 'westus')).toMatchObject(westus);
  });
});
