import { createHash, randomUUID } from 'node:crypto';
import type { Activity } from '../arm/activity.ts';
import type { GridEvent } from './event.ts';

const tenantId = '00000000-0000-0000-0000-00000000beef';

const typeOf = {
  write: 'Microsoft.Resources.ResourceWriteSuccess',
  delete: 'Microsoft.Resources.ResourceDeleteSuccess',
  action: 'Microsoft.Resources.ResourceActionSuccess',
} as const satisfies Record<Activity['verb'], string>;

/**
 * The event of a change at Resource Manager, in the Event Grid schema.
 * https://learn.microsoft.com/azure/event-grid/event-schema-resource-groups
 */
export function activityEvent(activity: Activity, now: number): GridEvent {
  const { verb, operationName, subscriptionId, resourceGroup, httpMethod } = activity;
  // The service spells this segment one way in writes and another in deletions and actions.
  const spelling = verb === 'write' ? 'resourcegroups' : 'resourceGroups';
  const resourceUri = activity.resourceId.replace(/\/resourceGroups\//i, `/${spelling}/`);
  const provider = operationName.split('/')[0] ?? '';
  const time = new Date(now).toISOString().replace('Z', '0000Z');
  return {
    id: randomUUID(),
    topic: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`,
    subject: resourceUri,
    eventType: typeOf[verb],
    eventTime: time,
    data: {
      authorization: {
        scope: resourceUri,
        action: operationName,
        evidence: { role: 'Contributor', roleAssignmentScope: `/subscriptions/${subscriptionId}` },
      },
      claims: claimsOf(resourceGroup, now),
      correlationId: randomUUID(),
      httpRequest: {
        clientRequestId: randomUUID(),
        clientIpAddress: '203.0.113.17',
        method: httpMethod,
        url: `https://management.azure.com${resourceUri}?api-version=2023-05-01`,
      },
      resourceProvider: provider,
      resourceUri,
      operationName,
      status: 'Succeeded',
      subscriptionId,
      tenantId,
    },
    dataVersion: '2',
    metadataVersion: '1',
  };
}

/** Invented people: real events carry personal data here, which nobody should ever log. */
function claimsOf(resourceGroup: string, now: number): GridEvent {
  const person = resourceGroup.length % 2 === 0 ? ['Ada', 'Example'] : ['Grace', 'Sample'];
  const [given = '', family = ''] = person;
  const identity = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';
  return {
    aud: 'https://management.core.windows.net/',
    iss: `https://sts.windows.net/${tenantId}/`,
    iat: String(Math.floor(now / 1000) - 300),
    exp: String(Math.floor(now / 1000) + 3300),
    appid: '11111111-2222-3333-4444-555555555555',
    ipaddr: '203.0.113.17',
    name: `${given} ${family}`,
    puid: createHash('sha256').update(given).digest('hex').slice(0, 16).toUpperCase(),
    [`${identity}/givenname`]: given,
    [`${identity}/surname`]: family,
    [`${identity}/upn`]: `${given}.${family}@contoso.example`.toLowerCase(),
    ver: '1.0',
  };
}
