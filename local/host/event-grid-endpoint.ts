/**
 * The web hook that Event Grid delivers to. It follows the Event Grid extension of the Functions runtime, also where
 * that is unlike the web hooks Event Grid documents: a delivery without `aeg-event-type` is refused.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-event-grid-trigger
 */
import * as v from 'valibot';
import { emptyAnswer, textAnswer } from './answers.ts';
import { respellDates } from './event-dates.ts';
import type { FunctionApp, RegisteredFunction } from './function-app.ts';
import type { Firing, Invoker } from './invoker.ts';
import { parseJson } from './json.ts';
import type { KeyRing } from './keys.ts';

interface EventGridEndpointOptions {
  readonly app: FunctionApp;
  readonly invoker: Invoker;
  readonly keys: KeyRing;
  readonly now: () => Date;
}

export function createEventGridEndpoint(
  options: EventGridEndpointOptions,
): (request: Request) => Promise<Response> {
  const { app, keys } = options;
  return async (request) => {
    const grant = keys.grantOf(request, { systemKeyName: 'eventgrid_extension' });
    if (grant !== 'master' && grant !== 'system') return emptyAnswer(grant === 'none' ? 401 : 403);
    const name = queryValue(request, 'functionName') ?? '';
    const target = app.find(name);
    if (target === undefined || !isEventGridFunction(target)) {
      return textAnswer(`cannot find function: '${name}'`, 404);
    }
    if (request.method === 'OPTIONS') return acceptOrigin(request);
    switch (request.headers.get('aeg-event-type')?.toLowerCase()) {
      case 'subscriptionvalidation':
        return confirmSubscription(await request.text());
      case 'notification':
        return deliver(await request.text(), target, options);
      case 'unsubscribe':
        return emptyAnswer(202);
      default:
        return emptyAnswer(400);
    }
  };
}

export const isEventGridFunction = (target: RegisteredFunction): boolean =>
  target.trigger.type.toLowerCase() === 'eventgridtrigger';

/** Fires a function with one event, or with an array of them where its cardinality is `many`. */
export const eventGridFiring = (target: RegisteredFunction, value: unknown, now: Date): Firing => {
  const isBindable = takesArrays(target)
    ? Array.isArray(value) && value.every(isJsonObject)
    : isJsonObject(value);
  return {
    reason: `EventGrid trigger fired at ${now.toISOString()}`,
    input: isBindable
      ? { json: JSON.stringify(respellDates(value)) }
      : new BindingError(`Exception binding parameter '${target.triggerName}': an event is a JSON object`),
  };
};

class BindingError extends Error {
  override readonly name = 'BindingError';
}

const isJsonObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Answers only when every invocation has ended: Event Grid sends the whole batch again when one fails. */
async function deliver(
  body: string,
  target: RegisteredFunction,
  { invoker, now }: EventGridEndpointOptions,
): Promise<Response> {
  const events = parseEvents(body);
  if (events === undefined) return emptyAnswer(500);
  const batches = takesArrays(target) ? [events] : events;
  const outcomes = await Promise.all(
    batches.map((input) => invoker.fire(target, eventGridFiring(target, input, now()))),
  );
  return outcomes.every((outcome) => outcome.succeeded)
    ? emptyAnswer(202)
    : textAnswer(`Exception while executing function: Functions.${target.name}`, 500);
}

const takesArrays = (target: RegisteredFunction): boolean =>
  String(target.trigger['cardinality']).toLowerCase() === 'many';

/** One bare object counts as an array of one: the form of a structured CloudEvent. Other values are no events. */
function parseEvents(body: string): unknown[] | undefined {
  const parsed = parseJson(body);
  if (Array.isArray(parsed)) return parsed;
  return isJsonObject(parsed) ? [parsed] : undefined;
}

const validationData = v.object({ validationCode: v.string() });
/** The data of a bare CloudEvent may be JSON within a text. */
const validationEvents = v.tupleWithRest(
  [v.object({ data: v.union([validationData, v.pipe(v.string(), v.parseJson(), validationData)]) })],
  v.unknown(),
);

/** The proof that the app expects this subscription; the runtime sends it as plain text, with 200 and not 202. */
function confirmSubscription(body: string): Response {
  const events = v.safeParse(validationEvents, parseEvents(body));
  if (!events.success) return emptyAnswer(500);
  const { validationCode } = events.output[0].data;
  return textAnswer(JSON.stringify({ validationResponse: validationCode }), 200);
}

/** Event Grid in each cloud. */
const knownOrigins = [
  'eventgrid.azure.net',
  'eventgrid.azure.us',
  'eventgrid.azure.eaglex.ic.gov',
  'eventgrid.azure.microsoft.scloud',
  'eventgrid.azure.cn',
];

/** The handshake for CloudEvents: https://github.com/cloudevents/spec/blob/v1.0/http-webhook.md#4-abuse-protection */
function acceptOrigin(request: Request): Response {
  const origin = request.headers.get('webhook-request-origin') ?? '';
  const allowed = knownOrigins.includes(origin) ? origin : 'eventgrid.azure.net';
  return emptyAnswer(200, { 'Webhook-Allowed-Origin': allowed });
}

function queryValue(request: Request, name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const [key, value] of new URL(request.url).searchParams)
    if (key.toLowerCase() === wanted) return value;
  return undefined;
}
