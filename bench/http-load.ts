import { Agent, request } from 'node:http';

export interface LoadRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface LoadResult {
  readonly perSecond: number;
  /** The latency of each request, ascending. */
  readonly latenciesMs: readonly number[];
}

/**
 * Sends each request once, `concurrency` at a time.
 *
 * The connections are new ones: the server may close an idle connection just as it is used again. `fetch` is not used,
 * because it takes nearly twice the CPU time, which a small machine takes from the process that is measured.
 * @throws on an answer with another status than `expected`.
 */
export async function sendAll(
  requests: readonly LoadRequest[],
  expected: number,
  concurrency: number,
): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true });
  const latenciesMs: number[] = [];
  const left = requests.values();
  const worker = async () => {
    for (const one of left) {
      const sentAt = performance.now();
      const { status, body } = await send(one, agent);
      latenciesMs.push(performance.now() - sentAt);
      if (status !== expected) throw new Error(`${one.method} ${one.url} was answered ${status}: ${body}`);
    }
  };
  const startedAt = performance.now();
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
  } finally {
    agent.destroy();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return { perSecond: requests.length / seconds, latenciesMs: latenciesMs.sort((a, b) => a - b) };
}

function send(
  { url, method, headers, body = '' }: LoadRequest,
  agent: Agent,
): Promise<{ readonly status: number; readonly body: string }> {
  const answered = Promise.withResolvers<{ status: number; body: string }>();
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  const outgoing = request(url, { agent, method, headers: { ...headers, ...length } });
  outgoing.once('error', answered.reject);
  outgoing.once('response', (incoming) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.once('error', answered.reject);
    incoming.once('end', () =>
      answered.resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
    );
  });
  outgoing.end(body);
  return answered.promise;
}
