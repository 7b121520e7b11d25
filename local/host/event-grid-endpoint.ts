/**
 * The web hook that Event Grid delivers to. It follows the Event Grid extension of the Functions runtime, also where
 * that is unlike the web hooks Event Grid documents: a delivery without `aeg-event-type` is refused.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-event-grid-trigger
 */
import * as v from 'valibot';
import { respellDates } from './event-dates.ts';
import type { FunctionApp, RegisteredFunction } from './function-app.ts';
import type { Firing, Invoker } from './invoker.ts';
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
    if (!['master', 'system'].includes(keys.grantOf(request, { systemKeyName: 'eventgrid_extension' }))) {
      return empty(401);
    }
    const name = queryValue(request, 'functionName') ?? '';
    const target = app.find(name);
    if (target === undefined || !isEventGridFunction(target)) {
      return new Response(`cannot find function: '${name}'`, { status: 404 });
    }
    if (request.method === 'OPTIONS') return acceptOrigin(request);
    if (request.method !== 'POST') return empty(400);
    switch (request.headers.get('aeg-event-type')?.toLowerCase()) {
      case 'subscriptionvalidation':
        return confirmSubscription(await request.text());
      case 'notification':
        return deliver(await request.text(), target, options);
      case 'unsubscribe':
        return empty(202);
      default:
        return empty(400);
    }
  };
}

export const isEventGridFunction = (target: RegisteredFunction): boolean =>
  target.trigger.type.toLowerCase() === 'eventgridtrigger';

/** Fires a function with one event, or with an array of them where its cardinality is `many`. */
export const eventGridFiring = (event: unknown, now: Date): Firing => ({
  reason: `EventGrid trigger fired at ${now.toISOString()}`,
  input: { json: JSON.stringify(respellDates(event)) },
});

/** Answers only when every invocation has ended: Event Grid sends the whole batch again when one fails. */
async function deliver(
  body: string,
  target: RegisteredFunction,
  { invoker, now }: EventGridEndpointOptions,
): Promise<Response> {
  const events = parseEvents(body);
  if (events === undefined) return empty(500);
  const batches = takesArrays(target) ? (events.length === 0 ? [] : [events]) : events;
  const outcomes = await Promise.all(
    batches.map((input) => invoker.fire(target, eventGridFiring(input, now()))),
  );
  return outcomes.every((outcome) => outcome.succeeded)
    ? empty(202)
    : new Response(`Exception while executing function: Functions.${target.name}`, { status: 500 });
}

const takesArrays = (target: RegisteredFunction): boolean =>
  String(target.trigger['cardinality']).toLowerCase() === 'many';

/** One bare object counts as an array of one: the form of a structured CloudEvent. */
function parseEvents(body: string): unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return Array.isArray(parsed) ? parsed : [parsed];
  } catch {
    return undefined;
  }
}

const validationEvents = v.tupleWithRest(
  [v.object({ data: v.object({ validationCode: v.string() }) })],
  v.unknown(),
);

/** The proof that the app expects this subscription; the runtime sends it as plain text, with 200 and not 202. */
function confirmSubscription(body: string): Response {
  const events = v.safeParse(validationEvents, parseEvents(body));
  if (!events.success) return empty(500);
  const { validationCode } = events.output[0].data;
  return new Response(JSON.stringify({ validationResponse: validationCode }), {
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  });
}

/** The handshake for CloudEvents: https://github.com/cloudevents/spec/blob/v1.0/http-webhook.md#4-abuse-protection */
function acceptOrigin(request: Request): Response {
  const origin = request.headers.get('webhook-request-origin');
  return new Response(null, { headers: origin === null ? {} : { 'Webhook-Allowed-Origin': origin } });
}

function queryValue(request: Request, name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const [key, value] of new URL(request.url).searchParams)
    if (key.toLowerCase() === wanted) return value;
  return undefined;
}

const empty = (status: number): Response => new Response(null, { status });
