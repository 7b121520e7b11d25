import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeAzure, hooks } from './run-hook.ts';

const group = '/subscriptions/1/resourceGroups/rg-spoke-a/providers';
const topic = `${group}/Microsoft.EventGrid/systemTopics/evgt-evenkeel-one`;
const reconcile = `${topic}/eventSubscriptions/evenkeel-reconcile-one`;
const webhook = `${group}/Microsoft.ContainerRegistry/registries/r/webhooks/evenkeelwestus`;
const assignment = `${group}/Microsoft.Authorization/roleAssignments/a1`;
const definition = '/subscriptions/1/providers/Microsoft.Authorization/roleDefinitions/d1';
const everything = [assignment, topic, definition, reconcile, webhook];

/** PowerShell takes seconds to start, so that `npm run check:infra` names it, and `npm test` does not. */
const powerShell = process.env['EVENKEEL_HOOKS_POWERSHELL'];
const shells: readonly (readonly [
  name: string,
  command: (hook: string) => [program: string, args: string[]],
])[] = [
  ['sh', (hook) => ['sh', [join(hooks, `${hook}.sh`)]]],
  ...(powerShell
    ? [
        [
          'PowerShell',
          (hook: string): [string, string[]] => [
            powerShell,
            ['-NoLogo', '-NoProfile', '-NonInteractive', '-File', join(hooks, `${hook}.ps1`)],
          ],
        ] as const,
      ]
    : []),
];

let app: Server;
let url: string;
let answers: number;
beforeAll(async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  app = createServer((_, response) => {
    answers += 1;
    // The first answer is that of an app that is starting.
    response.writeHead(answers === 1 ? 503 : 401).end();
  }).listen(0, '127.0.0.1', resolve);
  await promise;
  const address = app.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  url = `http://127.0.0.1:${address.port}`;
  answers = 0;
});
afterAll(() => void app.close());

// A program of each kind starts several times, on a machine that may be busy.
describe.each(shells)('the hooks, started by %s,', { timeout: 180_000 }, (_, command) => {
  const hook = (azure: Awaited<ReturnType<typeof fakeAzure>>, which: string, env: NodeJS.ProcessEnv = {}) =>
    azure.run(...command(which), { EVENKEEL_APP: url, ...env });

  it('name every variable that is not set, before they ask Azure anything', async () => {
    const azure = await fakeAzure({});
    const ended = await hook(azure, 'connect', { EVENKEEL_VAULT_NAME: '', EVENKEEL_APP: '' });
    expect(ended.code).toBe(1);
    expect(ended.err).toContain('not set: EVENKEEL_APP, EVENKEEL_VAULT_NAME');
    expect((await azure.read()).calls).toEqual([]);
  });

  it('deploy again when a validation found a cold app, until every event subscription delivers', async () => {
    const azure = await fakeAzure({ creates: everything, coldValidations: 1, failures: 1 });
    answers = 0;
    const ended = await hook(azure, 'connect');
    expect([ended.code, ended.err]).toEqual([0, '']);
    expect(ended.out).toContain(`${reconcile} is Failed`);
    const world = await azure.read();
    expect(world.resources[reconcile]).toBe('Succeeded');
    expect(world.deployments).toHaveLength(3);
    expect(new Set(world.deployments.map((each) => each.name)).size).toBe(3);
    // Asked until it was warm, and once before each further attempt.
    expect(answers).toBe(4);
  });

  it('fail, and name the event subscriptions, when none of three attempts helps', async () => {
    const azure = await fakeAzure({ creates: everything, coldValidations: 9 });
    const ended = await hook(azure, 'connect');
    expect(ended.code).toBe(1);
    expect(ended.err).toContain(`${reconcile} is Failed`);
    expect((await azure.read()).deployments).toHaveLength(3);
  });

  it('remove what the map no longer names, also after a deployment that failed', async () => {
    const azure = await fakeAzure({ creates: everything });
    await hook(azure, 'connect');
    await azure.change({ creates: [definition, webhook], failures: 3 });
    expect((await hook(azure, 'connect')).code).toBe(1);
    expect((await hook(azure, 'connect')).code).toBe(0);
    expect(Object.keys((await azure.read()).resources).sort()).toEqual([definition, webhook].sort());
  });

  it('remove everything before azd down, but no topic that another environment subscribes to', async () => {
    const other = `${topic}/eventSubscriptions/evenkeel-reconcile-two`;
    const azure = await fakeAzure({ creates: everything });
    await hook(azure, 'connect');
    await azure.change({ resources: { ...(await azure.read()).resources, [other]: 'Succeeded' } });
    const ended = await hook(azure, 'disconnect');
    expect(ended.code).toBe(0);
    expect(ended.out).toContain(`${topic} stays, because others subscribe to it: evenkeel-reconcile-two`);
    expect(Object.keys((await azure.read()).resources).sort()).toEqual([topic, other]);
  });

  it('remove what can be removed, and fail with what cannot', async () => {
    const azure = await fakeAzure({ creates: everything, locked: [webhook] });
    await hook(azure, 'connect');
    const ended = await hook(azure, 'disconnect');
    expect(ended.code).toBe(1);
    expect(ended.err).toContain(`${webhook}: ScopeLocked`);
    expect(Object.keys((await azure.read()).resources)).toEqual([webhook]);
  });
});

describe('the hook before the first deployment', { timeout: 60_000 }, () => {
  const none = { dnsZoneMap: { value: {} }, registries: { value: [] } };
  const running = { DNS_ZONE_MAP: '{"rg-spoke-a":{"forwardZone":"a.test"}}', REGISTRIES: '[]' };
  // biome-ignore lint/suspicious/noTemplateCurlyInString: azd replaces it, as here.
  const fromEnvironment = { ...none, dnsZoneMap: { value: '${DNS_ZONE_MAP}' } };

  it.each<[string, unknown, Record<string, string> | null, NodeJS.ProcessEnv, number, RegExp]>([
    ['lets an empty map through where there is no app yet', none, null, {}, 0, /^$/],
    [
      'lets an empty map through where the app has none',
      none,
      { DNS_ZONE_MAP: '{}', REGISTRIES: '[]' },
      {},
      0,
      /^$/,
    ],
    [
      'stops an empty map where the app has one',
      none,
      running,
      {},
      1,
      /dnsZoneMap is empty, but the running app has/,
    ],
    ['lets it through when it is told to', none, running, { EVENKEEL_ALLOW_EMPTY: 'true' }, 0, /^$/],
    [
      'stops a map whose variable is not set',
      fromEnvironment,
      null,
      { DNS_ZONE_MAP: '' },
      1,
      /from DNS_ZONE_MAP, which is not set/,
    ],
    [
      'takes a map from its variable',
      fromEnvironment,
      running,
      { DNS_ZONE_MAP: running.DNS_ZONE_MAP },
      0,
      /^$/,
    ],
    [
      'stops an empty map from a variable',
      fromEnvironment,
      running,
      { DNS_ZONE_MAP: '{}' },
      1,
      /dnsZoneMap is empty/,
    ],
    [
      'names a variable that is not JSON',
      fromEnvironment,
      running,
      { DNS_ZONE_MAP: 'rg' },
      1,
      /not JSON: rg/,
    ],
  ])('%s', async (_, parameters, settings, env, code, says) => {
    const azure = await fakeAzure({ settings });
    const ended = await azure.keepConfiguration(parameters, env);
    expect(ended.code).toBe(code);
    expect(ended.err).toMatch(says);
  });
});
