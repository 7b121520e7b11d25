import {
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  isRestError,
  proxyPolicy,
  tracingPolicy,
} from '@azure/core-rest-pipeline';
import { anySignal } from '../../lib/any-signal.ts';
import { retryAfterIn } from '../arm/errors.ts';

/** One request to a regional endpoint or to its token service. */
export interface Call {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The longest body that is read; 64 KiB by default. */
  readonly maxBytes?: number;
  /** Opens a connection of its own, as a new client would. */
  readonly isFresh?: boolean;
}

export type Answer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      header(name: string): string | undefined;
      /** `undefined` when it is longer than `maxBytes`. */
      readonly body: Buffer | undefined;
      readonly latencyMs: number;
    }
  /** The answer was 429. */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number }
  /** No answer came back, or only a part of one. `isSilent`: not within the time that one call may take. */
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly latencyMs: number;
      readonly isSilent: boolean;
    }
  /** No request was sent, or the caller's time ended first. This says nothing about the endpoint. */
  | { readonly kind: 'unasked'; readonly reason: string };

/** Never throws. Does not repeat a call and does not follow a redirect. */
export type Send = (call: Call, signal?: AbortSignal) => Promise<Answer>;

interface SendOptions {
  readonly httpClient: HttpClient;
  readonly now: () => Date;
  /** The longest time that one call may take. */
  readonly timeoutMs: number;
}

const defaultMaxBytes = 64 * 1024;
const defaultRetryAfterMs = 10_000;

export function sender({ httpClient, now, timeoutMs }: SendOptions): Send {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(proxyPolicy());
  // One span a call, as the SDKs have it.
  pipeline.addPolicy(tracingPolicy());
  return async ({ method, url, headers, body, maxBytes = defaultMaxBytes, isFresh = false }, signal) => {
    if (signal?.aborted) return outOfTime;
    const startedMs = now().getTime();
    const latencyMs = () => now().getTime() - startedMs;
    const limit = AbortSignal.timeout(timeoutMs);
    const request = createPipelineRequest({
      method,
      url,
      headers: createHttpHeaders({
        'user-agent': 'evenkeel',
        // The SDK then uses Node's own agent, which keeps connections alive without this header.
        ...(isFresh ? { connection: 'close' } : {}),
        ...headers,
      }),
      abortSignal: signal === undefined ? limit : anySignal(signal, limit),
      allowInsecureConnection: url.startsWith('http:'),
      disableKeepAlive: isFresh,
      streamResponseStatusCodes: new Set([Number.POSITIVE_INFINITY]),
      ...(body === undefined ? {} : { body }),
    });
    try {
      const response = await pipeline.sendRequest(httpClient, request);
      const answeredMs = latencyMs();
      const content = await read(response.readableStreamBody, maxBytes);
      if (response.status === 429)
        return { kind: 'throttled', retryAfterMs: retryAfterIn(response.headers) ?? defaultRetryAfterMs };
      return {
        kind: 'answered',
        status: response.status,
        header: (name) => response.headers.get(name),
        body: content,
        latencyMs: answeredMs,
      };
    } catch (error) {
      if (signal?.aborted) return outOfTime;
      const failed = { kind: 'failed', latencyMs: latencyMs(), isSilent: limit.aborted } as const;
      if (limit.aborted) return { ...failed, reason: `no answer within ${timeoutMs} ms` };
      const code = isRestError(error) ? error.code : undefined;
      if (code !== undefined && isUnresolved.test(code))
        return { kind: 'unasked', reason: `its name does not resolve (${code})` };
      return { ...failed, reason: `no answer (${code ?? 'an error'})` };
    }
  };
}

export const outOfTime = { kind: 'unasked', reason: 'there was no time left to ask' } as const;

/** A registry whose regional endpoints are switched off has no such host name. */
const isUnresolved = /^(ENOTFOUND|ENODATA|EAI_\w+)$/;

async function read(
  stream: NodeJS.ReadableStream | undefined,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop early ends the connection, and with it the rest of the body.
  for await (const chunk of stream ?? []) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maxBytes) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
