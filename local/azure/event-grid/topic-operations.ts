import * as v from 'valibot';
import { ArmError } from '../arm/arm-error.ts';
import {
  type ArmAnswer,
  type ArmRequest,
  type Operation,
  type OperationRow,
  operationsFrom,
} from '../arm/operation.ts';
import type { GridEvent } from './event.ts';
import type { Topics } from './topics.ts';

const text = v.pipe(v.string(), v.minLength(1));

const eventGridEvents = v.array(
  v.looseObject({ id: text, eventType: text, subject: v.string(), eventTime: text, dataVersion: v.string() }),
);

const cloudEvent = v.looseObject({ specversion: v.literal('1.0'), id: text, source: text, type: text });

const largestBytes = 1024 * 1024;

/**
 * Publication to custom topics, in either schema whatever the topic; any key or token opens a topic.
 * CloudEvents in binary mode are not simulated.
 * https://learn.microsoft.com/azure/event-grid/post-to-custom-topic
 */
const table: readonly OperationRow<Topics>[] = [
  { name: 'Topics_PublishEvents', method: 'POST', path: '/topics/{topic}/api/events', handler: publish },
  {
    name: 'Topics_ListBySubscription',
    method: 'GET',
    path: '/subscriptions/{subscriptionId}/providers/Microsoft.EventGrid/topics',
    handler: listTopics,
  },
];

export const topicOperations = (topics: Topics): Operation[] => operationsFrom(table, topics);

function publish(request: ArmRequest, topics: Topics): ArmAnswer {
  const topic = topics.find(request.param('topic'));
  if (topic === undefined) {
    throw new ArmError(404, 'ResourceNotFound', `There is no topic '${request.param('topic')}'.`);
  }
  checkKey(request);
  for (const event of eventsIn(request, topic.name)) topic.publish(event);
  return { status: 200 };
}

function listTopics(request: ArmRequest, topics: Topics): ArmAnswer {
  const group = `/subscriptions/${request.param('subscriptionId')}/resourceGroups/rg-evenkeel`;
  const value = topics.all.map(({ name }) => ({
    id: `${group}/providers/Microsoft.EventGrid/topics/${name}`,
    name,
    type: 'Microsoft.EventGrid/topics',
    location: 'westeurope',
    properties: {
      provisioningState: 'Succeeded',
      endpoint: `${request.base}/topics/${encodeURIComponent(name)}/api/events`,
      inputSchema: 'CloudEventSchemaV1_0',
    },
  }));
  return { status: 200, body: { value } };
}

function checkKey({ headers }: ArmRequest): void {
  if (['aeg-sas-key', 'aeg-sas-token', 'authorization'].some((name) => headers.get(name))) return;
  throw new ArmError(401, 'Unauthorized', 'Request must contain one of the following authorization headers.');
}

function eventsIn(request: ArmRequest, topic: string): readonly GridEvent[] {
  if (request.query.get('api-version') !== '2018-01-01') {
    throw new ArmError(400, 'BadRequest', 'The api-version of topics is 2018-01-01.');
  }
  if (Buffer.byteLength(JSON.stringify(request.body) ?? '') > largestBytes) {
    throw new ArmError(413, 'RequestEntityTooLarge', 'The array of events is larger than 1 MB.');
  }
  const contentType = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  switch (contentType) {
    case 'application/cloudevents+json':
      return [parsed(cloudEvent, request.body)];
    case 'application/cloudevents-batch+json':
      return parsed(v.array(cloudEvent), request.body);
    default:
      // The publisher leaves out what the topic knows.
      return parsed(eventGridEvents, request.body).map((event) => ({
        ...event,
        topic,
        metadataVersion: '1',
      }));
  }
}

function parsed<Schema extends v.GenericSchema>(schema: Schema, body: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const place = v.getDotPath(issue) ?? 'the body';
  throw new ArmError(
    400,
    'BadRequest',
    `The events are not in the schema of the topic: ${place}: ${issue.message}`,
  );
}
