import { AzureKeyCredential, EventGridPublisherClient } from '@azure/eventgrid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { startReceiver, type WebHookReceiver } from './web-hook-receiver.ts';

let azure: LocalAzure;
let receiver: WebHookReceiver;

beforeEach(async () => {
  azure = await startLocalAzure({ clock: new ManualClock(), topics: ['signals'] });
  receiver = await startReceiver();
});

afterEach(async () => {
  await azure.close();
  await receiver.close();
});

const drift = { id: '1', type: 'evenkeel.dns.driftDetected', source: '/s', subject: '/x', data: { a: 1 } };
const client = new AzureKeyCredential('local');
const options = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };

const publish = (body: unknown, headers: Record<string, string> = {}, query = '?api-version=2018-01-01') =>
  fetch(`${azure.topicEndpoint('signals')}${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'aeg-sas-key': 'local', ...headers },
    body: JSON.stringify(body),
  });

describe('a custom topic', () => {
  it('keeps the CloudEvents that the SDK sends and passes them on to its own subscriptions', async () => {
    await azure.eventGrid.subscribe({
      name: 'mine',
      url: receiver.url,
      topic: 'Signals',
      schema: 'CloudEventSchemaV1_0',
    });
    await azure.eventGrid.subscribe({ name: 'activity', url: receiver.url });
    const seen: unknown[] = [];
    azure.topic('signals').onEvent(({ id }) => seen.push(id));
    await new EventGridPublisherClient(azure.topicEndpoint('signals'), 'CloudEvent', client, options).send([
      { ...drift, time: new Date(0) },
    ]);
    await azure.eventGrid.idle();
    const expected = { ...drift, specversion: '1.0', time: '1970-01-01T00:00:00.000Z' };
    expect(azure.topic('signals').events).toEqual([expect.objectContaining(expected)]);
    expect(receiver.deliveries.map(({ headers }) => headers.get('aeg-subscription-name'))).toEqual(['MINE']);
    expect(receiver.deliveries[0]?.events).toEqual([expect.objectContaining(expected)]);
    expect(seen).toEqual(['1']);
  });

  it('takes events in the Event Grid schema and adds what it knows', async () => {
    await new EventGridPublisherClient(azure.topicEndpoint('signals'), 'EventGrid', client, options).send([
      { id: '1', eventType: 'T', subject: 's', eventTime: new Date(0), data: {}, dataVersion: '1' },
    ]);
    expect(azure.topic('signals').events).toMatchObject([
      { id: '1', topic: 'signals', metadataVersion: '1' },
    ]);
  });

  it('delivers in the schema of each subscription', async () => {
    await azure.eventGrid.subscribe({ name: 'mine', url: receiver.url, topic: 'signals' });
    const answer = await publish(
      { ...drift, specversion: '1.0' },
      { 'content-type': 'application/cloudevents+json' },
    );
    expect(answer.status).toBe(200);
    await azure.eventGrid.idle();
    expect(receiver.deliveries[0]?.events).toMatchObject([
      { topic: '/s', subject: '/x', eventType: 'evenkeel.dns.driftDetected', data: { a: 1 } },
    ]);
  });

  it.each([
    ['an event without its type', [{ id: '1' }], {}, 400, 'BadRequest'],
    [
      'a CloudEvent of another version',
      [],
      { 'content-type': 'application/cloudevents+json' },
      400,
      'BadRequest',
    ],
    ['no key', [], { 'aeg-sas-key': '' }, 401, 'Unauthorized'],
    ['more than 1 MB', ['x'.repeat(1024 * 1024)], {}, 413, 'RequestEntityTooLarge'],
  ])('refuses %s', async (_what, body, headers, status, code) => {
    const answer = await publish(body, headers);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { code, message: expect.any(String) } });
    expect(azure.topic('signals').events).toEqual([]);
  });

  it('refuses other versions of its interface', async () => {
    expect((await publish([], {}, '?api-version=2023-01-01')).status).toBe(400);
    expect((await publish([], {}, '')).status).toBe(400);
  });

  it('is absent unless somebody created it', async () => {
    const post = () =>
      fetch(`${azure.topicEndpoint('other')}?api-version=2018-01-01`, {
        method: 'POST',
        headers: { 'aeg-sas-key': 'local' },
        body: '[]',
      });
    expect((await post()).status).toBe(404);
    azure.topic('other');
    expect((await post()).status).toBe(200);
  });

  it('meets the faults and the request log of Resource Manager', async () => {
    azure.faults.add({ match: 'Topics_PublishEvents', times: 1, kind: 'status', status: 503 });
    expect((await publish([])).status).toBe(503);
    expect((await publish([])).status).toBe(200);
    expect(azure.requests.totals()).toEqual({ Topics_PublishEvents: 2 });
  });
});
