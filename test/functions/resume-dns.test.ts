import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../local/azure/local-azure.ts';
import { sampleZoneMap } from '../../local/azure/sample.ts';
import { azureClients } from '../../src/azure/clients.ts';
import { parseConfig } from '../../src/config.ts';
import { RequeueError } from '../../src/dns/errors.ts';
import type { RequeueQueue } from '../../src/dns/ports.ts';
import { createRateLimiter } from '../../src/dns/rate-limiter.ts';
import { resumeDns } from '../../src/functions/resume-dns.ts';
import { records, recordsOf, removeEverything } from '../e2e/records.ts';
import { invocation } from '../support/fake-notifications.ts';
import { aStorageAccount } from '../support/storage-account.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

let azure: LocalAzure;
let queue: QueueClient;
beforeAll(async () => {
  azure = await startLocalAzure({ storage: await aStorageAccount() });
  queue = QueueServiceClient.fromConnectionString(connection()).getQueueClient('evenkeel-dns');
});
afterAll(() => azure.close());
beforeEach(async () => {
  removeEverything(azure);
  await queue.createIfNotExists();
  await queue.clearMessages();
});
afterEach(() => void vi.restoreAllMocks());

const connection = () => azure.storage?.connectionString ?? '';
const create = () =>
  azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web', address: '10.1.0.4' });

/**
 * The function over the simulator and the queue of Azurite, in a time of its own: what is put back for a while is there
 * at once, and the clock has moved on by that while.
 */
async function resumer({
  env = {},
  queueFails = false,
}: {
  env?: Record<string, string>;
  queueFails?: boolean;
} = {}) {
  const config = parseConfig({
    ARM_ENDPOINT: azure.armEndpoint,
    DNS_ZONE_MAP: JSON.stringify(sampleZoneMap),
    AzureWebJobsStorage: connection(),
    ...env,
  });
  const clients = azureClients(config);
  const start = Date.now();
  let elapsedMs = 0;
  const clock = {
    now: () => new Date(start + elapsedMs),
    sleep: async (ms: number) => {
      elapsedMs += ms;
    },
  };
  const pauses: number[] = [];
  const requeueQueue: RequeueQueue = {
    async requeue(message, dueInMs) {
      if (queueFails) throw new RequeueError(message.group.key, { cause: new Error('the queue is down') });
      pauses.push(dueInMs);
      elapsedMs += dueInMs;
      await clients.requeueQueue?.requeue(message, 0);
    },
  };
  const random = () => 0.5;
  const loadPorts = async () => {
    const [groups, { reader, writer }] = await Promise.all([clients.containerGroups(), clients.recordSets()]);
    return {
      containerGroups: groups.reader,
      recordSets: { ...reader, ...writer },
      requeueQueue,
      clock,
      random,
      rateLimiter: createRateLimiter(() => elapsedMs),
      signals: { publish: async () => {} },
      journal: {
        recordRepair: () => {},
        recordReconciled: () => {},
        recordConflict: () => {},
        flush: async () => {},
      },
    };
  };
  const handler = resumeDns(config, loadPorts, { requeueQueue, clock, random });
  const { context, lines } = invocation();

  /** One invocation. */
  const invoke = async (message: unknown): Promise<unknown> => {
    try {
      await handler(message, context);
      return undefined;
    } catch (error) {
      return error;
    }
  };
  /** Takes the messages one by one until none is left, or until one fails; that one stays in the queue. */
  const run = async (): Promise<{ invocations: number; error: unknown }> => {
    for (let invocations = 0; ; invocations++) {
      const [message] = (await queue.receiveMessages()).receivedMessageItems;
      if (message === undefined) return { invocations, error: undefined };
      const error = await invoke(message.messageText);
      if (error !== undefined) return { invocations: invocations + 1, error };
      await queue.deleteMessage(message.messageId, message.popReceipt);
    }
  };
  return { invoke, run, lines, pauses, elapsedMs: () => elapsedMs };
}

const waiting = async () => (await queue.getProperties()).approximateMessagesCount;
/** The next message, which stays where it is. */
const nextMessage = async (): Promise<unknown> =>
  JSON.parse((await queue.peekMessages()).peekedMessageItems[0]?.messageText ?? '');

/** Resource Manager answers nothing but 503 until the time is over. */
const outage = (isOver: () => boolean) =>
  azure.faults.add({ match: () => !isOver(), kind: 'status', status: 503 });

describe('a group that cannot be reconciled', () => {
  it('is put back until it can be, with growing pauses, however long that takes within a day', async () => {
    const web = create();
    const { run, pauses, lines, elapsedMs } = await resumer();
    outage(() => elapsedMs() > 10 * hourMs);
    await queue.sendMessage(JSON.stringify({ containerGroup: web }));

    expect(await run()).toEqual({ invocations: 10, error: undefined });
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
    const scheduledMs = [
      10_000,
      30_000,
      ...[1, 5, 10, 30, 60, 180, 360].map((minutes) => minutes * minuteMs),
    ];
    expect(pauses).toEqual(scheduledMs.map((ms) => (ms * 11) / 10));
    const told = lines.filter((line) => line.includes('queue message requeued'));
    expect(told).toHaveLength(9);
    expect(told[0]).toMatch(
      /^warn\w* queue message requeued .*"reason":"NotConvergedError","failures":1,.*"dueInMs":11000/,
    );
    expect(lines.at(-1)).toMatch(/^information dns reconciled .*"result":"created"/);
  });

  it('fails its invocation when it was kept for a day, so that the host sets it aside', async () => {
    const web = create();
    const { run, elapsedMs } = await resumer();
    outage(() => false);
    await queue.sendMessage(JSON.stringify({ containerGroup: web }));

    const { error } = await run();
    expect(error).toMatchObject({ name: 'NotConvergedError' });
    expect(elapsedMs()).toBeGreaterThanOrEqual(24 * hourMs);
    expect(elapsedMs()).toBeLessThan(48 * hourMs);
    expect(await waiting()).toBe(1);
  });

  it('fails its invocation when the queue does not take it back', async () => {
    const web = create();
    const { invoke, lines } = await resumer({ queueFails: true });
    outage(() => false);
    expect(await invoke(JSON.stringify({ containerGroup: web }))).toBeInstanceOf(RequeueError);
    expect(lines.at(-1)).toMatch(
      /^error queue message requeue failed .*check DEFERRAL or AzureWebJobsStorage/,
    );
  });

  it('keeps what its message names', async () => {
    const web = create();
    const { invoke } = await resumer();
    outage(() => false);
    const message = { containerGroup: web.toLowerCase(), addresses: ['10.1.0.77'], trigger: 'audit' };
    expect(await invoke(JSON.stringify({ ...message, note: 'by hand' }))).toBeUndefined();
    expect(await nextMessage()).toEqual({
      ...message,
      failures: 1,
      firstFailedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it('waits as long as a service asks for, where that is longer', async () => {
    const web = create();
    const { invoke, pauses } = await resumer({ env: { DNS_POLICY: 'observe' } });
    azure.faults.add({ match: 'RecordSets_Get', kind: 'status', status: 429, retryAfterSeconds: 120 });
    expect(await invoke(JSON.stringify({ containerGroup: web }))).toBeUndefined();
    expect(pauses).toEqual([132_000]);
  });

  it('waits for a setting to be put right, which is named', async () => {
    const { invoke, lines } = await resumer({ env: { DNS_ZONE_MAP: '7' } });
    expect(await invoke(JSON.stringify({ containerGroup: create() }))).toBeUndefined();
    expect(lines).toEqual([
      expect.stringMatching(
        /^warn\w* queue message requeued .*"reason":"SettingError".*DNS_ZONE_MAP: expected/,
      ),
    ]);
    expect(await waiting()).toBe(1);
  });

  it('that is still being created is waited for, and no fault', async () => {
    const web = create();
    azure.containerGroups.set(web, { provisioningState: 'Creating', address: undefined });
    const { invoke, lines } = await resumer();
    expect(await invoke(JSON.stringify({ containerGroup: web }))).toBeUndefined();
    expect(lines.join('\n')).toMatch(/queue message requeued .*"reason":"notReady"/);
  });
});

describe('a message', () => {
  const encodings: readonly [string, (message: object) => unknown][] = [
    ['plain JSON', (message) => JSON.stringify(message)],
    [
      'base64 of JSON, as older versions wrote',
      (message) => Buffer.from(JSON.stringify(message)).toString('base64'),
    ],
    ['an object, which the host makes of JSON', (message) => message],
  ];
  it.each(encodings)('may be %s', async (_, encode) => {
    const { invoke } = await resumer();
    expect(await invoke(encode({ containerGroup: create() }))).toBeUndefined();
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
  });

  it('that names no group is accepted with one line, and not put back', async () => {
    const { invoke, lines } = await resumer();
    expect(await invoke(JSON.stringify({ containerGroup: 'web' }))).toBeUndefined();
    expect(lines).toEqual([expect.stringMatching(/^error queue message malformed/)]);
    expect(await waiting()).toBe(0);
  });
});
