import { ArmError } from '../arm/arm-error.ts';
import type { ArmAnswer, ArmRequest, Operation } from '../arm/operation.ts';
import type { EventGrid } from './event-grid.ts';
import { isAt, renderSubscription, systemTopicsOf } from './subscription-resource.ts';

const path = '{scope*}/providers/Microsoft.EventGrid/eventSubscriptions';

/** Event subscriptions as Resource Manager shows them; they are made by `EventGrid.subscribe`. */
export function subscriptionOperations(eventGrid: EventGrid): Operation[] {
  const list = (scope: string): ArmAnswer => {
    const found = eventGrid.subscriptions.filter((subscription) => isAt(subscription, scope));
    const value = found.map((subscription) => renderSubscription(subscription, scope, eventGrid));
    return { status: 200, body: { value } };
  };
  const fullUrl = (request: ArmRequest): ArmAnswer => {
    const found = eventGrid.subscription(request.param('name'));
    if (found === undefined) throw new ArmError(404, 'ResourceNotFound', 'There is no such subscription.');
    return { status: 200, body: { endpointUrl: found.url } };
  };
  return [
    {
      name: 'EventSubscriptions_ListByResource',
      method: 'GET',
      path,
      handle: (request) => list(request.param('scope')),
    },
    {
      name: 'EventSubscriptions_GetFullUrl',
      method: 'POST',
      path: `${path}/{name}/getFullUrl`,
      handle: fullUrl,
    },
    {
      name: 'SystemTopics_ListBySubscription',
      method: 'GET',
      path: '/subscriptions/{subscriptionId}/providers/Microsoft.EventGrid/systemTopics',
      handle: (request) => {
        const inSubscription = `/subscriptions/${request.param('subscriptionId')}/`.toLowerCase();
        const topics = systemTopicsOf(eventGrid.subscriptions).filter(({ id }) =>
          id.toLowerCase().startsWith(inSubscription),
        );
        return { status: 200, body: { value: topics } };
      },
    },
    // Event subscriptions of topics are resources of the topics', too.
    ...['topics', 'systemTopics'].flatMap((kind): Operation[] => [
      {
        name: 'TopicEventSubscriptions_List',
        method: 'GET',
        path: `{group*}/providers/Microsoft.EventGrid/${kind}/{topic}/eventSubscriptions`,
        handle: (request) => list(topicOf(request, kind)),
      },
      {
        name: 'TopicEventSubscriptions_GetFullUrl',
        method: 'POST',
        path: `{group*}/providers/Microsoft.EventGrid/${kind}/{topic}/eventSubscriptions/{name}/getFullUrl`,
        handle: fullUrl,
      },
    ]),
  ];
}

const topicOf = (request: ArmRequest, kind: string): string =>
  `${request.param('group')}/providers/Microsoft.EventGrid/${kind}/${request.param('topic')}`;
