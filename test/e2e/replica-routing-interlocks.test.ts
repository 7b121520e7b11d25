import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleRegistry } from '../../local/azure/sample.ts';
import { installRouting, prompt, type RoutingInstallation, refusing } from './routing-installation.ts';

const registry = sampleRegistry.name;

let world: RoutingInstallation;
beforeAll(async () => {
  world = await installRouting({ entry: () => prompt, settings: { ROUTING_MODE: 'enforce' } });
});
afterAll(() => world.close());
beforeEach(() => world.begin());

const everywhere = [sampleRegistry.home, ...sampleRegistry.replicas];
const fail = (...regions: readonly string[]) => {
  for (const region of regions) world.azure.registries.degrade(registry, region, { status: 503 });
};
const heal = (...regions: readonly string[]) => {
  for (const region of regions) world.azure.registries.restore(registry, region);
};
const routingOf = (region: string) => world.azure.registries.replica(registry, region).globalRouting;

/** Westus is switched off, and is well again; nothing has been decided about that yet. */
async function switchedOffAndWell(): Promise<void> {
  fail('westus');
  await world.review();
  expect(routingOf('westus')).toBe('disabled');
  heal('westus');
}

interface Refusal {
  readonly rule: string;
  readonly when: string;
  /** What it keeps westus from. */
  readonly change: 'off' | 'on';
  readonly detail: string;
  /** Brings the world to where the next review would make that change but for the rule. */
  readonly arrange: () => void | Promise<void>;
}

const refusals: Refusal[] = [
  {
    rule: 'minimumRoutable',
    when: 'others are out of routing already',
    change: 'off',
    detail: 'other replicas that are routed and healthy: 1 (at least 2 required)',
    arrange() {
      fail('westus');
      for (const region of ['westeurope', 'southeastasia'])
        world.azure.registries.setReplica(registry, region, { globalRouting: 'disabled' });
    },
  },
  {
    rule: 'commonCause',
    when: 'no endpoint is in reach',
    change: 'on',
    detail: 'no probed endpoint is reachable, so the fault may be on the way there',
    async arrange() {
      await switchedOffAndWell();
      await world.review();
      await world.letPass(11);
      fail(...everywhere);
    },
  },
  {
    rule: 'controlPlane',
    when: 'Resource Manager does not say all that it was asked',
    change: 'off',
    detail: 'Resource Manager does not answer: ',
    arrange() {
      fail('westus');
      world.azure.faults.add({ match: 'Registries_Get', kind: 'status', status: 503 });
    },
  },
  {
    rule: 'changeBudget',
    when: 'the registry had its changes of this hour',
    change: 'on',
    detail: 'changes to the registry in the last hour: 2 of 2 allowed',
    async arrange() {
      fail('westus', 'westeurope');
      await world.review();
      expect([routingOf('westus'), routingOf('westeurope')]).toEqual(['disabled', 'disabled']);
      heal('westus', 'westeurope');
      await world.letPass(11);
    },
  },
  {
    rule: 'holdDown',
    when: 'the last change is not long ago',
    change: 'on',
    detail: 'the next is allowed from',
    arrange: switchedOffAndWell,
  },
  {
    rule: 'anotherWriter',
    when: 'somebody is changing the replica',
    change: 'off',
    detail: 'a change is in progress: Updating',
    arrange() {
      fail('westus');
      world.azure.registries.setReplica(registry, 'westus', { provisioningState: 'Updating' });
    },
  },
];

describe('an interlock refuses through the real function', () => {
  it.each(refusals)('$rule, when $when', async ({ rule, change, detail, arrange }) => {
    await arrange();
    const before = { routing: routingOf('westus'), patches: world.patches.length };
    await world.review();
    expect({ routing: routingOf('westus'), patches: world.patches.length }).toEqual(before);
    expect(before.routing).toBe(change === 'off' ? 'enabled' : 'disabled');
    const replica = await world.seenReplica('westus');
    expect(replica.verdict).toBe(change === 'off' ? 'flagged' : 'ok');
    expect(refusing(replica)).toEqual([rule]);
    expect(replica.action).toEqual({
      do: 'nothing',
      because: 'an interlock refuses the change',
      rules: [rule],
    });
    expect(replica.interlocks.find((one) => one.rule === rule)?.detail).toContain(detail);
    // The others are shown beside it.
    expect(replica.interlocks).toHaveLength(7);
  });

  it('homeRegion never, which warns', async () => {
    fail('eastus');
    await world.review();
    expect(routingOf('eastus')).toBe('disabled');
    expect((await world.seenReplica('eastus')).interlocks).toContainEqual({
      rule: 'homeRegion',
      pass: true,
      detail: 'warning: this is the home region; while it is down, routing cannot be changed back',
    });
  });
});

describe('all replicas out of reach at once', () => {
  it('raise no flag, clear none, and are said to be a common cause', async () => {
    await switchedOffAndWell();
    fail(...everywhere);
    await world.review();
    const { commonCause, replicas } = await world.seen();
    expect(commonCause).toBe(true);
    expect(replicas.map(({ region, verdict }) => `${region} ${verdict}`)).toEqual([
      ...['eastus ok', 'southeastasia ok', 'westeurope ok', 'westus flagged'],
    ]);
    expect((await world.status()).problems).toContainEqual({
      code: 'commonCause',
      message: `every replica of ${registry} is unreachable at once, so evenkeel's own network is suspect`,
      since: expect.any(String),
      subject: expect.any(String),
    });
  });
});

describe('a silent control plane', () => {
  it('freezes every change, is said in the status, and lets flags be raised by what endpoints show', async () => {
    await world.review();
    world.azure.faults.add({ match: /Microsoft\.ContainerRegistry/, kind: 'status', status: 503 });
    fail('westus');
    // Endpoints are no part of Resource Manager: their paths name no provider.
    await world.review();
    const { frozen, replicas } = await world.seen();
    expect(frozen?.reason).toContain('503');
    expect(replicas.map(({ routed }) => routed)).toEqual([null, null, null, null]);
    const westus = await world.seenReplica('westus');
    expect(westus).toMatchObject({ verdict: 'flagged', action: { because: 'it could not be read by id' } });
    expect(refusing(westus)).toContain('controlPlane');
    expect(world.patches).toEqual([]);
    const since = frozen?.since;
    await world.review();
    expect((await world.seen()).frozen?.since).toBe(since);
    expect((await world.status()).problems).toContainEqual({
      code: 'controlPlaneFrozen',
      message: expect.stringMatching(`^routing decisions for ${registry} are paused: .*503`),
      since,
      subject: expect.any(String),
    });
  });

  it('that answers again is acted upon at the next review', async () => {
    await world.review();
    const { remove } = world.azure.faults.add({
      match: /Microsoft\.ContainerRegistry/,
      ...{ kind: 'status', status: 503 },
    });
    fail('westus');
    await world.review();
    remove();
    await world.review();
    expect(routingOf('westus')).toBe('disabled');
    expect((await world.seen()).frozen).toBeNull();
  });
});
