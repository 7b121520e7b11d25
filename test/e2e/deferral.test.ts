import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleHub, sampleSubscriptionId } from '../../local/azure/sample.ts';
import { resourceEvent } from './events.ts';
import { type Installation, install } from './installation.ts';
import { calls, records, recordsOf, removeEverything } from './records.ts';

let installation: Installation;
const queue = () =>
  QueueServiceClient.fromConnectionString(installation.azure.storage?.connectionString ?? '').getQueueClient(
    'evenkeel-dns',
  );

beforeAll(async () => {
  installation = await install({ azure: { storage: {} } });
});
afterAll(() => installation.close());
beforeEach(async () => {
  removeEverything(installation.azure);
  await queue().createIfNotExists();
  await queue().clearMessages();
});

const zoneId = `/subscriptions/${sampleSubscriptionId}/resourceGroups/${sampleHub}/providers/Microsoft.Network/privateDnsZones/spoke-a.internal.contoso.com`;
const create = (address: string) =>
  installation.azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web', address });
const waiting = async () => (await queue().getProperties()).approximateMessagesCount;
const enqueue = (message: object, encoding: BufferEncoding = 'utf8') =>
  queue().sendMessage(Buffer.from(JSON.stringify(message)).toString(encoding));

/** Resolves with the first line from now on that holds the text. */
async function lineWith(text: string, from: number): Promise<string> {
  const { lines } = installation;
  await expect
    .poll(() => lines.slice(from).find((line) => line.includes(text)), { timeout: 10_000 })
    .toBeDefined();
  return lines.slice(from).find((line) => line.includes(text)) ?? '';
}

describe('the queue of what has to wait', () => {
  it('takes a group that a quota refuses for longer than an invocation may last, and the event is accepted', async () => {
    const { azure, deliver, lines } = installation;
    const web = create('10.1.0.4');
    azure.faults.add({
      match: 'RecordSets_CreateOrUpdate',
      kind: 'status',
      status: 429,
      retryAfterSeconds: 60,
    });
    const from = lines.length;
    expect(await deliver(resourceEvent(web))).toBe(202);
    expect(await lineWith('dns reconciled', from)).toMatch(/"result":"deferred".*"dueInMs":60000/);
    expect(await waiting()).toBe(1);
    expect(records(azure)).toEqual([]);
  });

  it('does not let the hour that one record set was told steer another one, which was told a second', async () => {
    const { azure, deliver } = installation;
    const group = (name: string, address: string) =>
      azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name, address });
    const recordSet = (name: string) => `${zoneId}/A/${name}`;
    const throttled = { kind: 'status', status: 429, method: 'PUT' } as const;
    azure.faults.add({ ...throttled, path: recordSet('pc1'), retryAfterSeconds: 3600, times: 1 });
    azure.faults.add({ ...throttled, path: recordSet('pc2'), retryAfterSeconds: 1, times: 2 });
    expect(await deliver(resourceEvent(group('pc1', '10.1.0.4')))).toBe(202);
    expect(await deliver(resourceEvent(group('pc2', '10.1.0.5')))).toBe(202);
    await expect.poll(() => records(azure), { timeout: 20_000 }).toEqual(recordsOf('pc2', 'a', '10.1.0.5'));
  });

  it.each<[string, object, number]>([
    ['429 and a date in ten days', { status: 429, retryAfterDateSeconds: 864_000 }, 3_600_000],
    ['503 and 40 seconds', { status: 503, retryAfterSeconds: 40 }, 40_000],
    ['503 and a date in a minute', { status: 503, retryAfterDateSeconds: 60 }, 60_000],
  ])(
    'asks no second time where the answer is %s, and waits an hour at most',
    async (_, answer, longestMs) => {
      const { azure, deliver, lines } = installation;
      const web = create('10.1.0.4');
      const fault = {
        kind: 'status',
        status: 429,
        ...answer,
        path: `${zoneId}/A/web`,
        method: 'PUT',
      } as const;
      const { hits } = azure.faults.add(fault);
      const from = lines.length;
      expect(await deliver(resourceEvent(web))).toBe(202);
      const line = await lineWith('"result":"deferred"', from);
      const dueInMs = Number(/"dueInMs":(\d+)/.exec(line)?.[1]);
      expect(dueInMs).toBeGreaterThan(longestMs * 0.9);
      expect(dueInMs).toBeLessThanOrEqual(longestMs);
      expect(hits()).toBe(1);
      expect(lines.slice(from).join('\n')).not.toContain('DEFERRAL');
    },
  );

  it('gives groups whose read is throttled a time of their own, because their quota is that of the subscription', async () => {
    const { azure, deliver, lines } = installation;
    azure.faults.add({ kind: 'status', status: 429, match: 'ContainerGroups_Get', retryAfterSeconds: 60 });
    const from = lines.length;
    for (const name of ['one', 'two', 'three']) {
      const address = `10.1.0.${20 + name.length}`;
      const id = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name, address });
      expect(await deliver(resourceEvent(id))).toBe(202);
    }
    const printed = lines.slice(from).filter((line) => /containergroups\/(one|two|three)"/.test(line));
    const dueAt = printed.flatMap((line) => {
      const [, dueInMs] = /"dueInMs":(\d+)/.exec(line) ?? [];
      const [, printedAt] = /^\[([^\]]+)\]/.exec(line) ?? [];
      return dueInMs === undefined ? [] : Date.parse(printedAt ?? '') + Number(dueInMs);
    });
    expect(dueAt).toHaveLength(3);
    const gaps = dueAt.slice(1).map((at, index) => at - (dueAt[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(500);
  });

  it.each<[string, BufferEncoding]>([
    ['plain JSON, as a person would put it', 'utf8'],
    ['base64 of JSON, as older versions put it', 'base64'],
  ])('has resumeDns reconcile a group that a message names in %s', async (_, encoding) => {
    const { azure, lines } = installation;
    const web = create('10.1.0.4');
    const from = lines.length;
    await enqueue({ containerGroup: web }, encoding);
    expect(await lineWith('dns reconciled', from)).toContain('"result":"created"');
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
  });

  it('gets a group back that cannot be reconciled now, and the host need not try it again', async () => {
    const { azure, lines } = installation;
    azure.faults.add({ match: 'RecordSets_Get', kind: 'status', status: 403, code: 'AuthorizationFailed' });
    const from = lines.length;
    await enqueue({ containerGroup: create('10.1.0.4') });
    const line = await lineWith('queue message requeued', from);
    expect(line).toMatch(/"reason":"MissingPermissionError","failures":1,.*"dueInMs":1[0-2]\d{3}\b/);
    await expect
      .poll(() => lines.slice(from).filter((one) => /Executed 'Functions.resumeDns' \(Succeeded/.test(one)))
      .toHaveLength(1);
    await expect.poll(waiting).toBe(1);
  });

  it('takes the addresses of a message for hints, and cleans what names the group there', async () => {
    const { azure, deliver, lines } = installation;
    const web = create('10.1.0.4');
    await deliver(resourceEvent(web));
    const metadata = { evenkeelOwner: web.toLowerCase() };
    azure.zones.put('1.10.in-addr.arpa', 'PTR', '77.0', {
      values: ['web.spoke-a.internal.contoso.com.'],
      metadata,
    });
    const from = lines.length;
    await enqueue({ containerGroup: web, addresses: ['10.1.0.77'], trigger: 'audit' });
    expect(await lineWith('dns reconciled', from)).toContain('"trigger":"audit"');
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
  });

  it('gets a re-check before a group that was stamped moments ago is removed', async () => {
    const { azure, deliver } = installation;
    const web = create('10.1.0.4');
    await deliver(resourceEvent(web));
    azure.containerGroups.delete(web);
    expect(await deliver(resourceEvent(web, 'Delete'))).toBe(202);
    expect(records(azure)).toEqual([]);
    expect(await waiting()).toBe(1);
  });

  it('accepts a message that names no group with one error line, and calls nothing', async () => {
    const { azure, lines } = installation;
    const mark = azure.requests.mark();
    const from = lines.length;
    await enqueue({ containerGroup: 'web' });
    await lineWith('queue message malformed', from);
    expect(calls(azure, mark)).toEqual({ reads: 0, writes: 0 });
  });
});

it('a queue that is configured and cannot be reached fails the invocation before anything is removed', async () => {
  const connection = installation.azure.storage?.connectionString.replace(
    /QueueEndpoint=[^;]*/,
    'QueueEndpoint=http://127.0.0.1:1/x',
  );
  const cut = await install({ settings: { DEFERRAL: connection ?? '' } });
  try {
    const web = cut.azure.containerGroups.create({
      resourceGroup: 'rg-spoke-a',
      name: 'web',
      address: '10.1.0.4',
    });
    await cut.deliver(resourceEvent(web));
    cut.azure.containerGroups.delete(web);
    expect(await cut.deliver(resourceEvent(web, 'Delete'))).toBe(500);
    expect(records(cut.azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
    expect(cut.lines.join('\n')).toContain('check DEFERRAL or AzureWebJobsStorage');
  } finally {
    await cut.close();
  }
});
