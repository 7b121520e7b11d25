import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import type { DryRunPorts } from '../../src/dns/dry-run.ts';
import { bindMcpPlan } from '../../src/functions/mcp-plan.ts';
import { unlessAborted } from '../../src/lib/async.ts';
import type { Deadline } from '../../src/lib/deadline.ts';
import { toolOf } from '../mcp/run-tool.ts';
import { endings, simulateTime } from '../support/simulated-time.ts';

afterEach(() => void vi.restoreAllMocks());

const id = (resourceGroup: string, name: string) =>
  `/subscriptions/s/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerInstance/containerGroups/${name}`;
const web = id('rg-spoke-a', 'web');
const env = { DNS_ZONE_MAP: '{"rg-spoke-a":{"forwardZone":"spoke-a.internal.contoso.com"}}' };

const noPorts = async (): Promise<DryRunPorts> => {
  throw new Error('nothing may be read');
};

describe('plan_dns', () => {
  const call = (args: object, settings: Readonly<Record<string, string>> = env) =>
    toolOf(() => bindMcpPlan(parseConfig(settings), noPorts))(args);

  it.each([
    ['no group', {}, 'badParameter', /^container_group: expected a value/],
    [
      'what names no group',
      { container_group: 'web' },
      'badParameter',
      /^container_group: expected the ARM id/,
    ],
    [
      'a group without a subscription',
      { container_group: 'rg-spoke-a/web' },
      'badParameter',
      /^subscription_id: /,
    ],
    [
      'a subscription that is none',
      { container_group: 'rg-spoke-a/web', subscription_id: 's/x' },
      'badParameter',
      /^subscription_id: /,
    ],
    [
      'too long a text',
      { container_group: 'x'.repeat(501) },
      'badParameter',
      /^container_group: expected at most/,
    ],
    [
      'a resource group without an entry',
      { container_group: id('rg-x', 'web') },
      'groupNotMapped',
      /DNS_ZONE_MAP/,
    ],
    [
      'a name that is no host name',
      { container_group: id('rg-spoke-a', 'a_b') },
      'groupNoDnsLabel',
      /^container_g/,
    ],
  ])('refuses %s, and reads nothing', async (_what, args, code, message) => {
    const { error } = await call(args);
    expect(error).toEqual({ error: { code, message: expect.stringMatching(message) } });
  });

  it('names a zone map that is wrong', async () => {
    const { error } = await call({ container_group: web }, { DNS_ZONE_MAP: '[]' });
    expect(error).toMatchObject({
      error: { code: 'settingBad', message: expect.stringMatching(/^DNS_ZONE_MAP: /) },
    });
  });

  it('plans one group at a time', async () => {
    const gates = [Promise.withResolvers<DryRunPorts>(), Promise.withResolvers<DryRunPorts>()];
    let begun = 0;
    const bind = () =>
      bindMcpPlan(parseConfig(env), () => gates[begun++]?.promise ?? Promise.reject(new Error('a third')));
    const call = toolOf(bind);
    const first = call({ container_group: web });
    const second = call({ container_group: web });
    await vi.waitFor(() => expect(begun).toBe(1));
    gates[0]?.reject(new Error('no answer'));
    await first;
    await vi.waitFor(() => expect(begun).toBe(2));
    gates[1]?.reject(new Error('no answer'));
    await second;
  });
});

describe('plan_dns while Azure does not answer', () => {
  simulateTime();

  it('answers after 25 s, and reads nothing more for whoever has waited behind for so long', async () => {
    let loaded = 0;
    const inItsTime = (deadline: Deadline) => unlessAborted(deadline.signal, new Promise<never>(() => {}));
    const ports: DryRunPorts = {
      containerGroups: { read: (_, deadline) => inItsTime(deadline) },
      recordSets: { read: (_, deadline) => inItsTime(deadline) },
      clock: { now: () => new Date() },
    };
    const loadPorts = async () => {
      loaded += 1;
      return ports;
    };
    const call = toolOf(() => bindMcpPlan(parseConfig(env), loadPorts));
    const asked = [1, 2].map(async () => JSON.stringify((await call({ container_group: web })).error));
    const found = await endings(asked.map((work) => ({ work })));
    expect(found).toEqual(
      [1, 2].map(() => ({ afterMs: 25_000, outcome: expect.stringContaining('notAnswered') })),
    );
    expect(loaded).toBe(1);
  });
});
