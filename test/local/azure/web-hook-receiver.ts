import { type HttpServer, serveHttp } from '../../../local/azure/http-server.ts';

/** A request as the web hook got it. */
export interface Received {
  readonly method: string;
  readonly headers: Headers;
  readonly url: URL;
  readonly text: string;
  /** The events of a notification. */
  readonly events: readonly Record<string, unknown>[];
}

export interface WebHookReceiver {
  readonly url: string;
  /** Deliveries only, in order of arrival; the handshakes are in `handshakes`. */
  readonly deliveries: Received[];
  readonly handshakes: Received[];
  /** Ids of the delivered events in order of arrival. */
  ids(): unknown[];
  /** Changes what deliveries are answered: a status, or `undefined` to break the connection. */
  answer(with_: (delivery: Received) => number | undefined | Promise<number | undefined>): void;
  close(): Promise<void>;
}

/** A web hook on loopback that shakes hands and answers 200 unless told otherwise. */
export async function startReceiver(
  options: { readonly handshake?: (received: Received) => Response } = {},
): Promise<WebHookReceiver> {
  const deliveries: Received[] = [];
  const handshakes: Received[] = [];
  let answer: Parameters<WebHookReceiver['answer']>[0] = () => 200;
  const server: HttpServer = await serveHttp(0, async (request) => {
    const text = await request.text();
    const { method, headers } = request;
    const received = { method, headers, url: new URL(request.url), text, events: eventsIn(text) };
    if (method === 'OPTIONS' || headers.get('aeg-event-type') === 'SubscriptionValidation') {
      handshakes.push(received);
      return (options.handshake ?? agree)(received);
    }
    deliveries.push(received);
    const status = await answer(received);
    return status === undefined ? undefined : new Response(null, { status });
  });
  return {
    url: `${server.url}/hook`,
    deliveries,
    handshakes,
    ids: () => deliveries.flatMap(({ events }) => events.map(({ id }) => id)),
    answer: (with_) => {
      answer = with_;
    },
    close: () => server.close(),
  };
}

function agree({ method, headers, events }: Received): Response {
  if (method === 'OPTIONS') {
    return new Response(null, {
      headers: { 'WebHook-Allowed-Origin': headers.get('webhook-request-origin') ?? '' },
    });
  }
  const data = events[0]?.['data'];
  const code =
    typeof data === 'object' && data !== null && 'validationCode' in data ? data.validationCode : '';
  return Response.json({ validationResponse: code });
}

function eventsIn(text: string): Record<string, unknown>[] {
  if (text === '') return [];
  const parsed: unknown = JSON.parse(text);
  const events: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  return events.map((event) => ({ ...(typeof event === 'object' ? event : {}) }));
}
