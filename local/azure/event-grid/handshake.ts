import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { Subscription } from './subscription.ts';
import { type AnswerLimits, type Post, reasonOf, send } from './web-hook.ts';

/** The web hook did not confirm that it wants the events. */
export class SubscriptionValidationError extends Error {
  override readonly name = 'SubscriptionValidationError';
  readonly subscription: string;

  constructor(subscription: Subscription, reason: string, options?: ErrorOptions) {
    super(
      `${withoutKey(subscription.url)} did not accept the subscription ${subscription.name}: ${reason}`,
      options,
    );
    this.subscription = subscription.name;
  }
}

/** A web hook of a Functions host has its key in the query, which no line may tell. */
function withoutKey(url: string): string {
  const shown = new URL(url);
  if (shown.searchParams.has('code')) shown.searchParams.set('code', '***');
  return shown.href;
}

const eventGridOrigin = 'eventgrid.azure.net';

const validationAnswer = v.object({ validationResponse: v.string() });

/**
 * Asks the web hook whether it wants the events of a subscription, as Event Grid does before the first one.
 * Manual validation, through a URL that somebody opens, is not simulated.
 * https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
 * https://github.com/cloudevents/spec/blob/v1.0/http-webhook.md#4-abuse-protection
 * @throws SubscriptionValidationError
 */
export async function shakeHands(
  subscription: Subscription,
  topic: string,
  limits: AnswerLimits,
  lifetime: AbortSignal,
): Promise<void> {
  const isCloudEvents = subscription.schema === 'CloudEventSchemaV1_0';
  const code = randomUUID();
  const post = isCloudEvents
    ? originRequest(subscription)
    : validationEvent(subscription, topic, code, limits);
  const answer = await send(post, limits, lifetime).catch((error: unknown) => {
    throw new SubscriptionValidationError(subscription, reasonOf(error), { cause: error });
  });
  if (answer.status !== 200) {
    throw new SubscriptionValidationError(subscription, `it answered ${answer.status} instead of 200`);
  }
  if (isCloudEvents) {
    const allowed = answer.headers.get('webhook-allowed-origin') ?? 'nothing';
    if (allowed === '*' || allowed.toLowerCase() === eventGridOrigin) return;
    throw new SubscriptionValidationError(
      subscription,
      `it allowed ${allowed} instead of ${eventGridOrigin}`,
    );
  }
  if (responseIn(answer.text) !== code) {
    throw new SubscriptionValidationError(subscription, 'its answer does not repeat the validation code');
  }
}

const originRequest = ({ url }: Subscription): Post => ({
  url,
  method: 'OPTIONS',
  headers: { 'WebHook-Request-Origin': eventGridOrigin },
});

const validationEvent = (
  { url, name }: Subscription,
  topic: string,
  validationCode: string,
  { clock }: AnswerLimits,
): Post => ({
  url,
  headers: {
    'content-type': 'application/json; charset=utf-8',
    'aeg-event-type': 'SubscriptionValidation',
    'aeg-subscription-name': name.toUpperCase(),
  },
  body: JSON.stringify([
    {
      id: randomUUID(),
      topic,
      subject: '',
      data: { validationCode },
      eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      eventTime: new Date(clock.now()).toISOString(),
      metadataVersion: '1',
      dataVersion: '2',
    },
  ]),
});

function responseIn(text: string): string | undefined {
  try {
    const parsed = v.safeParse(validationAnswer, JSON.parse(text));
    return parsed.success ? parsed.output.validationResponse : undefined;
  } catch {
    return undefined;
  }
}
