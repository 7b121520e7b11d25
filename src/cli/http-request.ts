import * as http from 'node:http';
import { promisify } from 'node:util';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** UTF-8 without a byte order mark. */
  readonly text: string;
  readonly retryAfter: string | null;
}

/**
 * Sends one request, and reads the whole answer. A redirect is an answer as every other.
 *
 * `fetch` would do the same, and costs each start of a command 60 ms: Node.js loads all of it at the first call.
 * @throws the reason of the signal, or an error of `node:http`, which has a `code` where the network failed.
 */
export async function sendHttpRequest(url: URL, request: HttpRequest): Promise<HttpResponse> {
  const { signal } = request;
  try {
    const response = await answerOf(url, request);
    const body = await bytesOf(response);
    const encoding = response.headers['content-encoding']?.trim().toLowerCase();
    return {
      status: response.statusCode ?? 0,
      text: textOf(encoding === 'gzip' ? await unzipped(body) : body),
      retryAfter: response.headers['retry-after'] ?? null,
    };
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

async function answerOf(url: URL, { method, headers, body, signal }: HttpRequest) {
  // Without TLS, it is 20 ms less to load.
  const { request } = url.protocol === 'https:' ? await import('node:https') : http;
  return new Promise<http.IncomingMessage>((resolve, reject) => {
    const sent = request(url, { method, headers: { 'accept-encoding': 'gzip', ...headers } }, resolve);
    // The option `signal` would do the same, and watches the end of the stream besides.
    signal.addEventListener('abort', () => sent.destroy(signal.reason), { once: true });
    if (signal.aborted) sent.destroy(signal.reason);
    sent.on('error', reject).end(body);
  });
}

/** As `for await` would read them, without the iterator that Node.js has to load and put up. */
function bytesOf(response: http.IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  return new Promise((resolve, reject) => {
    response
      .on('data', (chunk) => chunks.push(chunk))
      .on('end', () => resolve(Buffer.concat(chunks)))
      .on('error', reject);
  });
}

/** As a `TextDecoder` would have it, which Node.js takes longer to make. */
const textOf = (body: Buffer): string => body.toString('utf8').replace(/^\ufeff/, '');

async function unzipped(body: Uint8Array): Promise<Buffer> {
  const { gunzip } = await import('node:zlib');
  return promisify(gunzip)(body);
}
