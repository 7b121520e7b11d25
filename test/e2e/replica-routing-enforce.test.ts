import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleRegistry } from '../../local/azure/sample.ts';
import { runCommand } from '../cli/run-command.ts';
import { installRouting, prompt, type RoutingInstallation, refusing } from './routing-installation.ts';

const registry = sampleRegistry.name;
const tag = 'evenkeel:globalRouting';
const pipeline = 'terraform-pipeline';

let world: RoutingInstallation;
beforeAll(async () => {
  world = await installRouting({ entry: () => prompt, settings: { ROUTING_MODE: 'enforce' } });
});
afterAll(() => world.close());
beforeEach(() => world.begin());

const fail = (region: string) => world.azure.registries.degrade(registry, region, { status: 503 });
const heal = (region: string) => world.azure.registries.restore(registry, region);
const replica = (region: string) => world.azure.registries.replica(registry, region);
const set = (region: string, condition: Parameters<typeof world.azure.registries.setReplica>[2]) =>
  world.azure.registries.setReplica(registry, region, condition);
const linesWith = (text: string) => world.lines.filter((line) => line.includes(text));

/** Westus fails, and is switched off. */
async function switchedOff(): Promise<void> {
  fail('westus');
  await world.review();
  expect(replica('westus').globalRouting).toBe('disabled');
}

describe('in enforce mode', () => {
  it('a flagged replica is switched off by its routing and tags alone, and read back by its id', async () => {
    set('westus', { tags: { team: 'web', 'cost center': '42' } });
    const mark = world.azure.requests.mark();
    await switchedOff();
    expect(world.patches).toEqual([
      {
        region: 'westus',
        body: {
          tags: { team: 'web', 'cost center': '42', [tag]: expect.stringMatching(/^disabled@2/) },
          properties: { regionEndpointEnabled: false },
        },
      },
    ]);
    const calls = world.azure.requests.since(mark).map(({ operation, id }) => ({ operation, id }));
    const patch = calls.findIndex(({ operation }) => operation === 'Replications_Update');
    expect(calls.slice(patch + 1)).toContainEqual({
      operation: 'Replications_Get',
      id: world.azure.registries.replicationId(registry, 'westus'),
    });
    expect(await world.seenReplica('westus')).toMatchObject({
      routed: false,
      disabledByUs: true,
      lastChange: { to: 'disabled', outcome: 'done', detail: 'read back' },
    });
    expect(world.told().map(({ type }) => type)).toEqual(['evenkeel.replica.flagged']);
    expect(linesWith('replica routing changed').at(-1)).toContain('"replica":"westus","to":"disabled"');
  });

  it('a long-running change is followed to its end', async () => {
    world.azure.registries.change({ updateIsLongRunning: true, updateMs: 50 });
    try {
      await switchedOff();
    } finally {
      world.azure.registries.change({ updateIsLongRunning: false });
    }
    expect(replica('westus').provisioningState).toBe('Succeeded');
    expect(await world.seenReplica('westus')).toMatchObject({ lastChange: { outcome: 'done' } });
  });

  it('what evenkeel switched off is switched on again, without its tag and with all others', async () => {
    set('westus', { tags: { team: 'web' } });
    await switchedOff();
    heal('westus');
    await world.letPass(11);
    await world.review();
    expect(world.patches.at(-1)).toEqual({
      region: 'westus',
      body: { tags: { team: 'web' }, properties: { regionEndpointEnabled: true } },
    });
    expect(replica('westus')).toMatchObject({ globalRouting: 'enabled', tags: { team: 'web' } });
    expect(await world.seenReplica('westus')).toMatchObject({ routed: true, disabledByUs: false });
  });

  it('also where infrastructure code has removed the tag', async () => {
    await switchedOff();
    set('westus', { tags: {}, by: pipeline });
    heal('westus');
    await world.letPass(11);
    await world.review();
    expect(replica('westus').globalRouting).toBe('enabled');
  });

  it('ROUTING_REENABLE=false leaves it off, and says the command', async () => {
    const { url } = await world.startHost({ ROUTING_REENABLE: 'false' });
    await switchedOff();
    heal('westus');
    await world.letPass(11);
    await world.review(url);
    expect(world.patches).toHaveLength(1);
    expect(await world.seenReplica('westus')).toMatchObject({
      ...{ verdict: 'ok', routed: false, disabledByUs: true },
      action: { do: 'nothing', because: 'ROUTING_REENABLE is false' },
      commands: {
        on: expect.stringMatching(/^az acr replication update .* --global-endpoint-routing true$/),
      },
    });
  });

  it("somebody else's false is left alone, whether the replica is ill or well", async () => {
    set('westus', { globalRouting: 'disabled', by: pipeline });
    fail('westus');
    await world.review();
    const ill = await world.seenReplica('westus');
    expect(ill).toMatchObject({ verdict: 'flagged', routed: false, disabledByUs: false });
    expect(refusing(ill)).toEqual(['anotherWriter']);
    heal('westus');
    await world.review();
    expect(await world.seenReplica('westus')).toMatchObject({ verdict: 'ok', routed: false });
    expect(replica('westus').lastModifiedBy).toBe(pipeline);
    expect(world.patches).toEqual([]);
  });

  it('an answer that does not say whether a replica is routed never leads to a change', async () => {
    set('westus', { omitRoutingFlag: true });
    fail('westus');
    await world.review();
    expect(await world.seenReplica('westus')).toMatchObject({
      ...{ verdict: 'flagged', routed: null },
      action: { do: 'nothing', because: 'Azure does not report whether it is routed' },
    });
    expect(world.patches).toEqual([]);
  });

  it('a list that shows what was true once changes nothing about what is done', async () => {
    world.azure.registries.freezeList(registry);
    set('westus', { globalRouting: 'disabled', by: pipeline });
    fail('westus');
    fail('westeurope');
    await world.review();
    // The list says that both are routed.
    expect(world.patches.map(({ region }) => region)).toEqual(['westeurope']);
    await world.letPass(11);
    await world.review();
    expect(world.patches).toHaveLength(1);
    expect(await world.seenReplica('westeurope')).toMatchObject({ routed: false, disabledByUs: true });
  });
});

describe('another writer that switches on what is flagged', () => {
  it('is outlasted so many times, then reported by name and left alone', async () => {
    await switchedOff();
    for (const reversal of [1, 2, 3]) {
      set('westus', { globalRouting: 'enabled', by: pipeline });
      await world.review();
      // The first look at a reversal changes nothing: hold-down began again with it.
      expect(await world.seenReplica('westus')).toMatchObject({
        reversals: reversal,
        contested: reversal === 3,
      });
      expect(replica('westus').globalRouting).toBe('enabled');
      await world.letPass(61);
      await world.review();
      expect(replica('westus').globalRouting).toBe(reversal === 3 ? 'enabled' : 'disabled');
    }
    expect(world.patches).toHaveLength(3);
    const contested = world.told().filter(({ type }) => type === 'evenkeel.replica.contested');
    expect(contested).toHaveLength(1);
    expect(contested[0]).toMatchObject({
      subject: world.azure.registries.replicationId(registry, 'westus'),
      data: {
        ...{ region: 'westus', reversals: 3, lastModifiedBy: pipeline },
        infrastructureCode: {
          terraform: 'lifecycle { ignore_changes = [georeplications] }',
          bicep: expect.stringMatching(/^regionEndpointEnabled: isRouted .*az acr replication show/),
        },
      },
    });
    // So do the flag when it is signalled again, the status and the command line.
    await world.letPass(61);
    await world.review();
    expect(world.told().at(-1)).toMatchObject({
      type: 'evenkeel.replica.flagged',
      data: { infrastructureCode: { terraform: expect.stringContaining('ignore_changes') } },
    });
    expect(await world.seenReplica('westus')).toMatchObject({
      infrastructureCode: { terraform: expect.stringContaining('ignore_changes') },
    });
    const { stdout } = await runCommand(['flags', '--app', world.host.url]);
    expect(stdout).toMatch(/to make Terraform leave its routing alone:\n +lifecycle \{ ignore_changes/);
    const { problems } = await world.status();
    expect(problems).toContainEqual({
      code: 'replicaContested',
      message: `${pipeline} keeps reversing the routing of ${registry}/westus`,
      since: expect.any(String),
      subject: expect.any(String),
    });
    expect(refusing(await world.seenReplica('westus'))).toEqual(['anotherWriter']);
  });
});

describe('a change that Azure does not make', () => {
  it('for want of permission is named once in a review, and leaves the replicas flagged', async () => {
    world.azure.faults.add({ match: 'Replications_Update', kind: 'status', status: 403 });
    fail('westus');
    fail('westeurope');
    await world.review();
    const refusals = () => linesWith('replica routing refused');
    expect(refusals()).toHaveLength(1);
    expect(refusals()[0]).toContain('assign the role Container Registry Contributor');
    // The second is not asked for: it would be refused too.
    expect(world.patches).toHaveLength(1);
    const { replicas } = await world.seen();
    expect(replicas.filter(({ verdict }) => verdict === 'flagged')).toHaveLength(2);
    await world.review();
    expect(refusals()).toHaveLength(2);
  });

  it('is tried again after the hold-down, and not before', async () => {
    world.azure.registries.change({ updateIsLongRunning: true, updateMs: 50 });
    world.azure.registries.failUpdates(registry, 'westus');
    fail('westus');
    await world.review();
    world.azure.registries.change({ updateIsLongRunning: false });
    expect(await world.seenReplica('westus')).toMatchObject({
      ...{ routed: true, disabledByUs: false },
      lastChange: { to: 'disabled', outcome: 'failed' },
    });
    await world.review();
    expect(refusing(await world.seenReplica('westus'))).toEqual(['holdDown']);
    await world.letPass(11);
    await world.review();
    expect(replica('westus').globalRouting).toBe('disabled');
  });

  it('because it is throttled costs nothing, and is tried at the next review', async () => {
    const busy = { kind: 'status', status: 429, retryAfterSeconds: 60, times: 1 } as const;
    world.azure.faults.add({ match: 'Replications_Update', ...busy });
    fail('westus');
    await world.review();
    expect(await world.seenReplica('westus')).toMatchObject({ lastChange: { outcome: 'notSent' } });
    await world.review();
    expect(replica('westus').globalRouting).toBe('disabled');
  });
});
