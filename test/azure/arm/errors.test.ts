import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { retryAfterIn } from '../../../src/azure/arm/errors.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import {
  MissingPermissionError,
  RefusedCallError,
  ThrottledError,
  UncertainCallError,
} from '../../../src/lib/errors.ts';
import { type RecordingServer, serveRecorded } from '../../support/recording-server.ts';
import { listPorts, resourcePorts } from './ports.ts';

const nowMs = Date.parse('2026-11-21T12:00:00Z');
const inSeconds = (seconds: number) => new Date(nowMs + seconds * 1000).toUTCString();

describe('the wait that an answer requests', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: nowMs }));
  afterEach(() => vi.useRealTimers());

  it.each<[Record<string, string>, number | undefined]>([
    [{}, undefined],
    [{ 'retry-after': '20' }, 20_000],
    [{ 'retry-after': ' 20 ' }, 20_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '' }, undefined],
    [{ 'retry-after': '-1' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': inSeconds(90) }, 90_000],
    [{ 'retry-after': inSeconds(-90) }, undefined],
    // The service's clock is an hour ahead.
    [{ 'retry-after': inSeconds(3_690), date: inSeconds(3_600) }, 90_000],
    [{ 'x-ms-retry-after-ms': '1500' }, 1_500],
    [{ 'retry-after-ms': '1500' }, 1_500],
    [{ 'retry-after-ms': 'soon', 'x-ms-retry-after-ms': '1500' }, 1_500],
    [{ 'x-ms-retry-after-ms': 'soon', 'retry-after': '7' }, 7_000],
    [{ 'x-ms-retry-after-ms': '', 'retry-after': '7' }, 7_000],
    [{ 'x-ms-retry-after-ms': '1500', 'retry-after': '2' }, 1_500],
    [{ 'retry-after': '86400' }, 3_600_000],
    [{ 'retry-after': inSeconds(10 * 86_400) }, 3_600_000],
    [{ 'retry-after-ms': '1e12' }, 3_600_000],
  ])('by %j is %s ms', (headers, expected) => {
    expect(retryAfterIn(createHttpHeaders(headers))).toBe(expected);
  });
});

describe('a refusal', () => {
  let server: RecordingServer | undefined;
  afterEach(async () => server?.close());

  async function refused(port: (typeof listPorts)[number], status: number, code: string, headers = {}) {
    server = await serveRecorded(() =>
      Response.json({ error: { code, message: 'as the test wants it' } }, { status, headers }),
    );
    return port.read(server.url, deadlineIn(5_000)).then(
      () => expect.unreachable('the call was not refused'),
      (error: unknown) => error,
    );
  }
  const ports = [...listPorts, ...resourcePorts];

  it.each(ports)('of $name by a quota is throttled, and tells the status', async (port) => {
    const error = await refused(port, 429, 'TooManyRequests', { 'retry-after': '7' });
    expect(error).toBeInstanceOf(ThrottledError);
    expect(error).toMatchObject({ retryAfterMs: 7_000, status: 429 });
    expect(error).toHaveProperty('message', expect.stringMatching(/was throttled; retry after 7 s \(429\)$/));
  });

  it.each(ports)('of $name by a quota that names no wait has one all the same', async (port) => {
    expect(await refused(port, 429, 'TooManyRequests')).toMatchObject({ retryAfterMs: 10_000 });
  });

  it.each(ports)('of $name by a busy service that names a wait is throttled', async (port) => {
    const error = await refused(port, 503, 'ServiceUnavailable', { 'x-ms-retry-after-ms': '20000' });
    expect(error).toBeInstanceOf(ThrottledError);
    expect(error).toMatchObject({ retryAfterMs: 20_000, status: 503 });
    expect(error).toHaveProperty('message', expect.stringMatching(/retry after 20 s \(503\)$/));
  });

  it.each(ports)('of $name by a busy service that names none is uncertain', async (port) => {
    expect(await refused(port, 503, 'ServiceUnavailable')).toBeInstanceOf(UncertainCallError);
  });

  it.each(ports.filter(({ name }) => name.includes('container group')))(
    'of $name counts against the quota of the subscription',
    async (port) => {
      const error = await refused(port, 429, 'TooManyRequests');
      expect(error).toMatchObject({ scope: '/subscriptions/s' });
    },
  );

  it.each(ports.filter(({ name }) => name.includes('record set')))(
    'of $name counts against the quota of the zone',
    async (port) => {
      const error = await refused(port, 429, 'TooManyRequests');
      expect(error).toHaveProperty(
        'scope',
        expect.stringMatching(/\/privateDnsZones\/internal\.contoso\.com$/),
      );
    },
  );

  it('for want of a role is a missing permission; by a policy it is not', async () => {
    const [port] = resourcePorts;
    if (port === undefined) throw new Error('there is no port');
    expect(await refused(port, 403, 'AuthorizationFailed')).toBeInstanceOf(MissingPermissionError);
    await server?.close();
    const error = await refused(port, 403, 'RequestDisallowedByPolicy');
    expect(error).toBeInstanceOf(RefusedCallError);
    expect(error).toMatchObject({ code: 'RequestDisallowedByPolicy' });
    expect(error).toHaveProperty('message', expect.not.stringMatching(/role/i));
  });
});
