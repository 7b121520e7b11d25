import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { realClock } from '../../local/azure/clock.ts';
import { containerGroupChanges } from '../../local/azure/event-grid/filter.ts';
import { runCommand } from '../cli/run-command.ts';
import { type Installation, install } from './installation.ts';
import { records, recordsOf, removeEverything } from './records.ts';

const group = (name: string) =>
  `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-spoke-a/providers/Microsoft.ContainerInstance/containerGroups/${name}`;

describe('evenkeel replay', () => {
  let world: Installation;
  let connection: string;
  beforeAll(async () => {
    world = await install({ azure: { storage: {}, eventGridBehaviour: { deadLetterAfterMs: 0 } } });
    connection = world.azure.storage?.connectionString ?? '';
    for (const functionName of ['reconcileDns', 'trackIpDrift']) {
      await world.azure.eventGrid.subscribe({
        ...{ name: functionName === 'reconcileDns' ? 'evenkeel-reconcile' : 'evenkeel-track', functionName },
        ...{ url: world.host.url, maxDeliveryAttempts: 1, ...containerGroupChanges },
      });
    }
  });
  afterAll(() => world.close());

  const { now, sleep } = realClock();
  const clock = { now: () => new Date(now()), sleep };
  const replay = (...args: readonly string[]) =>
    runCommand(['replay', ...args], {
      env: { AzureWebJobsStorage: connection, EVENKEEL_APP: world.host.url },
      clock,
    });
  const blobs = () => BlobServiceClient.fromConnectionString(connection).getContainerClient('dead-letters');
  const poison = () =>
    QueueServiceClient.fromConnectionString(connection).getQueueClient('evenkeel-dns-poison');
  const marks = async () => {
    const found: (string | undefined)[] = [];
    for await (const { metadata } of blobs().listBlobsFlat({ includeMetadata: true })) {
      found.push(metadata?.['evenkeelreplayedat']);
    }
    return found;
  };
  /** Nobody may read record sets, so that every event fails and is given up. */
  const refuse = () =>
    world.azure.faults.add({
      kind: 'status',
      status: 403,
      code: 'AuthorizationFailed',
      match: 'RecordSets_Get',
    });

  it('finds nothing, with 0, where nothing was given up', async () => {
    const { exitCode, stdout, stderr } = await replay();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe('✔ nothing is waiting to be sent\n');
  });

  describe('of dead letters', () => {
    beforeAll(async () => {
      removeEverything(world.azure);
      refuse();
      world.azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
      await world.azure.eventGrid.idle();
    });

    it('shows them grouped by function and reason, with 3, and leaves them alone', async () => {
      const { exitCode, stdout } = await replay();
      expect(exitCode).toBe(3);
      expect(stdout).toMatch(/^function +reason +last outcome +state +count +oldest +newest +about$/m);
      expect(stdout).toMatch(
        /^reconcileDns +MaxDeliveryAttemptsExceeded +GenericError +waiting +1 .*rg-spoke-a\/web$/m,
      );
      expect(stdout).toMatch(/^trackIpDrift +MaxDeliveryAttemptsExceeded +GenericError +not chosen +1 /m);
      expect(stdout).toMatch(/! 1 waiting; send with: evenkeel replay --send\n$/);
      expect(await marks()).toEqual([undefined, undefined]);
    });

    it('leaves out what is older than --since', async () => {
      const future = new Date(now() + 3_600_000).toISOString();
      expect((await replay('--since', future)).stdout).toBe('✔ nothing is waiting to be sent\n');
      expect((await replay('--since', '1h')).exitCode).toBe(3);
    });

    it('says, with 1, what was not accepted, and does not mark it', async () => {
      const { exitCode, stdout } = await replay('--send');
      expect(exitCode).toBe(1);
      expect(stdout).toContain('✖ 1 not accepted: the app answered 500: the function failed; see its log\n');
      expect(await marks()).toEqual([undefined, undefined]);
    });

    it('sends them to the function that failed, marks them, and deletes nothing', async () => {
      world.azure.faults.clear();
      const { exitCode, stdout } = await replay('--send');
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/✔ 1 sent, 0 not accepted; nothing was deleted\n$/);
      expect(records(world.azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
      expect((await marks()).toSorted()).toEqual([expect.stringMatching(/^\d{4}-.*Z$/), undefined]);
    });

    it('sends nothing twice, unless it is told to', async () => {
      const { exitCode, stdout } = await replay('--send');
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^reconcileDns .*sent before/m);
      expect(stdout).toMatch(/✔ 0 sent,/);
      expect((await replay('--send', '--again')).stdout).toMatch(/✔ 1 sent,/);
    });

    it('sends observations that come late only when they are asked for', async () => {
      const { stdout } = await replay('--send', '--function', 'trackIpDrift');
      expect(stdout).toMatch(/✔ 1 sent,/);
      // The host answers before its lines are here.
      await vi.waitUntil(() => world.lines.some((line) => /ip drift .*no_change/.test(line)), {
        timeout: 20_000,
        interval: 20,
      });
    });

    it('tells programs each of them', async () => {
      const { stdout } = await replay('--json');
      expect(JSON.parse(stdout)).toMatchObject({
        missed: expect.arrayContaining([
          expect.objectContaining({
            functionName: 'reconcileDns',
            reason: 'MaxDeliveryAttemptsExceeded',
            state: 'sent before',
            events: 1,
            subjects: [expect.stringMatching(/rg-spoke-a\/.*\/web$/)],
          }),
        ]),
        sent: [],
        exitCode: 0,
      });
      // Events say who caused them; nobody needs that here.
      expect(stdout).not.toContain('claims');
    });

    it('does not send what Event Grid did not write', async () => {
      await blobs().getBlockBlobClient('SOMETHING/2026/1/1/1/else.json').upload('{', 1);
      const { exitCode, stdout } = await replay();
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^unknown +unreadable +not written by Event Grid +cannot be sent +1 /m);
    });
  });

  describe('of poison messages', () => {
    /** An older version sent base64. */
    const put = (message: object, encoding: BufferEncoding = 'utf8') =>
      poison().sendMessage(Buffer.from(JSON.stringify(message)).toString(encoding));
    beforeAll(async () => {
      await poison().createIfNotExists();
      await put({ containerGroup: group('api'), failures: 11, firstFailedAt: '2026-11-21T08:00:00.000Z' });
      await put({ containerGroup: group('db') }, 'base64');
      await put({ something: 'else' });
      removeEverything(world.azure);
      world.azure.eventGrid.unsubscribe('evenkeel-reconcile');
      world.azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'api', address: '10.1.0.9' });
      world.azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'db', address: '10.1.0.10' });
    });

    it('shows them, with 3', async () => {
      const { exitCode, stdout } = await replay();
      expect(exitCode).toBe(3);
      expect(stdout).toMatch(
        /^resumeDns +poison +failed too often +waiting +2 .*rg-spoke-a\/api, rg-spoke-a\/db$/m,
      );
      expect(stdout).toMatch(/^resumeDns +poison +names no container group +cannot be sent +1 /m);
    });

    it('sends them to the queue that they came from, notes it, and leaves them where they are', async () => {
      const { exitCode, stdout } = await replay('--send');
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/✔ 2 sent,/);
      await vi.waitUntil(() => records(world.azure).length === 4, { timeout: 20_000, interval: 20 });
      expect(records(world.azure)).toEqual(
        [...recordsOf('api', 'a', '10.1.0.9'), ...recordsOf('db', 'a', '10.1.0.10')].toSorted(),
      );
      const { approximateMessagesCount } = await poison().getProperties();
      expect(approximateMessagesCount).toBe(3);
    });
  });

  it.each([
    [['--since', 'yesterday'], /^✖ --since: expected a time span/],
    [['--function', 'auditDns'], /Allowed choices are/],
  ])('refuses %j in one line, with 1', async (args, line) => {
    const { exitCode, stderr } = await replay(...args);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(line);
  });

  it('wants storage, and for --send an app', async () => {
    expect((await runCommand(['replay'])).stderr).toMatch(/^✖ AzureWebJobsStorage: expected/);
    const env = { AzureWebJobsStorage: connection };
    expect((await runCommand(['replay', '--send'], { env })).stderr).toMatch(/^✖ no function app/);
  });
});
