import { randomUUID } from 'node:crypto';
import { sampleSubscriptionId } from '../local/azure/sample.ts';

/** The event of a write of a container group, in the Event Grid schema. */
export const resourceEvent = (groupId: string) => ({
  id: randomUUID(),
  topic: `/subscriptions/${sampleSubscriptionId}`,
  subject: groupId,
  eventType: 'Microsoft.Resources.ResourceWriteSuccess',
  eventTime: new Date().toISOString(),
  data: { operationName: 'Microsoft.ContainerInstance/containerGroups/write', status: 'Succeeded' },
  dataVersion: '2',
  metadataVersion: '1',
});
