import type { AppAccess } from '../../app-client.ts';
import type { CliContext } from '../../context.ts';
import { unreachableReason } from '../../unreachable.ts';
import type { DeadLetter, ReplayableFunction } from './dead-letter.ts';

const timeoutMs = 40_000;

/**
 * Delivers an event to a function as Event Grid does.
 * @param app its key has to be one that the endpoint of Event Grid takes: the system key `eventgrid_extension`.
 * @returns why it was not taken, or `undefined` when it was.
 */
export async function sendAgain(
  { event, isCloudEvent }: DeadLetter,
  functionName: ReplayableFunction,
  app: AppAccess,
  { fetch, interrupted }: CliContext,
): Promise<string | undefined> {
  const url = new URL(`${app.url}/runtime/webhooks/EventGrid`);
  url.searchParams.set('functionName', functionName);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'aeg-event-type': 'Notification',
        'content-type': isCloudEvent ? 'application/cloudevents+json' : 'application/json',
        ...(app.key === undefined ? {} : { 'x-functions-key': app.key }),
      },
      body: JSON.stringify(isCloudEvent ? event : [event]),
      // A redirect would take the key to somebody else.
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), interrupted]),
    });
    await response.arrayBuffer();
    const { status } = response;
    if (status >= 200 && status <= 204) return undefined;
    if (status === 401 || status === 403) {
      return `the app answered ${status}: set EVENKEEL_EVENTS_KEY to its system key eventgrid_extension`;
    }
    return `the app answered ${status}${status === 500 ? ': the function failed; its log says why' : ''}`;
  } catch (error) {
    return unreachableReason(error, timeoutMs);
  }
}
