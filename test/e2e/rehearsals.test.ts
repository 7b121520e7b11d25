import * as v from 'valibot';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleRegistry } from '../../local/azure/sample.ts';
import { runCommand } from '../cli/run-command.ts';
import { installRouting, prompt, type RoutingInstallation, refusing } from './routing-installation.ts';

const registry = sampleRegistry.name;
const loginServer = `${registry}.azurecr.io`;
const rules = [
  'minimumRoutable',
  'commonCause',
  'controlPlane',
  'changeBudget',
  'holdDown',
  'anotherWriter',
  'homeRegion',
];

let world: RoutingInstallation;
let enforcing: string;
beforeAll(async () => {
  world = await installRouting({ entry: () => prompt });
  enforcing = (await world.startHost({ ROUTING_MODE: 'enforce' })).url;
});
afterAll(() => world.close());
beforeEach(() => world.begin());

const answerSchema = v.looseObject({
  until: v.optional(v.nullable(v.string())),
  interlocks: v.optional(v.array(v.object({ rule: v.string(), pass: v.boolean(), detail: v.string() })), []),
  error: v.optional(v.object({ code: v.string(), message: v.string() })),
});

async function send(path: string, init: RequestInit, via: string) {
  const answer = await fetch(`${via}/api/rehearsals${path}`, init);
  const retryAfter = answer.headers.get('retry-after');
  return { status: answer.status, retryAfter, body: v.parse(answerSchema, await answer.json()) };
}
const wish = { registry, region: 'westus', for: 'PT1H', by: 'ada@contoso.com', reason: 'game day 12' };
const post = (body: object = wish, { query = '', via = world.host.url } = {}) =>
  send(
    query,
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    via,
  );
const end = (query: Record<string, string> = { registry, region: 'westus' }, via = world.host.url) =>
  send(`?${new URLSearchParams(query)}`, { method: 'DELETE' }, via);

const fail = (...regions: readonly string[]) => {
  for (const region of regions) world.azure.registries.degrade(registry, region, { status: 503 });
};
const set = (region: string, globalRouting: 'enabled' | 'disabled') =>
  world.azure.registries.setReplica(registry, region, { globalRouting, by: 'an operator' });
const routingOf = (region: string) => world.azure.registries.replica(registry, region).globalRouting;
const types = () => world.told().map(({ type, data }) => `${type.split('.').at(-1)} ${data.region}`);

describe('where evenkeel only reports, a rehearsal', () => {
  it('is answered with the replica, every interlock and the end, and shown in the status', async () => {
    await world.review();
    const before = Date.now();
    const { status, body } = await post();
    expect(status).toBe(202);
    expect(body).toMatchObject({
      ...{ registry, loginServer, replica: 'westus', region: 'westus', mode: 'flag', refusedBy: [] },
      rehearsal: { until: body.until, by: wish.by, reason: wish.reason },
      commands: { off: expect.stringMatching(/ false$/), on: expect.stringMatching(/ true$/) },
    });
    expect(Date.parse(body.until ?? '') - before).toBeGreaterThanOrEqual(3_600_000);
    expect(Date.parse(body.until ?? '') - before).toBeLessThan(3_660_000);
    expect(body.interlocks.map(({ rule }) => rule)).toEqual(rules);
    expect(await world.seenReplica('westus')).toMatchObject({
      verdict: 'ok',
      rehearsal: { until: body.until, by: wish.by, reason: wish.reason },
      commands: { endRehearsal: `evenkeel rehearse ${loginServer} westus --end` },
    });
  });

  it('raises a flag with its command at the next review, and somebody else turns the switch both ways', async () => {
    await world.review();
    const { body } = await post();
    await world.review();
    expect(await world.seenReplica('westus')).toMatchObject({
      verdict: 'flagged',
      routed: true,
      reasons: [`a rehearsal keeps it out of global routing: until ${body.until}`],
      evidence: { policy: { routing: 'rehearsal', until: body.until, by: wish.by, reason: wish.reason } },
      action: { do: 'nothing', because: 'ROUTING_MODE is flag' },
    });
    expect(types()).toEqual(['flagged westus']);
    expect(world.told()[0]?.data).toMatchObject({ evidence: { policy: { routing: 'rehearsal' } } });
    set('westus', 'disabled');
    await world.letPass(30);
    await world.review();
    expect(await world.seenReplica('westus')).toMatchObject({ verdict: 'flagged', routed: false });
    await world.letPass(31);
    await world.review();
    expect(await world.seenReplica('westus')).toMatchObject({
      verdict: 'ok',
      routed: false,
      rehearsal: null,
    });
    expect(types()).toEqual(['flagged westus', 'cleared westus']);
    expect(world.patches).toEqual([]);
  });

  it('never appears in the log with who asked for it, or why', async () => {
    await world.review();
    await post();
    await world.review();
    await end();
    await world.review();
    const told = world.lines.filter((line) => line.includes('rehears'));
    expect(told.length).toBeGreaterThan(3);
    expect(world.lines.filter((line) => line.includes(wish.by) || line.includes(wish.reason))).toEqual([]);
  });
});

describe('where evenkeel enforces, a rehearsal', () => {
  const enforced = { via: '' };
  beforeAll(() => {
    enforced.via = enforcing;
  });

  it('is switched off by the next review, and on again when its time is over', async () => {
    await world.review(enforcing);
    expect((await post(wish, enforced)).status).toBe(202);
    expect(world.patches).toEqual([]);
    await world.review(enforcing);
    expect(routingOf('westus')).toBe('disabled');
    await world.letPass(59);
    await world.review(enforcing);
    expect(routingOf('westus')).toBe('disabled');
    await world.letPass(2);
    await world.review(enforcing);
    expect(routingOf('westus')).toBe('enabled');
    expect(world.patches).toHaveLength(2);
    expect(await world.seenReplica('westus')).toMatchObject({ disabledByUs: false, rehearsal: null });
    expect(types()).toEqual(['flagged westus', 'cleared westus']);
  });

  it('ends at once when others fail, so that too few serve, and comes back after its hold-down', async () => {
    await world.review(enforcing);
    await post(wish, enforced);
    await world.review(enforcing);
    expect(routingOf('westus')).toBe('disabled');
    fail('westeurope', 'southeastasia');
    await world.letPass(11);
    await world.review(enforcing);
    expect(routingOf('westus')).toBe('enabled');
    expect(await world.seenReplica('westus')).toMatchObject({ verdict: 'ok', rehearsal: null });
    const line = world.lines.find((one) => one.includes('rehearsalAborted'));
    expect(line).toContain('"replica":"westus"');
  });

  it('can have another end while it lasts, also within the hold-down of its own change', async () => {
    await world.review(enforcing);
    await post({ ...wish, for: 'PT5M' }, enforced);
    await world.review(enforcing);
    const { status, body } = await post({ ...wish, for: 'P1D' }, enforced);
    expect(status).toBe(202);
    expect(body.interlocks.filter(({ pass }) => !pass).map(({ rule }) => rule)).not.toEqual([]);
    await world.letPass(60);
    await world.review(enforcing);
    expect(routingOf('westus')).toBe('disabled');
    await post({ ...wish, for: 'PT1S' }, enforced);
    await world.letPass(1);
    await world.review(enforcing);
    expect(routingOf('westus')).toBe('enabled');
  });

  it('is ended by DELETE, which the next review follows', async () => {
    await world.review(enforcing);
    await post(wish, enforced);
    await world.review(enforcing);
    await world.letPass(11);
    const ended = await end(undefined, enforcing);
    expect(ended).toMatchObject({ status: 202, body: { registry, region: 'westus', replica: 'westus' } });
    expect(routingOf('westus')).toBe('disabled');
    await world.review(enforcing);
    expect(routingOf('westus')).toBe('enabled');
    const again = await end(undefined, enforcing);
    expect({ status: again.status, code: again.body.error?.code }).toEqual({
      status: 404,
      code: 'rehearsalNotFound',
    });
  });

  it('goes on in another process', async () => {
    await world.review(enforcing);
    await post(wish, enforced);
    await world.review(enforcing);
    const { url } = await world.startHost({ ROUTING_MODE: 'enforce' });
    expect(await world.seenReplica('westus')).toMatchObject({ rehearsal: { by: wish.by } });
    await world.letPass(61);
    await world.review(url);
    expect(routingOf('westus')).toBe('enabled');
  });
});

describe('POST /api/rehearsals', () => {
  it('refuses with every interlock what Azure shows to be unsafe now, whatever the last review saw', async () => {
    await world.review();
    fail('westeurope', 'southeastasia');
    const { status, body } = await post();
    expect(status).toBe(409);
    expect(body).toMatchObject({ error: { code: 'interlocked' }, refusedBy: ['minimumRoutable'] });
    expect(body.interlocks.map(({ rule }) => rule)).toEqual(rules);
    expect(body.interlocks.filter(({ pass }) => !pass)).toEqual([
      {
        rule: 'minimumRoutable',
        pass: false,
        detail: 'other replicas that are routed and healthy: 1 (at least 2 required)',
      },
    ]);
    await world.review();
    expect(await world.seenReplica('westus')).toMatchObject({ verdict: 'ok', rehearsal: null });
  });

  it('refuses while Resource Manager does not answer', async () => {
    await world.review();
    world.azure.faults.add({ match: 'Registries_Get', kind: 'status', status: 503 });
    expect(await post()).toMatchObject({ status: 409, body: { refusedBy: ['controlPlane'] } });
  });

  it('says with whatIf=true what it would answer, and changes nothing', async () => {
    await world.review();
    const yes = await post(wish, { query: '?whatIf=true' });
    expect(yes).toMatchObject({
      status: 200,
      body: { passes: true, refusedBy: [], until: expect.any(String) },
    });
    expect(yes.body.interlocks.map(({ rule }) => rule)).toEqual(rules);
    fail('westeurope', 'southeastasia');
    const { for: _, ...question } = wish;
    const no = await post(question, { query: '?whatIf=true' });
    expect(no).toMatchObject({ status: 200, body: { passes: false, refusedBy: ['minimumRoutable'] } });
    expect((await world.seenReplica('westus'))['rehearsal']).toBeNull();
    await world.review();
    expect(types()).not.toContain('flagged westus');
  });

  it('is taken before the first review, and begins with it', async () => {
    expect((await post()).status).toBe(202);
    await world.review();
    expect(await world.seenReplica('westus')).toMatchObject({ verdict: 'flagged' });
  });

  it.each([
    ['an unknown registry', { registry: 'another' }, 404, 'registryNotConfigured'],
    ['an unknown region', { region: 'brazilsouth' }, 404, 'replicaNotFound'],
    ['no time', { for: undefined }, 400, 'badRehearsal'],
    ['a time that is none', { for: '1h' }, 400, 'badRehearsal'],
    ['a time beyond a week', { for: 'P7DT1S' }, 400, 'badRehearsal'],
    ['no region', { region: undefined }, 400, 'badRehearsal'],
    ['a text without an end', { reason: 'x'.repeat(301) }, 400, 'badRehearsal'],
    ['a text of two lines', { by: 'a\nb' }, 400, 'badRehearsal'],
    ['a key that is not known', { until: '2027-01-01' }, 400, 'badRehearsal'],
  ])('refuses %s', async (_, change, status, code) => {
    const refused = await post({ ...wish, ...change });
    expect({ status: refused.status, code: refused.body.error?.code }).toEqual({ status, code });
  });

  it('refuses a body that is too large, of another type, or no JSON', async () => {
    const headers = { 'content-type': 'application/json' };
    const via = world.host.url;
    const large = JSON.stringify({ ...wish, reason: 'x'.repeat(66_000) });
    expect((await send('', { method: 'POST', headers, body: large }, via)).status).toBe(413);
    expect((await send('', { method: 'POST', body: JSON.stringify(wish) }, via)).status).toBe(415);
    expect((await send('', { method: 'POST', headers, body: '{' }, via)).status).toBe(400);
  });

  it('knows the registry by its login server, the first label of that, and its ARM id', async () => {
    const id = world.azure.registries.setting()[0]?.id ?? '';
    for (const name of [loginServer, id]) {
      expect((await post({ ...wish, registry: name }, { query: '?whatIf=true' })).status).toBe(200);
    }
  });

  it('answers 503 with the time to wait when the state cannot be written', async () => {
    await world.review();
    const isWrite = ({ name, method }: { name: string; method: string }) =>
      name === 'EvenkeelReviews' && method !== 'GET';
    const restore = world.tables.contend(isWrite);
    try {
      const { status, retryAfter, body } = await post();
      expect({ status, code: body.error?.code }).toEqual({ status: 503, code: 'notRecorded' });
      expect(Number(retryAfter)).toBeGreaterThan(0);
    } finally {
      restore();
    }
    expect((await world.seenReplica('westus'))['rehearsal']).toBeNull();
  });

  it('lets two rehearsals that exclude each other not both through', async () => {
    await world.review();
    fail('southeastasia');
    const answers = await Promise.all([post(), post({ ...wish, region: 'westeurope' })]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409]);
    await world.review();
    const rehearsed = (await world.seen()).replicas.filter(({ rehearsal }) => rehearsal !== null);
    expect(rehearsed).toHaveLength(1);
    expect(refusing(rehearsed[0] ?? (await world.seenReplica('westus')))).toEqual([]);
  });
});

describe('from the command line', () => {
  const evenkeel = (...args: string[]) =>
    runCommand(args, { env: { EVENKEEL_APP: world.host.url, USER: 'ada' } });
  const begin = ['rehearse', registry, 'westus', '--for', '1h', '--yes', '--reason', 'game day'];

  it('a rehearsal begins, is shown with its flag, and ends', async () => {
    await world.review();
    const whatIf = await evenkeel('flags', '--what-if', 'westus');
    expect(whatIf).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('✔ minimumRoutable') });
    const begun = await evenkeel(...begin);
    expect(begun, begun.stderr).toMatchObject({ exitCode: 0 });
    await world.review();
    const { exitCode, stdout } = await evenkeel('flags');
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/rehearsal until \S+, asked for by ada: game day\n/);
    expect(stdout).toContain(`    evenkeel rehearse ${loginServer} westus --end\n`);
    expect(await evenkeel('rehearse', loginServer, 'westus', '--end')).toMatchObject({ exitCode: 0 });
    await world.review();
    expect((await evenkeel('flags')).exitCode).toBe(0);
    expect(await evenkeel('rehearse', registry, 'westus', '--end')).toMatchObject({
      exitCode: 1,
      stderr: `✖ there is no rehearsal of westus in ${registry}\n`,
    });
  });

  it('none begins that an interlock refuses', async () => {
    await world.review();
    fail('westeurope', 'southeastasia');
    const refused = await evenkeel(...begin);
    expect(refused).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('✖ minimumRoutable') });
    expect((await evenkeel('flags', '--what-if', 'westus')).exitCode).toBe(3);
    expect((await world.seenReplica('westus'))['rehearsal']).toBeNull();
  });
});

describe('two registries of one name', () => {
  const twin = {
    name: registry,
    resourceGroup: 'rg-twin',
    labelHash: 'twin00',
    home: 'eastus',
    replicas: ['westus'],
  };
  let twins: RoutingInstallation;
  beforeAll(async () => {
    twins = await installRouting({
      azure: { registries: [{ ...sampleRegistry, labelHash: 'a1b2c3' }, twin] },
      entry: () => ({ ...prompt, minimumRoutable: 1 }),
    });
  });
  afterAll(() => twins.close());

  it('are not told apart by their name, and rehearsed apart by what tells them apart', async () => {
    await twins.review();
    const via = twins.host.url;
    const both = { ...wish, region: 'eastus' };
    const ambiguous = await post(both, { via });
    expect({ status: ambiguous.status, code: ambiguous.body.error?.code }).toEqual({
      status: 400,
      code: 'registryAmbiguous',
    });
    expect((await end({ registry, region: 'eastus' }, via)).body.error?.code).toBe('registryAmbiguous');
    expect(await post({ ...both, registry: 'myregistry-twin00' }, { via })).toMatchObject({ status: 202 });
    await twins.review();
    const { registries } = await twins.status();
    expect(
      registries.map((one) => one.replicas.filter(({ rehearsal }) => rehearsal !== null).length),
    ).toEqual([0, 1]);
    const missing = await end({ registry: 'myregistry-a1b2c3.azurecr.io', region: 'eastus' }, via);
    expect(missing.status).toBe(404);
    expect((await end({ registry: 'myregistry-twin00.azurecr.io', region: 'eastus' }, via)).status).toBe(202);
  });
});
