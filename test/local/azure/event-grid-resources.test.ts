import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { sampleSubscriptionId } from '../../../local/azure/sample.ts';
import { startReceiver, type WebHookReceiver } from './web-hook-receiver.ts';

const subscription = `/subscriptions/${sampleSubscriptionId}`;
const spoke = `${subscription}/resourceGroups/rg-spoke-a`;
const listSchema = v.object({
  value: v.array(v.looseObject({ id: v.string(), properties: v.looseObject({}) })),
});
const functionAppId = `${subscription}/resourceGroups/rg-evenkeel/providers/Microsoft.Web/sites/func-evenkeel`;

describe('event subscriptions, as Resource Manager shows them', () => {
  let azure: LocalAzure;
  let receiver: WebHookReceiver;
  beforeAll(async () => {
    receiver = await startReceiver();
    azure = await startLocalAzure();
  });
  afterAll(async () => {
    await azure.close();
    await receiver.close();
  });

  async function call(path: string, method = 'GET') {
    const answer = await fetch(`${azure.armEndpoint}${path}?api-version=2025-02-15`, { method });
    expect(answer.status).toBe(200);
    return answer.json();
  }

  it('are those of a system topic, where they name one', async () => {
    const systemTopic = 'evgt-spoke-a';
    await azure.eventGrid.subscribe({
      name: 'of-topic',
      url: `${receiver.url}?code=1`,
      scope: spoke,
      systemTopic,
    });
    const id = `${spoke}/providers/Microsoft.EventGrid/systemTopics/${systemTopic}`;
    expect(await call(`${subscription}/providers/Microsoft.EventGrid/systemTopics`)).toMatchObject({
      value: [{ id, properties: { source: spoke } }],
    });
    const listed = { id: `${id}/eventSubscriptions/of-topic`, name: 'of-topic' };
    expect(await call(`${id}/eventSubscriptions`)).toMatchObject({ value: [listed] });
    expect(await call(`${listed.id}/getFullUrl`, 'POST')).toEqual({ endpointUrl: `${receiver.url}?code=1` });
    expect(await call(`${spoke}/providers/Microsoft.EventGrid/eventSubscriptions`)).toEqual({ value: [] });
    azure.eventGrid.unsubscribe('of-topic');
  });

  it('are at every subscription of Azure, where they are to everything', async () => {
    await azure.eventGrid.subscribe({ name: 'everything', url: receiver.url });
    const list = `${subscription}/providers/Microsoft.EventGrid/eventSubscriptions`;
    expect(await call(list)).toMatchObject({ value: [{ name: 'everything' }] });
    azure.eventGrid.unsubscribe('everything');
  });

  it('are those of a custom topic, which is listed with its endpoint', async () => {
    const topics = await call(`${subscription}/providers/Microsoft.EventGrid/topics`);
    const { value } = v.parse(listSchema, topics);
    expect(value).toMatchObject([
      { name: 'evenkeel', properties: { endpoint: azure.topicEndpoint('evenkeel') } },
    ]);
    await azure.eventGrid.subscribe({ name: 'drift', url: receiver.url, topic: 'evenkeel' });
    expect(await call(`${value[0]?.id}/eventSubscriptions`)).toMatchObject({ value: [{ name: 'drift' }] });
    azure.eventGrid.unsubscribe('drift');
  });

  it('show a function, and whether events that are given up are kept', async () => {
    const options = { url: receiver.url, functionName: 'reconcileDns', functionAppId, scope: spoke };
    await azure.eventGrid.subscribe({ ...options, name: 'kept' });
    await azure.eventGrid.subscribe({ ...options, name: 'lost', deadLetters: false });
    const list = await call(`${spoke}/providers/Microsoft.EventGrid/eventSubscriptions`);
    const { value } = v.parse(listSchema, list);
    const resourceId = `${functionAppId}/functions/reconcileDns`;
    const destination = { endpointType: 'AzureFunction', properties: { resourceId } };
    expect(value).toMatchObject([
      { name: 'kept', properties: { destination, deadLetterDestination: { endpointType: 'StorageBlob' } } },
      { name: 'lost', properties: { destination } },
    ]);
    expect(value[1]?.properties).not.toHaveProperty('deadLetterDestination');
  });
});
