import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleRegistry } from '../../../local/azure/sample.ts';
import { imagesTable } from '../../../src/azure/storage/ledger.ts';
import { openTable } from '../../../src/azure/storage/tables.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import { encodeImage } from '../../../src/replication/image-codec.ts';
import { digestOf, registryEvent, type Told } from '../registry-notifications.ts';
import {
  installReplication,
  type ReplicationInstallation,
  regions,
  registry,
} from '../replication-installation.ts';
import type { Phase } from '../storage-proxy.ts';

const replicated = 'evenkeel.registry.replicated';
/** Three regions are to hold its images. */
const three = 'threeregistry';
/** One region is, so that one webhook goes all the way from the first entry to the last mark. */
const single = 'singleregistry';

const entries: Readonly<Record<string, object>> = {
  [three]: { regions: regions.slice(0, 3) },
  [single]: { regions: ['eastus'] },
};

let world: ReplicationInstallation;
/** Base URL of a second instance of the app. */
let elsewhere: string;
beforeAll(async () => {
  const registries = [registry, three, single].map((name) => ({ ...sampleRegistry, name }));
  world = await installReplication({ azure: { registries }, entry: (name) => ({ ...entries[name] }) });
  elsewhere = (await world.startHost()).url;
});
afterAll(() => world.close());

const subjectOf = ({ repository = '', tag = '' }: Told) => `${repository}:${tag}`;
const idsOf = (image: Told) => world.signalIds(replicated, subjectOf(image));

describe('notifications that come together', () => {
  it('are one signal when the last webhook comes fifty times at once', async () => {
    const image = { repository: 'faults/fifty', digest: digestOf('fifty'), tag: 'v1' };
    await world.tellAll(image, regions.slice(1));
    const last = { ...image, region: 'eastus' };
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.tell(last)));
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(idsOf(image)).toHaveLength(1);
  });

  it('are one signal when two instances get the same webhooks at once', async () => {
    const images = ['1', '2', '3'].map((tag) => ({
      ...{ repository: 'faults/both', digest: digestOf(`both ${tag}`), tag },
    }));
    const answers = images.flatMap((image) =>
      regions.flatMap((region) => [
        world.tell({ ...image, region }),
        world.tell({ ...image, region }, elsewhere),
      ]),
    );
    expect(new Set(await Promise.all(answers))).toEqual(new Set([200]));
    for (const image of images) {
      expect((await world.ask(image.tag, { repository: image.repository })).status).toBe(200);
      expect(idsOf(image)).toHaveLength(1);
    }
  });
});

describe('instances that race for one image', () => {
  it('refuse no webhook when others are always first, and the answer and the signal are right', async () => {
    const image = { repository: 'faults/contended', digest: digestOf('contended'), tag: 'v1' };
    await world.tellAll(image, ['eastus']);
    const name = image.digest.slice('sha256:'.length);
    const release = world.tables.contend(
      (asked) => asked.method === 'PUT' && asked.name === 'EvenkeelImages' && asked.text.includes(name),
    );
    try {
      await world.tellAll(image, regions.slice(1));
      expect((await world.ask('v1', { repository: image.repository })).status).toBe(200);
    } finally {
      release();
    }
    expect(idsOf(image)).toEqual([]);
    await world.review();
    expect(idsOf(image)).toHaveLength(1);
  }, 60_000);

  it('refuse none of many webhooks of one image that come to each of them at once', async () => {
    const image = { repository: 'faults/many', digest: digestOf('many') };
    const hosts = [world.host.url, elsewhere, (await world.startHost()).url, (await world.startHost()).url];
    const tags = Array.from({ length: 15 }, (_, index) => `v${index}`);
    const answers = await Promise.all(
      hosts.flatMap((via, index) =>
        tags.map((tag) => world.tell({ ...image, tag, region: regions[index] ?? '' }, via)),
      ),
    );
    expect(new Set(answers)).toEqual(new Set([200]));
    await world.review();
    for (const tag of tags) {
      expect((await world.ask(tag, { repository: image.repository })).status).toBe(200);
      expect(world.signalIds(replicated, `faults/many:${tag}`)).toHaveLength(1);
    }
  }, 60_000);
});

describe('what a push costs in table storage', () => {
  const asked = (from: number) =>
    world.tables.requests.slice(from).map(({ method, name }) => `${method} ${name}`);

  it('is at most nine requests for three regions, and one read for a duplicate', async () => {
    // Creates the tables, and has the replicas known.
    await world.tellAll({ registry: three, repository: 'faults/warm', digest: digestOf('warm'), tag: 'v1' });
    const image = { registry: three, repository: 'faults/cost', digest: digestOf('cost'), tag: 'v1' };
    const from = world.tables.requests.length;
    for (const region of regions.slice(0, 3)) await world.tellAll(image, [region]);
    expect(idsOf(image)).toHaveLength(1);
    expect(asked(from).length).toBeLessThanOrEqual(9);

    for (const via of [world.host.url, elsewhere]) {
      for (const region of regions.slice(0, 3)) {
        const before = world.tables.requests.length;
        expect(await world.tell({ ...image, region }, via)).toBe(200);
        expect(['', 'GET EvenkeelImages']).toContain(asked(before).join());
      }
    }
  });
});

describe('table storage that is down', () => {
  it('has notifications refused and queries unanswered with a time to come back, and nothing is lost or half stored', async () => {
    const image = { repository: 'faults/down', digest: digestOf('down'), tag: 'v1' };
    const known = { repository: 'faults/down', digest: digestOf('known'), tag: 'v2' };
    await world.tellAll(known, regions.slice(1));
    const event = registryEvent(world.azure.registries.id(registry), { ...image, location: 'westus' });
    const restore = world.tables.refuse();
    try {
      const refused = await Promise.all([
        world.send({ ...image, region: 'eastus' }),
        world.send({ ...known, region: 'eastus' }),
        world.ask('v1', { repository: image.repository }),
        world.ask('v2', { repository: image.repository, wait: '1' }),
      ]);
      for (const { status, retryAfter } of refused) {
        expect(status).toBe(503);
        expect(Number(retryAfter)).toBeGreaterThan(0);
      }
      expect(await world.deliver(event, 'receiveRegistryEvent')).toBe(500);
    } finally {
      restore();
    }
    expect((await world.ask('v1', { repository: image.repository })).status).toBe(404);
    expect(await world.ask('v2', { repository: image.repository })).toMatchObject({
      ...{ status: 202, body: { state: 'pending' } },
    });
    expect(await world.deliver(event, 'receiveRegistryEvent')).toBe(202);
    await world.tellAll(image);
    await world.tellAll(known, ['eastus']);
    for (const one of [image, known]) {
      expect((await world.ask(one.tag, { repository: one.repository })).status).toBe(200);
      expect(idsOf(one)).toHaveLength(1);
    }
  });
});

describe('table storage that is busy, or late with its answer', () => {
  it.each<[string, string, 'busy' | 'timeOut']>([
    ['has done nothing, and is asked again', 'faults/busy', 'busy'],
    ['may have stored the webhook, which is not stored twice', 'faults/late', 'timeOut'],
  ])('%s', async (what, repository, fault) => {
    const image = { registry: single, repository, digest: digestOf(what), tag: 'v1' };
    const end = world.tables[fault](
      ({ name, text }) => name === 'EvenkeelImages' && text.includes(repository.slice('faults/'.length)),
    );
    const refused = await world.send({ ...image, region: 'eastus' }).finally(end);
    expect(refused.status).toBe(503);
    expect(Number(refused.retryAfter)).toBeGreaterThan(0);
    await world.tellAll(image, ['eastus']);
    await world.review();
    expect(await world.ask(image.digest, { registry: single, repository })).toMatchObject({
      status: 200,
      body: { regions: [{ region: 'eastus', state: 'available' }] },
    });
    expect(world.signals(replicated).filter(({ subject }) => subject === subjectOf(image))).toHaveLength(1);
  });
});

describe('an image that fills its entity', () => {
  const images = () => {
    const connectionString = world.tables.inFrontOf(world.azure.storage?.connectionString ?? '');
    return imagesTable(
      openTable('EvenkeelImages', { kind: 'connectionString', connectionString }, undefined),
    );
  };
  const soon = () => deadlineIn(20_000);

  it('takes a notification once the race is over where 255 properties leave no room for it beside the image', async () => {
    const told = { repository: 'faults/beside', digest: digestOf('beside'), tag: 'v1' };
    await world.tellAll(told, ['eastus']);
    const id = { registry: 'myregistry.azurecr.io', repository: told.repository, digest: told.digest };
    // Each to a region of its own, so that to take them in costs no reads.
    const notices = Array.from({ length: 251 }, (_, index) => ({
      receivedAtMs: Date.now(),
      notification: {
        ...({ kind: 'push', image: id, tag: 'v1', evidence: 'event', sizeBytes: 524 } as const),
        region: `region${index}`,
        at: new Date(Date.UTC(2026, 10, 21, 8)),
      },
    }));
    expect(await images().append(id, notices, soon())).toBe(true);
    const name = told.digest.slice('sha256:'.length);
    const end = world.tables.contend(
      (asked) => asked.method === 'PUT' && asked.name === 'EvenkeelImages' && asked.text.includes(name),
    );
    const answer = world.tellAll(told, ['westeurope']);
    try {
      await expect.poll(() => world.tables.limits, { timeout: 60_000 }).toContain('TooManyProperties');
    } finally {
      end();
    }
    await answer;
    await world.tellAll(told, regions.slice(1));
    expect((await world.ask('v1', { repository: told.repository })).status).toBe(200);
    expect(idsOf(told)).toHaveLength(1);
    expect((await images().read(id, soon()))?.notices).toEqual([]);
  }, 120_000);

  it('gives up old pushes before it grows beyond 1 MiB, and its newest ones are answered for', async () => {
    const told = { registry: single, repository: 'faults/large', digest: digestOf('large'), tag: 'v0' };
    await world.tellAll(told, ['eastus']);
    const id = { registry: 'singleregistry.azurecr.io', repository: told.repository, digest: told.digest };
    const stored = await images().read(id, soon());
    const [reference] = stored?.image.references ?? [];
    const [fact] = reference?.facts ?? [];
    if (stored === undefined || reference === undefined || fact === undefined) throw new Error('not stored');
    const old = (tag: string, pushes: number) => ({
      ...reference,
      tag,
      facts: Array.from({ length: pushes }, (_, index) => ({ ...fact, atMs: fact.atMs - index })),
    });
    const references = [reference];
    const full = { ...stored.image, references };
    // As much as the service takes, and no room for anything else.
    while (encodeImage(full).length < 490_000) references.unshift(old(`old-${references.length}`, 300));
    for (let pushes = 1; encodeImage(full).length < 521_000; pushes += 20) references[0] = old('old', pushes);
    await images().update(full, stored.version, soon());
    const from = world.tables.limits.length;
    const tags = Array.from({ length: 12 }, (_, index) => `${'t'.repeat(100)}${index}`);
    const answers = await Promise.all(tags.map((tag) => world.tell({ ...told, tag, region: 'eastus' })));
    expect(new Set(answers)).toEqual(new Set([200]));
    for (const tag of [...tags, 'v0'])
      expect((await world.ask(tag, { registry: single, repository: told.repository })).status).toBe(200);
    expect(world.tables.limits.slice(from)).toEqual([]);
  });
});

describe('the longest name that a repository may have', () => {
  it('goes from the first webhook to the index of finished images, and holds up no other image', async () => {
    const long = { repository: `${'a/'.repeat(126)}end`, digest: digestOf('long'), tag: 'v1' };
    const other = { repository: 'faults/short', digest: digestOf('short'), tag: 'v1' };
    await world.tellAll(long);
    await world.tellAll(other);
    await world.review();
    const from = world.tables.requests.length;
    await world.review();
    const asked = world.tables.requests.slice(from).map(({ name, text }) => `${name} ${text}`);
    const isOfOne = (text: string) =>
      [long, other].some(({ digest }) => text.includes(digest.slice('sha256:'.length)));
    expect(asked.filter((text) => text.startsWith('EvenkeelImages') && isOfOne(text))).toEqual([]);
    expect((await world.ask('v1', { repository: long.repository })).status).toBe(200);
    expect(idsOf(long)).toHaveLength(1);
  }, 60_000);
});

describe('a topic that is down', () => {
  it('has webhooks accepted all the same, and the signal follows with the review once it is back', async () => {
    const image = { repository: 'faults/topic', digest: digestOf('topic'), tag: 'v1' };
    const { remove } = world.azure.faults.add({ match: 'Topics_PublishEvents', kind: 'status', status: 503 });
    try {
      await world.tellAll(image);
    } finally {
      remove();
    }
    expect((await world.ask('v1', { repository: image.repository })).status).toBe(200);
    expect(idsOf(image)).toEqual([]);
    await world.review();
    expect(idsOf(image)).toHaveLength(1);
  });
});

describe('a topic that refuses one signal', () => {
  it('gets those of other images at once', async () => {
    const bad = { repository: 'faults/refused', digest: digestOf('refused'), tag: 'v1' };
    const others = ['1', '2', '3'].map((tag) => ({
      ...{ repository: 'faults/taken', digest: digestOf(`taken ${tag}`), tag },
    }));
    const { remove } = world.azure.faults.add({
      match: ({ operation, body }) =>
        operation === 'Topics_PublishEvents' && JSON.stringify(body).includes(bad.repository),
      kind: 'status',
      status: 400,
    });
    try {
      await world.tellAll(bad);
      for (const other of others) {
        await world.tellAll(other);
        expect(idsOf(other)).toHaveLength(1);
      }
      expect(idsOf(bad)).toEqual([]);
    } finally {
      remove();
    }
    await world.review();
    expect(idsOf(bad)).toHaveLength(1);
  });
});

describe('a notification from before the retention', () => {
  it('is accepted, opens no image, and makes no signal', async () => {
    const at = new Date(Date.now() - 40 * 24 * 60 * 60_000).toISOString();
    const image = { repository: 'faults/forgotten', digest: digestOf('forgotten'), tag: 'v1', at };
    const answer = await world.send({ ...image, region: 'eastus' });
    expect(answer).toMatchObject({ status: 200, body: { result: 'outdated' } });
    expect((await world.ask('v1', { repository: image.repository })).status).toBe(404);
    const name = image.digest.slice('sha256:'.length);
    expect(
      world.tables.requests.filter(({ method, text }) => method !== 'GET' && text.includes(name)),
    ).toEqual([]);
  });
});

interface CrashPoint {
  readonly at: string;
  /** The request at which the process dies: before its effect, or after it and before its answer. */
  readonly request: string;
  readonly phase: Phase;
  /** Whether the last webhook was stored by then. */
  readonly isStored: boolean;
  /** Whether two other regions told of the image before. */
  readonly isKnown?: boolean;
}

const crashPoints: readonly CrashPoint[] = [
  { at: 'before-entry', request: 'PUT EvenkeelOpenImages', phase: 'before', isStored: false },
  { at: 'after-entry', request: 'PUT EvenkeelOpenImages', phase: 'after', isStored: false },
  { at: 'after-tag', request: 'PATCH EvenkeelTags', phase: 'after', isStored: false },
  { at: 'before-insert', request: 'POST EvenkeelImages', phase: 'before', isStored: false },
  { at: 'after-insert', request: 'POST EvenkeelImages', phase: 'after', isStored: true },
  { at: 'before-verdict', request: 'PUT EvenkeelImages', phase: 'before', isStored: false, isKnown: true },
  { at: 'after-verdict', request: 'PUT EvenkeelImages', phase: 'after', isStored: true, isKnown: true },
  { at: 'before-mark', request: 'PUT EvenkeelImages', phase: 'before', isStored: true },
  { at: 'after-mark', request: 'PUT EvenkeelImages', phase: 'after', isStored: true },
];

const crashing = (at: string, isKnown = false) => ({
  registry: isKnown ? three : single,
  repository: `crash-${at}`,
  digest: digestOf(at),
  tag: 'v1',
});

describe('an instance that is killed', () => {
  it('at any write, or while it publishes, loses no stored webhook: the signal comes, always under one id', async () => {
    await world.tellAll({ ...crashing('never'), repository: 'crash-never' }, ['eastus']);
    for (const { at, isKnown } of crashPoints.filter((point) => point.isKnown)) {
      await world.tellAll(crashing(at, isKnown), regions.slice(1, 3));
    }
    const publishing = crashing('publishing');
    const topic = world.azure.faults.add({
      match: ({ operation, body }) =>
        operation === 'Topics_PublishEvents' && JSON.stringify(body).includes(publishing.repository),
      kind: 'hang',
    });
    const held = crashPoints.map(({ at, request, phase }) =>
      world.tables.hold(
        ({ method, name, text }) => `${method} ${name}` === request && text.includes(`crash-${at}`),
        phase,
      ),
    );
    const images = [
      ...crashPoints.map(({ at, isKnown, isStored }) => ({ ...crashing(at, isKnown), isStored })),
      { ...publishing, isStored: true },
    ];
    const lost = Promise.allSettled(images.map((image) => world.tell({ ...image, region: 'eastus' })));
    await Promise.all(held);
    await expect.poll(() => topic.hits(), { timeout: 5_000 }).toBe(1);
    await world.restartHost();
    expect((await lost).map(({ status }) => status)).toEqual(images.map(() => 'rejected'));
    topic.remove();

    await world.review();
    const signalled = () =>
      Object.fromEntries(images.map((image) => [image.repository, idsOf(image).length]));
    expect(signalled()).toEqual(
      Object.fromEntries(images.map(({ repository, isStored }) => [repository, isStored ? 1 : 0])),
    );
    // Somebody sends them once more, as Event Grid does.
    for (const image of images) await world.tellAll(image, ['eastus']);
    await world.review();
    expect(signalled()).toEqual(Object.fromEntries(images.map(({ repository }) => [repository, 1])));
    for (const { registry, repository, tag } of images) {
      expect((await world.ask(tag, { registry, repository })).status).toBe(200);
    }
  });
});
