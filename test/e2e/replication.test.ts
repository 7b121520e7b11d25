import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleRegistry, sampleWebhookSecret } from '../../local/azure/sample.ts';
import { leaksIn } from './leaks.ts';
import { digestOf, minute, webhookBody } from './registry-notifications.ts';
import {
  installReplication,
  type ReplicationInstallation,
  regions,
  repository,
} from './replication-installation.ts';

const replicated = 'evenkeel.registry.replicated';
const stalled = 'evenkeel.registry.replicationStalled';
const diverged = 'evenkeel.registry.tagDiverged';

/** Its objective passes at once. */
const hasty = 'hastyregistry';
/** Two of its four regions are to hold an image. */
const halved = 'halvedregistry';
/** Its replicas come and go. */
const moving = 'movingregistry';

const entries: Readonly<Record<string, object>> = {
  [hasty]: { replicationSlo: 'PT0.4S' },
  [halved]: { regions: ['eastus', 'westus'] },
};

let world: ReplicationInstallation;
beforeAll(async () => {
  const registries = [
    sampleRegistry,
    ...[hasty, halved, moving].map((name) => ({ ...sampleRegistry, name })),
  ];
  const registryBehaviour = { copyDelayMs: [0, 0] as const };
  world = await installReplication({
    regionToCome: 'northeurope',
    growing: [sampleRegistry.name, moving],
    azure: { registries, registryBehaviour },
    entry: (name) => ({ ...entries[name] }),
  });
});
afterAll(() => world.close());

/** Resolves once an image of the hasty registry is beyond its objective. */
const untilStalled = (reference: string, repository: string) =>
  expect
    .poll(async () => (await world.ask(reference, { registry: hasty, repository })).body['state'], {
      interval: 50,
      timeout: 5_000,
    })
    .toBe('stalled');

const available = (region: string, evidence = 'webhook') => ({
  ...{ region, state: 'available', evidence },
  at: expect.stringMatching(/Z$/),
});
const waiting = (region: string) => ({ region, state: 'waiting' });

describe('an image that nobody told of', () => {
  it('is not found, with a time to ask again', async () => {
    const { status, body, retryAfter } = await world.ask('v0');
    expect(status).toBe(404);
    expect(body).toMatchObject({ error: { code: 'imageNotSeen' } });
    expect(Number(retryAfter)).toBeGreaterThan(0);
  });

  it('is not found in a registry that is not configured', async () => {
    const { status, body } = await world.ask('v0', { registry: 'unknownregistry' });
    expect(status).toBe(404);
    expect(body).toMatchObject({ error: { code: 'registryNotConfigured' } });
  });

  it.each([
    ['reference', { reference: '' }],
    ['reference', { reference: 'sha256:beef' }],
    ['repository', { repository: 'Team/App' }],
    ['registry', { registry: '' }],
    ['wait', { wait: 'long' }],
    ['verify', { verify: 'perhaps' }],
    ['closure', { closure: '2' }],
  ])('is a bad question when its %s is %j', async (name, parameters) => {
    const { status, body } = await world.ask('v0', parameters);
    expect(status).toBe(400);
    const message = expect.stringMatching(new RegExp(`^${name}: `));
    expect(body).toMatchObject({ error: { code: 'badParameter', message } });
  });
});

describe('an image of a registry in four regions', () => {
  it('is pending until every region told of it, then replicated, with one signal', async () => {
    const image = { repository: 'team/pending', digest: digestOf('pending'), tag: 'v1' };
    const { repository, digest } = image;
    await world.tellAll(image, regions.slice(0, 3));
    const before = await world.ask('v1', { repository });
    expect(before.status).toBe(202);
    expect(Number(before.retryAfter)).toBeGreaterThan(0);
    expect(before.body).toMatchObject({
      ...{ registry: 'myregistry', repository, tag: 'v1', digest },
      ...{ state: 'pending', replicatedAt: null, elapsedMs: expect.any(Number) },
      regions: [
        available('eastus'),
        available('southeastasia'),
        available('westeurope'),
        { region: 'westus', state: 'waiting' },
      ],
    });
    expect(world.signalIds(replicated, `${repository}:v1`)).toEqual([]);
    expect(await world.tell({ ...image, region: 'westus' })).toBe(200);
    for (const reference of ['v1', digest]) {
      const after = await world.ask(reference, { repository });
      expect(after.status).toBe(200);
      expect(after.body).toMatchObject({
        ...{ digest, state: 'replicated', replicatedAt: expect.stringMatching(/Z$/) },
        regions: regions.map((region) => available(region)),
      });
    }
    expect(world.signals(replicated).filter(({ subject }) => subject === `${repository}:v1`)).toHaveLength(1);
  });

  it('signals each of its tags, also when all of them lead to one digest', async () => {
    const [repository, digest] = ['team/tags', digestOf('tags')];
    await world.tellAll({ repository, digest, tag: 'v1' });
    await world.tellAll({ repository, digest, tag: 'latest', at: minute(1) });
    for (const tag of ['v1', 'latest']) {
      expect(await world.ask(tag, { repository })).toMatchObject({ status: 200, body: { digest } });
      expect(world.signalIds(replicated, `${repository}:${tag}`)).toHaveLength(1);
    }
    expect(world.signalIds(replicated, `${repository}@${digest}`)).toEqual([]);
  });

  it('signals its digest when it was pushed by its digest only', async () => {
    const [repository, digest] = ['team/untagged', digestOf('untagged')];
    await world.tellAll({ repository, digest });
    expect((await world.ask(digest, { repository })).body).toMatchObject({ state: 'replicated', tag: null });
    expect(world.signalIds(replicated, `${repository}@${digest}`)).toHaveLength(1);
  });

  it('may be a chart', async () => {
    const [repository, digest, tag] = ['charts/wordpress', digestOf('chart'), '5.4.0'];
    await world.tellAll({ repository, digest, tag, action: 'chart_push' });
    expect(await world.ask(tag, { repository })).toMatchObject({ status: 200, body: { digest } });
    await world.tellAll({ repository, digest, action: 'chart_delete', at: minute(1) });
    expect((await world.ask(tag, { repository })).status).toBe(410);
  });

  it('may be in a repository with any name that repositories can have', async () => {
    const image = { repository: 'a/b-c/d_e.f/g__h', digest: digestOf('deep'), tag: 'V_1.0-x' };
    await world.tellAll(image);
    const { status, body } = await world.ask(image.tag, { repository: image.repository });
    expect(status).toBe(200);
    expect(body).toMatchObject(image);
    expect(world.signalIds(replicated, `${image.repository}:${image.tag}`)).toHaveLength(1);
  });
});

describe('a webhook that is refused', () => {
  const image = { repository: 'team/refused', digest: digestOf('refused'), tag: 'v1' };
  const body = JSON.stringify(webhookBody(image));
  const secret = { 'x-evenkeel-secret': sampleWebhookSecret };
  const json = { 'content-type': 'application/json' };

  it.each<[number, string, Readonly<Record<string, string>>, string]>([
    [401, 'region=eastus', { ...json, 'x-evenkeel-secret': `${sampleWebhookSecret}.` }, body],
    [401, 'region=mars', {}, 'x'.repeat(70_000)],
    [413, 'region=mars', secret, 'x'.repeat(70_000)],
    [415, 'region=mars', { ...secret, 'content-type': 'text/plain' }, '{'],
    [400, 'region=eastus', { ...secret, ...json }, body.slice(1)],
    [400, 'registry=myregistry', { ...secret, ...json }, body],
    [404, 'region=mars', { ...secret, ...json }, body.replace('myregistry', 'unknownregistry')],
    [400, 'region=mars', { ...secret, ...json }, body],
  ])('with %d, for its URL with %s, leaves nothing behind', async (status, query, headers, sent) => {
    const from = world.tables.requests.length;
    const url = `${world.host.url}/api/registry-webhook?${query}`;
    const answer = await fetch(url, { method: 'POST', headers, body: sent });
    await answer.arrayBuffer();
    expect(answer.status).toBe(status);
    const asked = world.tables.requests.slice(from).filter(({ text }) => text.includes('refused'));
    expect(asked).toEqual([]);
    expect(leaksIn(world.lines)).toEqual([]);
  });
});

describe('a tag that moves on', () => {
  it('leaves an incomplete image superseded, and a complete one replicated, and both name its successor', async () => {
    const repository = 'team/moves';
    const [complete, incomplete, newest] = ['complete', 'incomplete', 'newest'].map(digestOf);
    await world.tellAll({ repository, digest: complete ?? '', tag: 'v1', at: minute(0) });
    await world.tellAll({ repository, digest: incomplete ?? '', tag: 'v1', at: minute(1) }, ['eastus']);
    await world.tellAll({ repository, digest: newest ?? '', tag: 'v1', at: minute(2) }, ['eastus']);
    const answers = await Promise.all(
      [complete, incomplete, newest, 'v1'].map((reference) => world.ask(reference ?? '', { repository })),
    );
    expect(answers).toMatchObject([
      { status: 200, body: { state: 'replicated', supersededBy: newest } },
      { status: 409, body: { state: 'superseded', supersededBy: newest } },
      { status: 202, body: { state: 'pending' } },
      { status: 202, body: { state: 'pending', digest: newest } },
    ]);
    expect(answers[2]?.body).not.toHaveProperty('supersededBy');
  });

  it('comes back to an older digest with a push of its own, and a signal of its own', async () => {
    const repository = 'team/rollback';
    const [first, second] = [digestOf('rollback-1'), digestOf('rollback-2')];
    const subject = `${repository}:v1`;
    const signalled: string[][] = [];
    for (const [at, digest] of [first, second, first].entries()) {
      await world.tellAll({ repository, digest, tag: 'v1', at: minute(at) }, regions.slice(1));
      const pushed = await world.ask('v1', { repository });
      expect(pushed).toMatchObject({ status: 202, body: { digest, state: 'pending' } });
      await world.tellAll({ repository, digest, tag: 'v1', at: minute(at) }, ['eastus']);
      expect(await world.ask('v1', { repository })).toMatchObject({ status: 200, body: { digest } });
      signalled.push(world.signalIds(replicated, subject));
    }
    expect(signalled.map((ids) => ids.length)).toEqual([1, 2, 3]);
  });
});

describe('an image that is deleted', () => {
  it('is gone, and begins a new episode with its next push, which has a signal with another id', async () => {
    const image = { repository: 'team/deleted', digest: digestOf('deleted'), tag: 'v1' };
    const { repository, digest } = image;
    const subject = `${repository}:v1`;
    await world.tellAll({ ...image, at: minute(0) });
    expect(world.signalIds(replicated, subject)).toHaveLength(1);
    await world.tellAll({ repository, digest, action: 'delete', at: minute(1) }, ['eastus']);
    for (const reference of ['v1', digest]) {
      expect(await world.ask(reference, { repository })).toMatchObject({
        ...{ status: 410, body: { state: 'deleted' } },
      });
    }
    // A push from before the deletion that was late.
    await world.tellAll({ ...image, at: minute(0.5) });
    expect((await world.ask('v1', { repository })).status).toBe(410);

    await world.tellAll({ ...image, at: minute(2) }, regions.slice(1));
    expect(await world.ask('v1', { repository })).toMatchObject({
      ...{ status: 202, body: { state: 'pending' } },
    });
    await world.tellAll({ ...image, at: minute(2) }, ['eastus']);
    expect((await world.ask('v1', { repository })).status).toBe(200);
    expect(world.signalIds(replicated, subject)).toHaveLength(2);
  });
});

describe('an image that is late', () => {
  it('is stalled after the objective, is signalled as such once, and as replicated when it comes after all', async () => {
    const image = { registry: hasty, repository: 'team/late', digest: digestOf('late'), tag: 'v1' };
    const { registry, repository } = image;
    const subject = `${repository}:v1`;
    await world.tellAll(image, regions.slice(0, 3));
    expect((await world.ask('v1', { registry, repository })).body).toMatchObject({ etaMs: null });
    await untilStalled('v1', repository);
    const { status, retryAfter, body } = await world.ask('v1', { registry, repository });
    expect(status).toBe(202);
    expect(Number(retryAfter)).toBeGreaterThan(0);
    expect(body['regions']).toContainEqual(waiting('westus'));
    await world.review();
    await world.review();
    expect(world.signals(stalled).filter((signal) => signal.subject === subject)).toHaveLength(1);

    await world.tellAll(image, ['westus']);
    expect((await world.ask('v1', { registry, repository })).status).toBe(200);
    expect(world.signalIds(replicated, subject)).toHaveLength(1);
  });

  it('has the time estimated that it will still take, once past copies are known', async () => {
    const [registry, repository] = [hasty, 'team/estimate'];
    const slow = { registry, repository, digest: digestOf('slow'), tag: 'slow' };
    await world.tellAll(slow, regions.slice(0, 3));
    await untilStalled('slow', repository);
    await world.tellAll(slow, ['westus']);
    await world.review();
    // An estimate needs a copy that took longer than this one by now; where the machine is slow, it is asked again.
    let asked = 0;
    const askEarly = async () => {
      asked += 1;
      const next = { registry, repository, digest: digestOf(`next ${asked}`), tag: `next-${asked}` };
      await world.tellAll(next, regions.slice(0, 3));
      return (await world.ask(next.tag, { registry, repository })).body['etaMs'];
    };
    await expect.poll(askEarly, { interval: 0, timeout: 10_000 }).toEqual(expect.any(Number));
  });

  it('is a conflict when regions still resolve its tag to an older digest, which is signalled once', async () => {
    const [registry, repository, tag] = [hasty, 'team/diverged', 'v1'];
    const { registries } = world.azure;
    const older = registries.push({ registry, repository, tag });
    await world.tellAll({ registry, repository, tag, digest: older, at: minute(0) });
    registries.stall(registry, 'westus');
    const newer = registries.push({ registry, repository, tag });
    await world.tellAll({ registry, repository, tag, digest: newer, at: minute(1) }, regions.slice(0, 3));
    await untilStalled(tag, repository);
    const { status, body } = await world.ask(tag, { registry, repository });
    expect(status).toBe(409);
    expect(body).toMatchObject({ state: 'stalled', digest: newer, diverged: { westus: older } });
    await world.review();
    await world.review();
    expect(world.signals(diverged)).toMatchObject([{ subject: `${repository}:${tag}` }]);

    registries.resume(registry, 'westus');
    await world.tellAll({ registry, repository, tag, digest: newer, at: minute(1) }, ['westus']);
    expect((await world.ask(tag, { registry, repository })).status).toBe(200);
  });
});

describe('the regions that have to hold an image', () => {
  it('are those that the registry is configured with', async () => {
    const image = { registry: halved, repository: 'team/half', digest: digestOf('half'), tag: 'v1' };
    const { registry, repository } = image;
    await world.tellAll(image, ['eastus', 'westeurope']);
    const { status, body } = await world.ask('v1', { registry, repository });
    expect(status).toBe(202);
    // One that has it is shown, though nobody waits for it.
    expect(body['regions']).toEqual([available('eastus'), waiting('westus'), available('westeurope')]);
    expect(body['leftOut']).toEqual([
      { region: 'southeastasia', reason: 'notSelected' },
      { region: 'westeurope', reason: 'notSelected' },
    ]);
    await world.tellAll(image, ['westus']);
    expect((await world.ask('v1', { registry, repository })).status).toBe(200);
  });

  it('are those of its first notification, less the replicas that two reviews found gone since', async () => {
    const image = { registry: moving, repository: 'team/moving', digest: digestOf('moving'), tag: 'v1' };
    const { registry, repository } = image;
    await world.tellAll(image, regions.slice(0, 3));
    expect((await world.ask('v1', { registry, repository })).status).toBe(202);
    world.azure.registries.addReplica(registry, 'northeurope');
    world.azure.registries.removeReplica(registry, 'westus');
    await world.review();
    // Hosts that have not asked for the replicas yet.
    const early = await world.startHost();
    expect((await world.ask('v1', { registry, repository }, early.url)).status).toBe(202);
    await world.review();
    const late = await world.startHost();
    const { status, body } = await world.ask('v1', { registry, repository }, late.url);
    expect(status).toBe(200);
    expect(body['leftOut']).toEqual([{ region: 'northeurope', reason: 'addedLater' }]);
    expect(body['regions']).toEqual(regions.slice(0, 3).map((region) => available(region)));
  });
});

describe('bad settings', () => {
  const bad = {
    ARM_ENDPOINT: 'http://arm.example.com',
    SIGNAL_TOPIC__topicEndpointUri: 'http://topic.example.com',
    REVIEW_SCHEDULE: 'whenever',
    ROUTING_MODE: 'Enforce',
    LEDGER_RETENTION: '30',
  };

  it('leave what does without them: webhooks, questions and reviews', async () => {
    const digest = digestOf('bad-settings');
    await world.tellAll({ digest, tag: 'before' });
    // Which replicas there are is stored.
    await world.review();
    const { url } = await world.startHost(bad);
    expect((await world.ask('before', {}, url)).body).toMatchObject({ state: 'replicated' });
    await Promise.all(
      regions.map(async (region) =>
        expect(await world.tell({ digest, tag: 'under-bad', region }, url)).toBe(200),
      ),
    );
    const from = world.lines.length;
    await expect(world.review(url)).rejects.toThrow('the review failed');
    const lines = world.lines.slice(from);
    const told = (message: string) => lines.filter((line) => line.includes(message));
    expect(told('images reviewed')).toHaveLength(1);
    expect(told('registry reviewed').filter((line) => line.includes('"result":"reviewed"'))).toHaveLength(4);
    const [failed] = told('review failed');
    expect(failed).toMatch(/LEDGER_RETENTION: expected .*; ROUTING_MODE: expected one of flag, enforce/);
    // It is published once the setting is mended.
    const subject = `${repository}:under-bad`;
    expect(world.signalIds(replicated, subject)).toEqual([]);
    await world.review();
    expect(world.signalIds(replicated, subject)).toHaveLength(1);
  });

  it('are named to whoever asks for what needs them', async () => {
    const { url } = await world.startHost({ ...bad, REGISTRIES: '{}' });
    const { status, body } = await world.ask('before', {}, url);
    expect({ status, body }).toMatchObject({
      status: 503,
      body: { error: { message: expect.stringContaining('REGISTRIES: expected an array, found an object') } },
    });
  });
});
