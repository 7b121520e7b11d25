import { ArmError } from '../arm/arm-error.ts';
import {
  type ArmAnswer,
  type ArmRequest,
  type Operation,
  type OperationRow,
  operationsFrom,
} from '../arm/operation.ts';
import type { EventGrid } from './event-grid.ts';
import { isAt, renderSubscription, systemTopicsOf } from './subscription-resource.ts';

const provider = 'providers/Microsoft.EventGrid';
const atScope = `{scope*}/${provider}/eventSubscriptions`;
/** Event subscriptions of topics are resources of the topics, too. */
const atTopic = `{group*}/${provider}/topics/{topic}/eventSubscriptions`;
const atSystemTopic = `{group*}/${provider}/systemTopics/{topic}/eventSubscriptions`;
const systemTopics = `/subscriptions/{subscriptionId}/${provider}/systemTopics`;
const fullUrl = '{name}/getFullUrl';

/**
 * Event subscriptions at Resource Manager, to be read only: `EventGrid.subscribe` makes them.
 * https://learn.microsoft.com/rest/api/eventgrid/controlplane/event-subscriptions
 */
const table: readonly OperationRow<EventGrid>[] = [
  { name: 'EventSubscriptions_ListByResource', method: 'GET', path: atScope, handler: listAtScope },
  {
    name: 'EventSubscriptions_GetFullUrl',
    method: 'POST',
    path: `${atScope}/${fullUrl}`,
    handler: getFullUrl,
  },
  { name: 'SystemTopics_ListBySubscription', method: 'GET', path: systemTopics, handler: listSystemTopics },
  { name: 'TopicEventSubscriptions_List', method: 'GET', path: atTopic, handler: listAtTopic },
  {
    name: 'TopicEventSubscriptions_GetFullUrl',
    method: 'POST',
    path: `${atTopic}/${fullUrl}`,
    handler: getFullUrl,
  },
  { name: 'TopicEventSubscriptions_List', method: 'GET', path: atSystemTopic, handler: listAtSystemTopic },
  {
    name: 'TopicEventSubscriptions_GetFullUrl',
    method: 'POST',
    path: `${atSystemTopic}/${fullUrl}`,
    handler: getFullUrl,
  },
];

export const subscriptionOperations = (eventGrid: EventGrid): Operation[] => operationsFrom(table, eventGrid);

function listAtScope(request: ArmRequest, eventGrid: EventGrid): ArmAnswer {
  return list(request.param('scope'), eventGrid);
}

function listAtTopic(request: ArmRequest, eventGrid: EventGrid): ArmAnswer {
  return list(`${request.param('group')}/${provider}/topics/${request.param('topic')}`, eventGrid);
}

function listAtSystemTopic(request: ArmRequest, eventGrid: EventGrid): ArmAnswer {
  return list(`${request.param('group')}/${provider}/systemTopics/${request.param('topic')}`, eventGrid);
}

function list(scope: string, eventGrid: EventGrid): ArmAnswer {
  const found = eventGrid.subscriptions.filter((subscription) => isAt(subscription, scope));
  const value = found.map((subscription) => renderSubscription(subscription, scope, eventGrid));
  return { status: 200, body: { value } };
}

function getFullUrl(request: ArmRequest, eventGrid: EventGrid): ArmAnswer {
  const found = eventGrid.subscription(request.param('name'));
  if (found === undefined) throw new ArmError(404, 'ResourceNotFound', 'There is no such subscription.');
  return { status: 200, body: { endpointUrl: found.url } };
}

function listSystemTopics(request: ArmRequest, eventGrid: EventGrid): ArmAnswer {
  const inSubscription = `/subscriptions/${request.param('subscriptionId')}/`.toLowerCase();
  const value = systemTopicsOf(eventGrid.subscriptions).filter(({ id }) =>
    id.toLowerCase().startsWith(inSubscription),
  );
  return { status: 200, body: { value } };
}
