import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { sampleRegistry } from '../../../local/azure/sample.ts';
import { reviewTableName } from '../../../src/azure/storage/reviews.ts';
import { installRouting, prompt, type RoutingInstallation } from '../routing-installation.ts';

const registry = sampleRegistry.name;

let world: RoutingInstallation;
beforeAll(async () => {
  world = await installRouting({ entry: () => prompt, settings: { ROUTING_MODE: 'enforce' } });
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.begin();
  // Well, and with a stored review that the next one has to replace.
  await world.review();
  world.azure.registries.degrade(registry, 'westus', { status: 503 });
});

const westus = () => world.azure.registries.replica(registry, 'westus');
const flaggedIds = () =>
  new Set(world.told().flatMap(({ id, type }) => (type === 'evenkeel.replica.flagged' ? id : [])));

/** Has a review accepted, which goes on meanwhile. */
async function fire(url: string): Promise<void> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"input":""}' };
  expect((await fetch(`${url}/admin/functions/reviewReplicas`, init)).status).toBe(202);
}

interface Crash {
  readonly where: string;
  /** Resolves when the review is there, and goes no further. */
  readonly reached: () => Promise<void>;
  /** Changes that were asked for until then. */
  readonly patches: number;
}

const stateWrite = ({ method, name }: { readonly method: string; readonly name: string }) =>
  name === reviewTableName && method !== 'GET';

/** Resolves when a request was handled, whose answer never comes. */
const unanswered = (operation: string) => () =>
  new Promise<void>((resolve) => {
    const remove = world.azure.onHandled((request) => {
      if (request.operation !== operation) return undefined;
      remove();
      resolve();
      return new Promise<void>(() => {});
    });
  });

const crashes: Crash[] = [
  {
    where: 'between the intent and the PATCH',
    reached: () => world.tables.hold(stateWrite, 'after'),
    patches: 0,
  },
  {
    where: 'between the PATCH and its outcome',
    reached: unanswered('Replications_Update'),
    patches: 1,
  },
  {
    where: 'between the signal and the note that it was published',
    reached: unanswered('Topics_PublishEvents'),
    patches: 1,
  },
];

describe('a host that is killed', () => {
  it.each(crashes)('$where is finished by the next reviews', async ({ reached, patches }) => {
    const there = reached();
    await fire(world.host.url);
    await there;
    expect(world.patches).toHaveLength(patches);
    await world.restartHost();
    await world.review();
    // Until its time is over, the run that wrote the intent may still be at work.
    expect(world.patches).toHaveLength(patches);
    await world.letPass(1);
    await world.review();
    expect(world.patches).toHaveLength(1);
    expect(westus().globalRouting).toBe('disabled');
    expect(await world.seenReplica('westus')).toMatchObject({ disabledByUs: true, verdict: 'flagged' });
    expect(flaggedIds().size).toBe(1);

    world.azure.registries.restore(registry, 'westus');
    await world.letPass(11);
    await world.review();
    expect(westus()).toMatchObject({ globalRouting: 'enabled', tags: {} });
  });
});

describe('two reviews at once', () => {
  /** Lets both look at the same time, after both have read what the last review left. */
  async function bothAtOnce(first: string, second: string): Promise<void> {
    const ended = () =>
      world.lines.filter((line) => line.includes("Executed 'Functions.reviewReplicas'")).length;
    const before = ended();
    const both = Promise.withResolvers<void>();
    let arrived = 0;
    const remove = world.azure.onRequest(({ operation, id }) => {
      // Others than the review of replicas read the registry, and nothing else knocks at a front door.
      if (operation !== 'RegistryEndpoint_Ping' || !id.includes('westus')) return undefined;
      arrived += 1;
      if (arrived === 2) both.resolve();
      return both.promise;
    });
    await Promise.all([fire(first), fire(second)]);
    await vi.waitUntil(() => ended() >= before + 2, { timeout: 15_000, interval: 5 });
    remove();
  }

  it.each([
    ['of two hosts over one storage', async () => (await world.startHost()).url],
    ['of one host whose timer fired twice', async () => world.host.url],
  ])('%s act once', async (_, other) => {
    await bothAtOnce(world.host.url, await other());
    expect(world.patches).toHaveLength(1);
    expect(westus().globalRouting).toBe('disabled');
    expect(flaggedIds().size).toBe(1);
    const results = world.lines.filter((line) => line.includes('registry reviewed')).slice(-2);
    expect(results.filter((line) => line.includes('"result":"lostRace"'))).toHaveLength(1);
    expect(await world.seenReplica('westus')).toMatchObject({ disabledByUs: true });
  });
});
