import { describe, expect, it } from 'vitest';
import { appCheck } from '../../../../src/cli/commands/doctor/checks/app.ts';
import { clocksCheck } from '../../../../src/cli/commands/doctor/checks/clocks.ts';
import { rolesCheck } from '../../../../src/cli/commands/doctor/checks/roles.ts';
import { signalTopicCheck } from '../../../../src/cli/commands/doctor/checks/signal-topic.ts';
import { storageCheck } from '../../../../src/cli/commands/doctor/checks/storage.ts';
import type { Connectivity } from '../../../../src/cli/commands/doctor/ports.ts';
import { type Webhook, webhookFaults } from '../../../../src/cli/commands/doctor/webhook-faults.ts';

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
    const found = whats(clocksCheck.judge({ appMs, armMs }));
    if (expected === undefined) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringMatching(expected)]);
  });
});

describe('storage', () => {
  const judge = (answer: Connectivity) =>
    whats(storageCheck.judge({ services: [{ setting: 'STATE', service: 'table', answer }], unset: [] }));

  it('that refuses a look is no fault of the app', () => {
    expect(judge({ kind: 'refused', status: 403, code: 'AuthorizationPermissionMismatch' })).toEqual([
      expect.stringMatching(
        /^note: STATE \(table\) does not let you look \(403 AuthorizationPermissionMismatch\)/,
      ),
    ]);
  });

  it('that is not there is', () => {
    expect(judge({ kind: 'silent', reason: 'getaddrinfo ENOTFOUND' })).toEqual([
      'error: STATE (table) cannot be reached: getaddrinfo ENOTFOUND',
    ]);
  });

  it('has to be set', () => {
    expect(whats(storageCheck.judge({ services: [], unset: ['queue'] }))).toEqual([
      'error: there is no queue storage',
    ]);
  });
});

describe('the topic', () => {
  const judge = (answer: Connectivity, isFound = true) =>
    whats(signalTopicCheck.judge({ topic: { url: 'https://t', answer, isFound } }));

  it.each<[Connectivity, RegExp]>([
    [{ kind: 'refused', status: 401, code: undefined }, /^note: the topic does not let you publish \(401\)/],
    [{ kind: 'refused', status: 404, code: undefined }, /^error: .* it answers 404$/],
    [{ kind: 'silent', reason: 'no answer in time' }, /^error: .* no answer in time$/],
  ])('%j', (answer, expected) => {
    expect(judge(answer)).toEqual([expect.stringMatching(expected)]);
  });

  it('may take events and be out of sight', () => {
    expect(judge({ kind: 'open' }, false)).toEqual([expect.stringMatching(/^note: .* in no subscription/)]);
  });

  it('has to be set', () => {
    expect(whats(signalTopicCheck.judge({ topic: undefined }))).toEqual([
      'warning: SIGNAL_TOPIC__topicEndpointUri is not set',
    ]);
  });
});

describe('the roles', () => {
  const need = {
    role: 'globalRouting',
    scope: '/subscriptions/s/resourceGroups/rg/r',
    actions: ['X/write'],
  } as const;
  const permission = { actions: [], notActions: [], dataActions: [], notDataActions: [] };
  const assignment = (scope: string, more: Partial<typeof permission> | object, roleId = 'custom') => ({
    ...{ id: 'assignment', scope, roleId, roleName: 'some role' },
    permissions: [{ ...permission, ...more }],
  });
  const judge = (assignments: readonly ReturnType<typeof assignment>[], dataAction?: string) =>
    whats(
      rolesCheck.judge({
        ...{ principal: 'p', needs: [need], assignments, isWhole: true },
        dataNeeds:
          dataAction === undefined ? [] : [{ action: dataAction, builtInRole: 'Sender', on: 'the topic' }],
      }),
    );
  const right = assignment(need.scope, { actions: ['X/write'] });

  it('are enough, and not more', () => {
    expect(judge([right])).toEqual([]);
  });

  it('are not enough elsewhere', () => {
    expect(judge([assignment('/subscriptions/s/resourceGroups/other', { actions: ['*/read'] })])).toEqual([
      'error: the app may not X/write on /subscriptions/s/resourceGroups/rg/r',
    ]);
  });

  it('are more than needed over a whole subscription, even for what is needed', () => {
    expect(judge([assignment('/subscriptions/s', { actions: ['X/write', '*/read'] })])).toEqual([
      expect.stringMatching(/^warning: the role some role .*: X\/write on \/subscriptions\/s$/),
    ]);
  });

  it('are no more than needed where they are those for its own data', () => {
    const sender = assignment(
      '/subscriptions/s',
      { actions: ['Y/write'] },
      'd5a91429-5739-47e2-a06b-3470a27159e7',
    );
    expect(judge([right, sender])).toEqual([]);
  });

  it('have to allow what is done with data, too', () => {
    expect(judge([right], 'Microsoft.EventGrid/events/send/action')).toEqual([
      'error: the app may not Microsoft.EventGrid/events/send/action anywhere',
    ]);
    const sender = assignment('/subscriptions/s/resourceGroups/t', {
      dataActions: ['Microsoft.EventGrid/events/*'],
    });
    expect(judge([right, sender], 'Microsoft.EventGrid/events/send/action')).toEqual([]);
  });
});

describe('the app', () => {
  it('that does not answer is the finding', () => {
    expect(whats(appCheck.judge({ kind: 'failed', reason: 'the app answered 503' }))).toEqual([
      'error: the app does not tell its status: the app answered 503',
    ]);
  });
});

describe('a webhook', () => {
  const app = { url: 'https://my-evenkeel.azurewebsites.net', appId: undefined };
  const webhook: Webhook = {
    ...{ name: 'w', region: 'westus', isEnabled: true, scope: '', actions: ['push', 'delete'] },
    url: `${app.url}/api/registry-webhook?region=West%20US&code=key`,
    headers: { 'X-Evenkeel-Secret': 'secret' },
  };
  const faults = (more: Partial<Webhook>, secret: string | undefined = 'secret') =>
    webhookFaults({ ...webhook, ...more }, { app, region: 'westus', secret }).map(({ what }) => what);

  it('is right, however its region and header are written', () => {
    expect(faults({})).toEqual([]);
  });

  it('is right about a secret that is not known here', () => {
    expect(webhookFaults(webhook, { app, region: 'westus', secret: undefined })).toEqual([]);
  });

  it('needs a key in Azure', () => {
    expect(faults({ url: `${app.url}/api/registry-webhook?region=westus` })).toEqual([
      'has no function key in its URL',
    ]);
  });

  it('shows no secret in what would mend it', () => {
    const found = webhookFaults(
      { ...webhook, headers: { 'x-evenkeel-secret': 'old' } },
      { app, region: 'westus', secret: 'new' },
    );
    expect(JSON.stringify(found)).not.toMatch(/"old|new"|=key/);
  });
});
