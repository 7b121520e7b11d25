import type { Socket } from 'node:net';
import {
  createDefaultHttpClient,
  createHttpHeaders,
  type HttpClient,
  type HttpHeaders,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import type { Dispatcher } from 'undici';

/**
 * So many requests go by the client that the SDKs have loaded anyway. An app that has just started answers sooner
 * without another one, which takes some 30 ms to load and saves half a millisecond in four requests.
 */
const requestsBeforeLoad = 200;

/**
 * Sends what evenkeel asks often: reads of resources, operations on single entities of a table, signals. The SDKs' own
 * client builds on streams, which took most of the CPU time of such a request.
 *
 * @param load gives undici; when it cannot, the SDKs' client goes on.
 */
export function frequentHttpClient(
  load: () => Promise<Dispatch> = loadDispatch,
  before = requestsBeforeLoad,
): HttpClient {
  const usual = createDefaultHttpClient();
  let dispatch: Dispatch | undefined;
  let sent = 0;
  return {
    sendRequest(request) {
      sent++;
      if (sent === before) {
        void load().then(
          (loaded) => {
            dispatch = loaded;
          },
          () => {},
        );
      }
      return dispatch !== undefined && isPlain(request)
        ? send(dispatch, request)
        : usual.sendRequest(request);
    },
  };
}

/** All adapters share its connections. */
export const httpClient = frequentHttpClient();

/**
 * Begins a request on a connection that is free, or on a new one.
 * @returns the socket of the new one, which is not connected yet.
 */
type Dispatch = (
  options: Dispatcher.DispatchOptions,
  handler: Dispatcher.DispatchHandler,
) => Socket | undefined;

export async function loadDispatch(): Promise<Dispatch> {
  const [{ default: Agent }, { default: buildConnector }] = await Promise.all([
    import('undici/lib/dispatcher/agent.js'),
    import('undici/lib/core/connect.js'),
  ]);
  const connect = buildConnector({});
  let connecting: Socket | undefined;
  // Whoever calls limits the time.
  const agent = new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (options, callback) => {
      connecting = connect(options, callback);
    },
  });
  return (options, handler) => {
    connecting = undefined;
    agent.dispatch(options, handler);
    return connecting;
  };
}

type PlainRequest = PipelineRequest & { readonly body?: string };

/** Whether a request has nothing that only the SDKs' client does: proxies, certificates, streams, refusing plain http. */
function isPlain(request: PipelineRequest): request is PlainRequest {
  const { body, url, method, timeout, allowInsecureConnection } = request;
  return (
    (body === undefined || typeof body === 'string') &&
    (allowInsecureConnection === true || url.startsWith('https:')) &&
    method !== 'HEAD' &&
    timeout === 0 &&
    request.agent === undefined &&
    request.tlsSettings === undefined &&
    request.requestOverrides === undefined &&
    request.disableKeepAlive !== true &&
    // A generated client gives every request such a set, which is empty unless the answer is a stream.
    (request.streamResponseStatusCodes?.size ?? 0) === 0 &&
    request.onUploadProgress === undefined &&
    request.onDownloadProgress === undefined
  );
}

/**
 * Sends one request.
 * @throws {RestError} as the SDKs' client does; an `AbortError` when the signal aborts.
 */
async function send(dispatch: Dispatch, request: PlainRequest): Promise<PipelineResponse> {
  const { abortSignal, method, url, body = null } = request;
  if (abortSignal?.aborted) throw aborted();
  const { origin, pathname, search } = new URL(url);
  // Nothing here would decompress it.
  request.headers.set('accept-encoding', 'identity');
  const { promise, resolve, reject } = Promise.withResolvers<PipelineResponse>();
  let controller: Dispatcher.DispatchController | undefined;
  let connecting: Socket | undefined;
  const abort = () => {
    reject(aborted());
    if (controller === undefined) connecting?.destroy(aborted());
    else controller.abort(aborted());
  };
  abortSignal?.addEventListener('abort', abort);
  let status = 0;
  let headers = createHttpHeaders();
  const chunks: Buffer[] = [];
  connecting = dispatch(
    { origin, path: `${pathname}${search}`, method, headers: request.headers.toJSON(), body },
    {
      onRequestStart(started) {
        controller = started;
        // It waited for a connection, and its caller did not.
        if (abortSignal?.aborted) abort();
      },
      // Another head follows one of status 1xx.
      onResponseStart(_, statusCode, fields) {
        status = statusCode;
        headers = headersOf(fields);
      },
      onResponseData: (_, chunk) => void chunks.push(chunk),
      onResponseEnd: () =>
        resolve({ request, status, headers, bodyAsText: Buffer.concat(chunks).toString() }),
      onResponseError: (_, error) => reject(restErrorOf(error, request, status)),
    },
  );
  try {
    return await promise;
  } finally {
    abortSignal?.removeEventListener('abort', abort);
  }
}

const aborted = () => new DOMException('The request was aborted.', 'AbortError');

function headersOf(fields: Readonly<Record<string, string | string[] | undefined>>): HttpHeaders {
  const headers = createHttpHeaders();
  for (const name in fields) {
    const value = fields[name];
    headers.set(name, Array.isArray(value) ? value.join(', ') : (value ?? ''));
  }
  return headers;
}

/** @param status that of the answer whose body broke off; 0 where none had begun. */
function restErrorOf(error: Error, request: PipelineRequest, status: number): RestError {
  if (status !== 0) {
    const text = `Error reading response as text: ${error.message}`;
    return new RestError(text, { code: RestError.PARSE_ERROR, request });
  }
  const code = 'code' in error ? String(error.code) : RestError.REQUEST_SEND_ERROR;
  return new RestError(error.message, { code: code === 'UND_ERR_SOCKET' ? 'ECONNRESET' : code, request });
}
