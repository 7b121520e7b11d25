import { QueueServiceClient } from '@azure/storage-queue';
import { beforeAll, describe, expect, it } from 'vitest';
import { requeueQueue } from '../../../src/azure/storage/queues.ts';
import { queueName } from '../../../src/dns/queue-name.ts';
import { groupId } from '../../dns/fixtures.ts';
import { aStorageAccount } from '../../support/storage-account.ts';

let connectionString: string;
beforeAll(async () => {
  ({ connectionString } = await aStorageAccount());
});
const send = (delayMs: number) =>
  requeueQueue({ kind: 'connectionString', connectionString }, undefined).requeue(message, delayMs);
const message = { group: groupId('web'), addresses: [], recordSets: [], trigger: 'event' } as const;
const queue = () => QueueServiceClient.fromConnectionString(connectionString).getQueueClient(queueName);

describe('the queue of what has to wait', () => {
  it('holds plain JSON, which never expires', async () => {
    await send(0);
    const [found] = (await queue().peekMessages()).peekedMessageItems;
    expect(JSON.parse(found?.messageText ?? '')).toEqual({ containerGroup: message.group.key });
    expect(found?.expiresOn.getUTCFullYear()).toBe(9999);
  });

  it.each([7 * 24 * 3_600_000, 30 * 24 * 3_600_000])(
    'takes a message for %d ms, seven days at most',
    async (delayMs) => {
      await queue().clearMessages();
      await send(delayMs);
      expect((await queue().getProperties()).approximateMessagesCount).toBe(1);
    },
  );

  it('names the settings to check when the SDK takes no such URL', async () => {
    const endpoint = { url: 'http://127.0.0.1:1', isInsecure: true };
    const withoutAccount = requeueQueue({ kind: 'identity', endpoint }, undefined);
    await expect(withoutAccount.requeue(message, 0)).rejects.toThrow(/deferral queue: check DEFERRAL/);
  });
});
