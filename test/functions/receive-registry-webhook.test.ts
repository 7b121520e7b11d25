import { hash } from 'node:crypto';
import { HttpRequest, type HttpResponseInit } from '@azure/functions';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Config } from '../../src/config.ts';
import { receiveRegistryWebhook } from '../../src/functions/receive-registry-webhook.ts';
import { StateUnavailableError, ThrottledError } from '../../src/lib/errors.ts';
import type { Registry } from '../../src/registries/registry.ts';
import type { NotificationPorts } from '../../src/replication/record.ts';
import { payload, personalData } from '../events/payloads.ts';
import {
  configOf,
  fakeNotifications,
  finderOf,
  invocation,
  registryId,
  secret,
} from '../support/fake-notifications.ts';

// A day after the payloads.
beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-11-22T12:00:00Z'), toFake: ['Date'] }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const myregistry = { id: registryId('myregistry') };
const other = { id: registryId('other') };
const push = () => payload('registry-webhook', 'push');
const tooLarge = 'x'.repeat(64 * 1024 + 1);

interface Sent {
  readonly query?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends one webhook to the function. Every part that is not given is correct. */
async function send({ query = 'region=westus', body = push(), headers = {} }: Sent, env: Environment = {}) {
  const {
    config = configOf([myregistry]),
    fakes = fakeNotifications(),
    loadPorts = async () => fakes.ports,
  } = env;
  const { context, lines } = invocation();
  const request = new HttpRequest({
    method: 'POST',
    url: `http://127.0.0.1/api/registry-webhook?${query}`,
    headers: { 'content-type': 'application/json', 'x-evenkeel-secret': secret, ...headers },
    body: bodyOf(body),
  });
  const handler = receiveRegistryWebhook(config, finderOf(config, env.loginServers), loadPorts);
  const answer: HttpResponseInit = v.parse(answerSchema, await handler(request, context));
  return { status: answer.status ?? 200, answer, lines, recorded: fakes.recorded };
}

const bodyOf = (body: unknown) =>
  body instanceof Uint8Array
    ? { bytes: body }
    : { string: typeof body === 'string' ? body : JSON.stringify(body) };

interface Environment {
  readonly config?: Config;
  readonly fakes?: ReturnType<typeof fakeNotifications>;
  readonly loadPorts?: () => Promise<NotificationPorts>;
  readonly loginServers?: (registry: Registry) => string | undefined;
}

const answerSchema = v.object({
  status: v.exactOptional(v.number()),
  headers: v.exactOptional(v.record(v.string(), v.string())),
  jsonBody: v.unknown(),
});

const errorOf = (code: string, message: unknown = expect.any(String)) => ({ error: { code, message } });

describe('receiveRegistryWebhook', () => {
  it('records a push in the region of its URL, and logs it once', async () => {
    const { status, answer, lines, recorded } = await send({ query: 'region=West%20US' });
    expect(status).toBe(200);
    expect(answer.jsonBody).toEqual({ result: 'recorded' });
    expect(recorded).toEqual([
      {
        to: myregistry.id,
        kind: 'push',
        image: {
          registry: 'myregistry.azurecr.io',
          repository: 'team/app',
          digest: 'sha256:80f0d5c8786bb9e621a45ece0db56d11cdc624ad20da9fe62e9d25490f331d7d',
        },
        tag: 'v1',
        region: 'westus',
        at: new Date('2026-11-21T16:52:01.343Z'),
        evidence: 'webhook',
        sizeBytes: 524,
      },
    ]);
    expect(lines).toEqual([
      expect.stringMatching(/^information registry webhook recorded .*"result":"recorded"/),
    ]);
  });

  it('records a deletion', async () => {
    const { status, recorded } = await send({ body: payload('registry-webhook', 'delete') });
    expect(status).toBe(200);
    expect(recorded).toMatchObject([{ kind: 'delete', image: { repository: 'team/app' } }]);
  });

  it('answers a duplicate like the first', async () => {
    const fakes = fakeNotifications();
    await send({}, { fakes });
    expect((await send({}, { fakes })).status).toBe(200);
  });

  it.each(['ping', 'quarantine'])('answers a %s, and records nothing', async (action) => {
    const { status, lines, recorded } = await send({ body: payload('registry-webhook', action) });
    expect(status).toBe(200);
    expect(recorded).toEqual([]);
    expect(lines).toEqual([
      expect.stringMatching(/^information registry webhook ignored .*"reason":"(ping|quar)/),
    ]);
  });

  it('records a push in a region that cannot be verified now', async () => {
    const { status, recorded } = await send({ query: 'region=westeurope' });
    expect(status).toBe(200);
    expect(recorded).toMatchObject([{ region: 'westeurope' }]);
  });

  it('takes the registry from the body before the URL', async () => {
    const config = configOf([myregistry, other]);
    const { recorded } = await send({ query: 'region=westus&registry=other' }, { config });
    expect(recorded).toMatchObject([{ to: myregistry.id }]);
  });

  it.each([
    ['other', other.id],
    ['other.azurecr.io', other.id],
  ])('takes the registry %s from the URL when the body names none', async (name, to) => {
    const config = configOf([myregistry, other]);
    const body = payload('registry-webhook', 'chart-push');
    const { status, recorded } = await send({ query: `region=westus&registry=${name}`, body }, { config });
    expect(status).toBe(200);
    expect(recorded).toMatchObject([{ to, tag: 'wordpress-5.4.0.tgz' }]);
  });

  it.each(['chart-push', 'chart-delete', 'ping'])('takes the only registry for a %s', async (name) => {
    const { status } = await send({ body: payload('registry-webhook', name) });
    expect(status).toBe(200);
  });

  it('requires no secret when none is set', async () => {
    const config = configOf([myregistry], { REGISTRY_WEBHOOK_SECRET: '' });
    expect((await send({ headers: { 'x-evenkeel-secret': '' } }, { config })).status).toBe(200);
  });

  it.each(['application/json; charset=utf-8', 'Application/JSON', 'application/vnd.acme+json'])(
    'accepts %s as JSON',
    async (type) => {
      expect((await send({ headers: { 'content-type': type } })).status).toBe(200);
    },
  );
});

describe('receiveRegistryWebhook refuses', () => {
  const bad = { query: 'x=1', body: tooLarge, headers: { 'content-type': 'text/plain' } };
  const unknown = { ...push(), request: { host: 'unknown.azurecr.io' } };
  const startOf = (text: string) => hash('sha256', text, 'buffer')[0];
  /** Another text whose hash begins as that of the secret does. */
  const similar = Array.from({ length: 10_000 }, (_, index) => `other ${index}`).find(
    (text) => startOf(text) === startOf(secret),
  );
  // Each request has every fault of those below it too, and is answered with the first.
  it.each<[number, string, Sent]>([
    [401, 'unauthorized', { ...bad, headers: { ...bad.headers, 'x-evenkeel-secret': '' } }],
    [401, 'unauthorized', { ...bad, headers: { ...bad.headers, 'x-evenkeel-secret': `${secret}.` } }],
    [401, 'unauthorized', { ...bad, headers: { ...bad.headers, 'x-evenkeel-secret': similar ?? '' } }],
    [413, 'bodyTooLarge', bad],
    [415, 'notJson', { ...bad, body: '{' }],
    [400, 'malformedBody', { query: 'x=1', body: '{' }],
    [400, 'malformedBody', { query: 'x=1', body: { ...unknown, action: 'pull' } }],
    [400, 'regionMissing', { query: 'x=1', body: unknown }],
    [400, 'regionMissing', { query: 'region=%20', body: unknown }],
    [404, 'registryNotConfigured', { query: 'region=mars', body: unknown }],
    [400, 'regionUnknown', { query: 'region=mars' }],
    [400, 'regionUnknown', { query: 'region=west/us' }],
    [400, 'regionUnknown', { query: 'region=westus,eastus' }],
    [400, 'regionUnknown', { query: 'region=mars', body: payload('registry-webhook', 'ping') }],
  ])('with %d %s, records nothing, and logs the reason in one line', async (status, code, sent) => {
    const received = await send(sent);
    expect(received.status).toBe(status);
    expect(received.answer.jsonBody).toEqual(errorOf(code));
    expect(received.recorded).toEqual([]);
    expect(received.lines).toEqual([
      expect.stringContaining(`"status":${status},"reason":"${code}","detail":`),
    ]);
    expect(received.lines.join()).toMatch(/^warn\w* registry webhook refused /);
    expect(received.lines.join()).not.toContain(secret);
  });

  it('a body of more than 64 KiB, and none of 64 KiB for its size', async () => {
    const json = JSON.stringify(push());
    expect((await send({ body: json.padEnd(64 * 1024) })).status).toBe(200);
    expect((await send({ body: json.padEnd(64 * 1024 + 1) })).status).toBe(413);
    // 'é' has two bytes.
    expect((await send({ body: JSON.stringify({ note: 'é'.repeat(40_000), ...push() }) })).status).toBe(413);
  });

  it('a body that is not UTF-8', async () => {
    const body = Buffer.from(JSON.stringify({ note: 'é', ...push() }), 'latin1');
    expect((await send({ body })).answer.jsonBody).toEqual(errorOf('malformedBody'));
  });

  it.each(['', 'text/plain', 'application/x-www-form-urlencoded', 'json'])('the type %j', async (type) => {
    expect((await send({ headers: { 'content-type': type } })).status).toBe(415);
  });

  it('a body without a registry when there are none or two, with what to do', async () => {
    for (const registries of [[], [myregistry, other]]) {
      const config = configOf(registries);
      const { status, answer } = await send({ body: payload('registry-webhook', 'ping') }, { config });
      expect(status).toBe(404);
      expect(answer.jsonBody).toEqual(
        errorOf('registryNotConfigured', expect.stringContaining('add registry= to the URL')),
      );
    }
  });
});

describe('receiveRegistryWebhook answers 503', () => {
  it.each<[string, Error, string]>([
    ['the ledger is not available', new StateUnavailableError('refused', 4200), '5'],
    ['the ledger is throttled', new ThrottledError('write', 'ledger', 61_000), '61'],
    ['something unforeseen happens', new TypeError('hunter2'), '30'],
  ])('with a time to try again when %s', async (_, fail, retryAfter) => {
    const { status, answer, lines } = await send({}, { fakes: fakeNotifications({ fail }) });
    expect(status).toBe(503);
    expect(answer.headers).toEqual({ 'retry-after': retryAfter });
    expect(answer.jsonBody).toEqual(
      errorOf('notRecorded', `nothing was recorded; try again in ${retryAfter} s`),
    );
    expect(lines).toEqual([
      expect.stringMatching(/^error registry webhook failed .*"registry":"myregistry"/),
    ]);
    expect(lines.join()).toContain(`"reason":"${fail.name}"`);
  });

  it('when what it needs cannot be made', async () => {
    const loadPorts = () => Promise.reject(new StateUnavailableError('STATE is bad', 10_000));
    expect((await send({}, { loadPorts })).status).toBe(503);
  });

  it.each<[string, Config, string]>([
    ['REGISTRIES is bad', configOf({}), 'REGISTRIES: expected an array'],
    [
      'the entry of the registry is bad',
      configOf([{ ...myregistry, probe: 1 }, other]),
      'REGISTRIES[0].probe',
    ],
    [
      'there is no secret in Azure',
      configOf([myregistry], { REGISTRY_WEBHOOK_SECRET: '', WEBSITE_SITE_NAME: 'evenkeel' }),
      'REGISTRY_WEBHOOK_SECRET: expected',
    ],
  ])('when %s, which the log names and the answer does not', async (_, config, sentence) => {
    const { status, answer, lines, recorded } = await send({}, { config });
    expect(status).toBe(503);
    expect(recorded).toEqual([]);
    expect(lines.join()).toContain(sentence);
    expect(JSON.stringify(answer)).not.toContain('REGISTR');
  });
});

describe('receiveRegistryWebhook, while nothing is known of a login server,', () => {
  const unknown = () => undefined;

  it('records a body under the login server that its host shows', async () => {
    const body = { ...push(), request: { host: 'myregistry-a1b2c3.azurecr.io' } };
    const { status, recorded } = await send({ body }, { loginServers: unknown });
    expect(status).toBe(200);
    expect(recorded).toMatchObject([{ image: { registry: 'myregistry-a1b2c3.azurecr.io' } }]);
  });

  it('answers 503 to a body without a host, and the log says why', async () => {
    const body = payload('registry-webhook', 'chart-push');
    const { status, answer, lines, recorded } = await send({ body }, { loginServers: unknown });
    expect({ status, headers: answer.headers }).toEqual({ status: 503, headers: { 'retry-after': '30' } });
    expect(recorded).toEqual([]);
    expect(lines).toEqual([expect.stringContaining('"reason":"LoginServerUnknownError"')]);
  });

  it('refuses a host that fits no entry', async () => {
    const body = { ...push(), request: { host: 'other-a1b2c3.azurecr.io' } };
    expect((await send({ body }, { loginServers: unknown })).status).toBe(404);
  });
});

describe('what receiveRegistryWebhook logs', () => {
  it('contains no personal data, no secret and no host of the sender', async () => {
    const sent = [
      await send({}),
      await send({ query: '' }),
      await send({ body: { ...push(), action: personalData[0] } }),
      await send({}, { fakes: fakeNotifications({ fail: new Error('x') }) }),
    ];
    const lines = sent.flatMap((one) => one.lines).join('\n');
    expect(lines.split('\n')).toHaveLength(4);
    for (const text of [...personalData, secret]) expect(lines).not.toContain(text);
  });
});
