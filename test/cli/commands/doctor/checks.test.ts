import { describe, expect, it } from 'vitest';
import type { Connectivity } from '../../../../src/azure/connectivity.ts';
import { appCheck } from '../../../../src/cli/commands/doctor/checks/app.ts';
import { clocksCheck } from '../../../../src/cli/commands/doctor/checks/clocks.ts';
import { rolesCheck } from '../../../../src/cli/commands/doctor/checks/roles.ts';
import { signalTopicCheck } from '../../../../src/cli/commands/doctor/checks/signal-topic.ts';
import { storageCheck } from '../../../../src/cli/commands/doctor/checks/storage.ts';
import { type Webhook, webhookFaults } from '../../../../src/cli/commands/doctor/checks/webhooks.ts';
import { zonesCheck } from '../../../../src/cli/commands/doctor/checks/zones.ts';
import type { Need } from '../../../../src/cli/commands/doctor/role-needs.ts';
import type { Identity } from '../../../../src/registries/identify.ts';

const whats = (findings: readonly { severity: string; what: string }[]) =>
  findings.map(({ severity, what }) => `${severity}: ${what}`);

describe('the clocks', () => {
  it.each<[string, number | undefined, number | undefined, RegExp | undefined]>([
    ['all agree', 400, -900, undefined],
    ['the app is late', -120_000, 500, /^error: the app's clock is 121 s behind Azure's$/],
    ['this machine is late', 120_000, 121_000, /^warning: this machine's clock is 121 s behind Azure's$/],
    [
      'only the app can be read, and is ahead',
      60_000,
      undefined,
      /^error: the app's clock is 60 s ahead of this machine's$/,
    ],
    ['only Azure can be read, and agrees', undefined, 10_000, undefined],
  ])('%s', (_, appMs, armMs, expected) => {
    const found = whats(clocksCheck.evaluate({ appMs, armMs }));
    if (expected === undefined) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringMatching(expected)]);
  });
});

describe('storage', () => {
  const evaluate = (connectivity: Connectivity) =>
    whats(
      storageCheck.evaluate({ services: [{ setting: 'STATE', service: 'table', connectivity }], unset: [] }),
    );

  it('that refuses a look is no fault of the app', () => {
    expect(evaluate({ kind: 'refused', status: 403, code: 'AuthorizationPermissionMismatch' })).toEqual([
      expect.stringMatching(
        /^note: STATE \(table\) denies you access \(403 AuthorizationPermissionMismatch\)/,
      ),
    ]);
  });

  it('that is not there is', () => {
    expect(evaluate({ kind: 'unreachable', reason: 'getaddrinfo ENOTFOUND' })).toEqual([
      'error: STATE (table) cannot be reached: getaddrinfo ENOTFOUND',
    ]);
  });

  it('has to be set', () => {
    expect(whats(storageCheck.evaluate({ services: [], unset: ['queue'] }))).toEqual([
      'error: there is no queue storage',
    ]);
  });
});

describe('the topic', () => {
  const evaluate = (connectivity: Connectivity, isFound = true) =>
    whats(signalTopicCheck.evaluate({ topic: { url: 'https://t', connectivity, isFound } }));

  it.each<[Connectivity, RegExp]>([
    [{ kind: 'refused', status: 401, code: undefined }, /^note: you may not publish to the topic \(401\)/],
    [{ kind: 'refused', status: 404, code: undefined }, /^error: .* it answered 404$/],
    [{ kind: 'unreachable', reason: 'no answer in time' }, /^error: .* no answer in time$/],
  ])('%j', (answer, expected) => {
    expect(evaluate(answer)).toEqual([expect.stringMatching(expected)]);
  });

  it('may take events and be out of sight', () => {
    expect(evaluate({ kind: 'reachable' }, false)).toEqual([
      expect.stringMatching(/^note: .* in no visible subscription/),
    ]);
  });

  it('has to be set', () => {
    expect(whats(signalTopicCheck.evaluate({ topic: undefined }))).toEqual([
      'warning: SIGNAL_TOPIC__topicEndpointUri is not set',
    ]);
  });
});

describe('the roles', () => {
  const need = {
    role: 'globalRouting',
    scope: '/subscriptions/s/resourceGroups/rg/r',
    actions: ['X/write'],
    dataActions: [],
  } as const;
  const permission = { actions: [], notActions: [], dataActions: [], notDataActions: [] };
  const assignment = (scope: string, more: Partial<typeof permission> | object, roleId = 'custom') => ({
    id: 'assignment',
    scope,
    roleId,
    roleName: 'some role',
    permissions: [{ ...permission, ...more }],
  });
  const evaluate = (
    assignments: readonly ReturnType<typeof assignment>[],
    dataAction?: string,
    needs: readonly Need[] = [need],
  ) =>
    whats(
      rolesCheck.evaluate({
        principal: 'p',
        needs,
        assignments,
        isWhole: true,
        dataNeeds:
          dataAction === undefined
            ? []
            : [{ action: dataAction, builtInRole: 'Sender', resource: 'the topic' }],
      }),
    );
  const right = assignment(need.scope, { actions: ['X/write'] });

  it('are not enough where a registry honours data actions only', () => {
    const reader = {
      ...need,
      role: 'registries',
      actions: ['X/read'],
      dataActions: ['X/content/read'],
    } as const;
    const pull = assignment(need.scope, { actions: ['X/read', 'X/content/read'] });
    expect(evaluate([pull], undefined, [reader])).toEqual([
      'error: the app lacks permission for X/content/read on /subscriptions/s/resourceGroups/rg/r',
    ]);
    const right = assignment(need.scope, { actions: ['X/read'], dataActions: ['X/content/read'] });
    expect(evaluate([right], undefined, [reader])).toEqual([]);
  });

  it('are enough, and not more', () => {
    expect(evaluate([right])).toEqual([]);
  });

  it('are not enough elsewhere', () => {
    expect(evaluate([assignment('/subscriptions/s/resourceGroups/other', { actions: ['*/read'] })])).toEqual([
      'error: the app lacks permission for X/write on /subscriptions/s/resourceGroups/rg/r',
    ]);
  });

  it('are more than needed over a whole subscription, even for what is needed', () => {
    expect(evaluate([assignment('/subscriptions/s', { actions: ['X/write', '*/read'] })])).toEqual([
      expect.stringMatching(/^warning: the role some role .*: X\/write on \/subscriptions\/s$/),
    ]);
  });

  it('are no more than needed where they are those for its own data', () => {
    const sender = assignment(
      '/subscriptions/s',
      { actions: ['Y/write'] },
      'd5a91429-5739-47e2-a06b-3470a27159e7',
    );
    expect(evaluate([right, sender])).toEqual([]);
  });

  it('have to allow what is done with data, too', () => {
    expect(evaluate([right], 'Microsoft.EventGrid/events/send/action')).toEqual([
      'error: the app lacks permission for Microsoft.EventGrid/events/send/action on any scope',
    ]);
    const sender = assignment('/subscriptions/s/resourceGroups/t', {
      dataActions: ['Microsoft.EventGrid/events/*'],
    });
    expect(evaluate([right, sender], 'Microsoft.EventGrid/events/send/action')).toEqual([]);
  });
});

describe('the app', () => {
  it('that does not answer is the finding', () => {
    expect(whats(appCheck.evaluate({ kind: 'failed', reason: 'the app answered 503' }))).toEqual([
      'error: the app does not report its status: the app answered 503',
    ]);
  });
});

describe('a webhook', () => {
  const app = { url: 'https://my-evenkeel.azurewebsites.net', appId: undefined };
  const webhook: Webhook = {
    name: 'w',
    region: 'westus',
    isEnabled: true,
    scope: '',
    actions: ['push', 'delete'],
    url: `${app.url}/api/registry-webhook?region=West%20US&code=key`,
    headers: { 'X-Evenkeel-Secret': 'secret' },
  };
  const identityIn = (group: string, loginServer: string): Identity => ({
    id: idIn(group).toLowerCase(),
    ...{ name: 'myregistry', hosts: [], loginServer },
  });
  const idIn = (group: string) =>
    `/subscriptions/s/resourceGroups/${group}/providers/Microsoft.ContainerRegistry/registries/myregistry`;
  const ours = identityIn('rg', 'myregistry.azurecr.io');
  const twin = identityIn('rg-b', 'myregistry-a1b2c3.azurecr.io');
  const target = { app, id: idIn('rg'), identities: [ours], region: 'westus', secret: 'secret' };
  const faults = (more: Partial<Webhook>, identities = [ours]) =>
    webhookFaults({ ...webhook, ...more }, { ...target, identities }).map(({ what }) => what);
  const urlWith = (parameter: string) => ({
    url: `${webhook.url}&registry=${encodeURIComponent(parameter)}`,
  });

  it('is right, however its region and header are written', () => {
    expect(faults({})).toEqual([]);
  });

  it('is right about a secret that is not known here', () => {
    expect(webhookFaults(webhook, { ...target, secret: undefined })).toEqual([]);
  });

  it('needs a key in Azure', () => {
    expect(faults({ url: `${app.url}/api/registry-webhook?region=westus` })).toEqual([
      'has no function key in its URL',
    ]);
  });

  it('may name its registry in whatever way, as long as that names no other', () => {
    for (const name of ['myregistry', 'myregistry.azurecr.io', idIn('rg')]) {
      expect(faults(urlWith(name))).toEqual([]);
    }
    expect(faults(urlWith(idIn('rg')), [ours, twin])).toEqual([]);
    expect(faults(urlWith('myregistry'), [ours, twin])).toEqual(['names 2 registries in its URL']);
    for (const name of ['other', 'myregistry-a1b2c3', idIn('rg-b')]) {
      expect(faults(urlWith(name), [ours, twin])).toEqual([`names another registry in its URL: ${name}`]);
    }
  });

  it('needs to name its registry where there are others, when it tells of charts', () => {
    const charts = { actions: ['push', 'delete', 'chart_push'] };
    expect(faults(charts)).toEqual([]);
    expect(faults({}, [ours, twin])).toEqual([]);
    expect(faults(charts, [ours, twin])).toEqual(['names no registry in its URL']);
  });

  it('sends JSON', () => {
    const sending = (type: string) => faults({ headers: { ...webhook.headers, 'Content-Type': type } });
    expect(sending('application/json; charset=utf-8')).toEqual([]);
    expect(sending('text/plain')).toEqual(['sends the content type text/plain']);
  });

  it('has its registry and its resource group in its fix', () => {
    const [fault] = webhookFaults({ ...webhook, ...urlWith('other') }, target);
    expect(fault?.fix).toContain(`registry=${encodeURIComponent(idIn('rg'))}&region=westus`);
  });

  it('shows no secret in its fix', () => {
    const found = webhookFaults(
      { ...webhook, headers: { 'x-evenkeel-secret': 'old' } },
      { ...target, secret: 'new' },
    );
    expect(JSON.stringify(found)).not.toMatch(/"old|new"|=key/);
  });
});

describe('the zones', () => {
  const zone = (name: string) => ({ subscriptionId: 's', resourceGroup: 'rg-hub', name });
  const id = (name: string) =>
    `/subscriptions/s/resourcegroups/rg-hub/providers/microsoft.network/privatednszones/${name}`;
  const network = '/subscriptions/s/resourcegroups/rg-a/providers/microsoft.network/virtualnetworks/vnet-a';
  const spokes = [{ key: 'rg-a', zones: [id('a.test'), id('10.in-addr.arpa')], networks: [network] }];
  const evaluate = (networks: readonly string[], links = networks.length) =>
    whats(
      zonesCheck.evaluate({
        spokes,
        zones: [
          { zone: zone('a.test'), isReverse: false, links: 1, networks: [network] },
          { zone: zone('10.in-addr.arpa'), isReverse: true, links, networks },
        ],
      }),
    );

  it('are linked to the networks of their container groups', () => {
    expect(evaluate([network])).toEqual([]);
  });

  it('are noted where they are linked to others only', () => {
    expect(evaluate(['/subscriptions/s/other'])).toEqual([
      `note: the zone 10.in-addr.arpa is not linked to ${network}, in which container groups of its spokes are`,
    ]);
  });

  it('say nothing of links that are out of sight', () => {
    expect(evaluate([], 2)).toEqual([]);
  });
});
