import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** One request; `path` with its query. */
export interface LoadRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface LoadAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface LoadResult {
  readonly perSecond: number;
  /** Of each request, ascending. */
  readonly latenciesMs: readonly number[];
}

/** `fetch` takes nearly twice the CPU time of this, which on a small machine is taken from what is measured. */
export class LoadClient implements Disposable {
  private readonly agent = new Agent({ keepAlive: true });

  /** Sends each request once, so many at a time. @throws on an answer with another status. */
  async run(requests: readonly LoadRequest[], expected: number, concurrency: number): Promise<LoadResult> {
    const latenciesMs: number[] = [];
    const left = requests.values();
    const startedAt = performance.now();
    const worker = async () => {
      for (const one of left) {
        const sentAt = performance.now();
        const answer = await this.send(one);
        latenciesMs.push(performance.now() - sentAt);
        if (answer.status !== expected) {
          throw new Error(`${one.method} ${one.url} was answered ${answer.status}: ${answer.body}`);
        }
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    const seconds = (performance.now() - startedAt) / 1000;
    return { perSecond: requests.length / seconds, latenciesMs: latenciesMs.sort((a, b) => a - b) };
  }

  send({ url, method, headers, body = '' }: LoadRequest): Promise<LoadAnswer> {
    const answered = Promise.withResolvers<LoadAnswer>();
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = request(url, { agent: this.agent, method, headers: { ...headers, ...length } });
    outgoing.once('error', answered.reject);
    outgoing.once('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', answered.reject);
      incoming.once('end', () =>
        answered.resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    outgoing.end(body);
    return answered.promise;
  }

  [Symbol.dispose](): void {
    this.agent.destroy();
  }
}
