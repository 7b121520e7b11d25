import * as v from 'valibot';
import { ArmError } from '../arm/arm-error.ts';
import type { ArmAnswer, ArmRequest, Operation } from '../arm/operation.ts';
import type { EventGrid } from './event-grid.ts';
import { SubscriptionValidationError } from './handshake.ts';
import type { Subscription, SubscriptionOptions } from './subscription.ts';
import { isAt, renderSubscription, systemTopicsOf, topicIn } from './subscription-resource.ts';

const textFilter = v.object({
  operatorType: v.picklist([
    ...(['StringIn', 'StringNotIn', 'StringContains'] as const),
    ...(['StringNotContains', 'StringBeginsWith', 'StringEndsWith'] as const),
  ]),
  key: v.string(),
  values: v.array(v.string()),
});

const presenceFilter = v.object({
  operatorType: v.picklist(['IsNotNull', 'IsNullOrUndefined']),
  key: v.string(),
});

const bodySchema = v.object({
  properties: v.object({
    destination: v.object({
      endpointType: v.literal('WebHook'),
      properties: v.object({
        endpointUrl: v.pipe(v.string(), v.url()),
        maxEventsPerBatch: v.optional(v.number(), 1),
        preferredBatchSizeInKilobytes: v.optional(v.number(), 64),
      }),
    }),
    filter: v.optional(
      v.object({
        includedEventTypes: v.nullish(v.array(v.string())),
        subjectBeginsWith: v.nullish(v.string()),
        subjectEndsWith: v.nullish(v.string()),
        advancedFilters: v.nullish(v.array(v.union([textFilter, presenceFilter]))),
      }),
      {},
    ),
    eventDeliverySchema: v.optional(
      v.picklist(['EventGridSchema', 'CloudEventSchemaV1_0']),
      'EventGridSchema',
    ),
    retryPolicy: v.optional(
      v.object({
        maxDeliveryAttempts: v.optional(v.number()),
        eventTimeToLiveInMinutes: v.optional(v.number()),
      }),
      {},
    ),
    deadLetterDestination: v.nullish(v.object({ endpointType: v.literal('StorageBlob') })),
    deadLetterWithResourceIdentity: v.nullish(v.looseObject({})),
  }),
});

const path = '{scope*}/providers/Microsoft.EventGrid/eventSubscriptions';

/**
 * Event subscriptions as Resource Manager manages them, for web hooks. Unlike the service, which answers
 * before it has shaken hands, PUT answers with the outcome; and a name exists once, whatever its scope.
 */
export function subscriptionOperations(eventGrid: EventGrid): Operation[] {
  const find = (request: ArmRequest): Subscription | undefined => {
    const found = eventGrid.subscription(request.param('name'));
    return found !== undefined && isAt(found, request.param('scope')) ? found : undefined;
  };
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
      name: 'EventSubscriptions_CreateOrUpdate',
      method: 'PUT',
      path: `${path}/{name}`,
      handle: async (request) => {
        const [scope, name] = [request.param('scope'), request.param('name')];
        if (find(request) === undefined && eventGrid.subscription(name) !== undefined) {
          throw new ArmError(409, 'Conflict', `An event subscription '${name}' exists at another scope.`);
        }
        const subscription = await subscribe(eventGrid, optionsOf(request.body, name, scope));
        return { status: 201, body: renderSubscription(subscription, scope, eventGrid) };
      },
    },
    {
      name: 'EventSubscriptions_Get',
      method: 'GET',
      path: `${path}/{name}`,
      handle: (request) => {
        const found = find(request);
        if (found !== undefined)
          return { status: 200, body: renderSubscription(found, request.param('scope'), eventGrid) };
        throw new ArmError(
          404,
          'ResourceNotFound',
          `The event subscription '${request.param('name')}' was not found at '${request.param('scope')}'.`,
        );
      },
    },
    {
      name: 'EventSubscriptions_Delete',
      method: 'DELETE',
      path: `${path}/{name}`,
      handle: (request) => {
        const found = find(request);
        return { status: found !== undefined && eventGrid.unsubscribe(found.name) ? 200 : 204 };
      },
    },
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

async function subscribe(eventGrid: EventGrid, options: SubscriptionOptions): Promise<Subscription> {
  try {
    return await eventGrid.subscribe(options);
  } catch (error) {
    if (error instanceof RangeError) throw new ArmError(400, 'InvalidRequest', error.message);
    if (error instanceof SubscriptionValidationError) {
      throw new ArmError(400, 'Endpoint validation', `Webhook validation handshake failed: ${error.message}`);
    }
    throw error;
  }
}

function optionsOf(body: unknown, name: string, scope: string): SubscriptionOptions {
  const parsed = v.safeParse(bodySchema, body);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new ArmError(400, 'InvalidRequest', `${v.getDotPath(issue) ?? 'The body'}: ${issue.message}`);
  }
  const { destination, filter, eventDeliverySchema, retryPolicy, ...rest } = parsed.output.properties;
  const deadLetters = (rest.deadLetterDestination ?? rest.deadLetterWithResourceIdentity) != null;
  const { endpointUrl, maxEventsPerBatch: maxEvents, preferredBatchSizeInKilobytes } = destination.properties;
  return {
    ...{ name, url: endpointUrl, schema: eventDeliverySchema, deadLetters },
    ...(topicIn(scope) === undefined ? { scope } : { topic: topicIn(scope) }),
    includedEventTypes: filter.includedEventTypes ?? undefined,
    subjectBeginsWith: filter.subjectBeginsWith ?? undefined,
    subjectEndsWith: filter.subjectEndsWith ?? undefined,
    advancedFilters: filter.advancedFilters ?? undefined,
    maxDeliveryAttempts: retryPolicy.maxDeliveryAttempts,
    ttlMinutes: retryPolicy.eventTimeToLiveInMinutes,
    batch: maxEvents === 1 ? undefined : { maxEvents, preferredKilobytes: preferredBatchSizeInKilobytes },
  };
}

const topicOf = (request: ArmRequest, kind: string): string =>
  `${request.param('group')}/providers/Microsoft.EventGrid/${kind}/${request.param('topic')}`;
