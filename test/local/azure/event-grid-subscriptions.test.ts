import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../local/azure/clock.ts';
import { SubscriptionValidationError } from '../../../local/azure/event-grid/handshake.ts';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { type Received, startReceiver, type WebHookReceiver } from './web-hook-receiver.ts';

let azure: LocalAzure;
let clock: ManualClock;
let receiver: WebHookReceiver;
let handshake: ((received: Received) => Response) | undefined;

beforeEach(async () => {
  clock = new ManualClock();
  azure = await startLocalAzure({ clock });
  handshake = undefined;
});

afterEach(async () => {
  await azure.close();
  await receiver.close();
});

async function start(): Promise<void> {
  receiver = await startReceiver(handshake === undefined ? {} : { handshake });
}

const subscribe = (schema?: 'CloudEventSchemaV1_0') =>
  azure.eventGrid.subscribe({ name: 'test', url: receiver.url, schema });

describe('a subscription', () => {
  it('begins with a validation event whose code the web hook has to repeat', async () => {
    await start();
    await subscribe();
    expect(receiver.handshakes).toMatchObject([
      {
        method: 'POST',
        events: [
          {
            eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
            data: { validationCode: expect.any(String) },
          },
        ],
      },
    ]);
    expect(azure.eventGrid.subscriptions.map(({ name }) => name)).toEqual(['test']);
  });

  it('to CloudEvents begins with a request for permission', async () => {
    await start();
    await subscribe('CloudEventSchemaV1_0');
    expect(receiver.handshakes.map(({ method }) => method)).toEqual(['OPTIONS']);
    expect(receiver.handshakes[0]?.headers.get('webhook-request-origin')).toBe('eventgrid.azure.net');
  });

  it.each([
    ['another code', () => Response.json({ validationResponse: 'x' }), 'does not repeat the validation code'],
    ['no JSON', () => new Response('hello'), 'does not repeat the validation code'],
    ['202', () => new Response(null, { status: 202 }), 'it answered 202 instead of 200'],
    ['404', () => new Response(null, { status: 404 }), 'it answered 404 instead of 200'],
  ])('fails in one clear line when the web hook answers %s', async (_what, answer, reason) => {
    handshake = answer;
    await start();
    const refusal = await subscribe().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(SubscriptionValidationError);
    expect(String(refusal)).toContain(`${receiver.url} did not accept the subscription test: `);
    expect(String(refusal)).toContain(reason);
    expect(azure.eventGrid.subscriptions).toEqual([]);
  });

  it('to CloudEvents fails when another origin is allowed', async () => {
    handshake = () => new Response(null, { headers: { 'WebHook-Allowed-Origin': 'example.org' } });
    await start();
    await expect(subscribe('CloudEventSchemaV1_0')).rejects.toThrow('it allowed example.org instead of');
  });

  it('fails with its cause when nobody listens', async () => {
    await start();
    await receiver.close();
    const refusal = await subscribe().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(SubscriptionValidationError);
    expect(String(refusal)).toMatch(/ECONNREFUSED/);
    expect(refusal).toHaveProperty('cause');
  });

  it.each([
    [{ name: 'x' }, 'is no name of an event subscription'],
    [{ maxDeliveryAttempts: 31 }, 'maxDeliveryAttempts is 31'],
    [{ ttlMinutes: 0 }, 'ttlMinutes is 0'],
    [{ batch: { maxEvents: 5001, preferredKilobytes: 1 } }, 'batch.maxEvents is 5001'],
  ])('is refused with %o', async (options, reason) => {
    await start();
    const refused = azure.eventGrid.subscribe({ name: 'test', url: receiver.url, ...options });
    await expect(refused).rejects.toThrow(reason);
    expect(receiver.handshakes).toEqual([]);
  });

  it('replaces the one of the same name', async () => {
    await start();
    await subscribe();
    await azure.eventGrid.subscribe({ name: 'TEST', url: receiver.url });
    azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    await azure.eventGrid.idle();
    expect(receiver.deliveries).toHaveLength(1);
  });

  it('takes what is undelivered with it when it is replaced', async () => {
    await start();
    await subscribe();
    receiver.answer(() => 500);
    azure.eventGrid.publish({ id: '1' });
    await azure.eventGrid.idle({ dueWithinMs: 0 });
    await subscribe();
    await clock.advance(60_000);
    await azure.eventGrid.idle();
    expect(receiver.deliveries).toHaveLength(1);
  });
});

describe('the scope of a subscription', () => {
  const scope = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-spoke-a';

  it('lets through, with its filters, what happens in it, and is the topic of that', async () => {
    await start();
    await azure.eventGrid.subscribe({
      name: 'test',
      url: receiver.url,
      scope,
      schema: 'CloudEventSchemaV1_0',
      includedEventTypes: ['Microsoft.Resources.ResourceWriteSuccess'],
      advancedFilters: [{ operatorType: 'StringContains', key: 'data.operationName', values: ['/write'] }],
    });
    azure.containerGroups.create({ resourceGroup: 'rg-spoke-b', name: 'web' });
    azure.containerGroups.delete(azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' }));
    await azure.eventGrid.idle();
    expect(receiver.deliveries.flatMap(({ events }) => events)).toMatchObject([
      { specversion: '1.0', source: scope, type: 'Microsoft.Resources.ResourceWriteSuccess' },
    ]);
  });

  it('shows it at Resource Manager without the query of its URL', async () => {
    await start();
    await azure.eventGrid.subscribe({
      name: 'test',
      url: `${receiver.url}?code=secret`,
      scope,
      schema: 'CloudEventSchemaV1_0',
      maxDeliveryAttempts: 5,
      ttlMinutes: 60,
    });
    const list = await fetch(
      `${azure.armEndpoint}${scope}/providers/Microsoft.EventGrid/eventSubscriptions?api-version=2022-06-15`,
    );
    expect(await list.json()).toMatchObject({
      value: [
        {
          name: 'test',
          type: 'Microsoft.EventGrid/eventSubscriptions',
          properties: {
            provisioningState: 'Succeeded',
            destination: { endpointType: 'WebHook', properties: { endpointBaseUrl: receiver.url } },
            eventDeliverySchema: 'CloudEventSchemaV1_0',
            retryPolicy: { maxDeliveryAttempts: 5, eventTimeToLiveInMinutes: 60 },
          },
        },
      ],
    });
  });
});
