import { randomUUID } from 'node:crypto';

/** A resource event in the Event Grid schema, with the personal data that real ones carry. */
export const resourceEvent = (subject: string, verb: 'Write' | 'Delete' | 'Action' = 'Write') => ({
  id: randomUUID(),
  topic: '/subscriptions/00000000-0000-0000-0000-000000000000',
  subject,
  eventType: `Microsoft.Resources.Resource${verb}Success`,
  eventTime: new Date().toISOString(),
  data: {
    authorization: { scope: subject, action: 'Microsoft.ContainerInstance/containerGroups/write' },
    claims: { upn: 'grace@contoso.example', ipaddr: '203.0.113.7', name: 'Grace Example' },
    operationName: 'Microsoft.ContainerInstance/containerGroups/write',
    resourceProvider: 'Microsoft.ContainerInstance',
    status: 'Succeeded',
  },
  dataVersion: '2',
  metadataVersion: '1',
});

export const cloudEvent = (
  subject: string,
  type = 'Microsoft.Resources.ResourceWriteSuccess',
  data = {},
) => ({
  specversion: '1.0',
  id: randomUUID(),
  source: '/subscriptions/00000000-0000-0000-0000-000000000000',
  subject,
  type,
  time: new Date().toISOString(),
  data,
});
