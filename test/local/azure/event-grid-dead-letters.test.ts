import { BlobServiceClient } from '@azure/storage-blob';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Azurite } from '../../../local/azure/azurite.ts';
import { ManualClock } from '../../../local/azure/clock.ts';
import { blobDeadLetters } from '../../../local/azure/event-grid/dead-letters.ts';
import { EventGrid } from '../../../local/azure/event-grid/event-grid.ts';
import { aStorageAccount } from '../../support/storage-account.ts';
import { startReceiver, type WebHookReceiver } from './web-hook-receiver.ts';

let clock: ManualClock;
let closing: AbortController;
let receiver: WebHookReceiver;
let eventGrid: EventGrid;

beforeEach(async () => {
  clock = new ManualClock(Date.UTC(2026, 2, 4, 5, 30));
  closing = new AbortController();
  eventGrid = new EventGrid({ clock, lifetime: closing.signal });
  receiver = await startReceiver();
});

afterEach(async () => {
  closing.abort();
  await receiver.close();
});

const event = {
  id: '1',
  topic: '/t',
  subject: '/s',
  eventType: 'T',
  eventTime: '2026-03-04T05:30:00Z',
  data: {},
};
const path = /^dead-letters\/MY-SUBSCRIPTION\/2026\/3\/4\/5\/[0-9a-f-]{36}\.json$/;

const failOnce = async (status: number, schema?: 'CloudEventSchemaV1_0') => {
  await eventGrid.subscribe({ name: 'my-subscription', url: receiver.url, maxDeliveryAttempts: 1, schema });
  receiver.answer(() => status);
  eventGrid.publish(event);
  await eventGrid.idle();
};

describe('a dead letter', () => {
  it('is the event with what became of it', async () => {
    await failOnce(503);
    expect(eventGrid.deadLetters).toEqual([
      {
        subscription: 'my-subscription',
        letter: {
          ...event,
          deadLetterReason: 'MaxDeliveryAttemptsExceeded',
          deliveryAttempts: 1,
          lastDeliveryOutcome: 'Busy',
          lastHttpStatusCode: 503,
          publishTime: '2026-03-04T05:30:00.000Z',
          lastDeliveryAttemptTime: '2026-03-04T05:30:00.000Z',
        },
      },
    ]);
    expect(eventGrid.counts()).toMatchObject({ delivered: 0, deadLettered: 1 });
  });

  it('has lower-case names in CloudEvents', async () => {
    await failOnce(400, 'CloudEventSchemaV1_0');
    expect(eventGrid.deadLetters[0]?.letter).toMatchObject({
      specversion: '1.0',
      id: '1',
      source: '/t',
      deadletterreason: 'NotRetriable',
      deliveryattempts: 1,
      lastdeliveryoutcome: 'BadRequest',
    });
  });

  it('is written five minutes later, under the name of its subscription and the hour', async () => {
    const written: [string, unknown][] = [];
    eventGrid.storeDeadLettersIn({
      write: async (path, json) => void written.push([path, JSON.parse(json)]),
    });
    await failOnce(500);
    await clock.advance(299_999);
    expect(written).toEqual([]);
    await clock.advance(1);
    await eventGrid.idle();
    expect(written).toEqual([[expect.stringMatching(path), [eventGrid.deadLetters[0]?.letter]]]);
  });

  it('that cannot be written is lost, which is told', async () => {
    const failure = new Error('no storage');
    eventGrid.storeDeadLettersIn({ write: () => Promise.reject(failure) });
    await failOnce(500);
    await clock.advance(300_000);
    await eventGrid.idle();
    expect(eventGrid.lostDeadLetters).toEqual([failure]);
  });
});

describe('dead letters in blob storage', () => {
  let azurite: Azurite;

  beforeEach(async () => {
    azurite = await aStorageAccount();
  });

  it('are blobs of JSON in a container of their own', async () => {
    eventGrid.storeDeadLettersIn(blobDeadLetters(azurite.connectionString));
    await failOnce(500);
    await clock.advance(300_000);
    await eventGrid.idle();
    expect(eventGrid.lostDeadLetters).toEqual([]);
    const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(
      'dead-letters',
    );
    const names: string[] = [];
    for await (const { name } of container.listBlobsFlat()) names.push(name);
    expect(names).toEqual([expect.stringMatching(/^MY-SUBSCRIPTION\/2026\/3\/4\/5\/.*\.json$/)]);
    const blob = await container.getBlobClient(names[0] ?? '').downloadToBuffer();
    expect(JSON.parse(blob.toString())).toEqual([eventGrid.deadLetters[0]?.letter]);
  });
});
