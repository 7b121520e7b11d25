import { gunzipSync } from 'node:zlib';
import type { Clock } from '../clock.ts';
import { ArmError, type ErrorShape } from './arm-error.ts';
import { changedAnswer, plannedAnswer } from './fault-answer.ts';
import type { Faults } from './faults.ts';
import type { ArmAnswer, ArmRequest, OperationFinder } from './operation.ts';
import type { RequestLog } from './request-log.ts';

export type RequestHook = (request: ArmRequest) => void | Promise<void>;
export type HandledHook = (request: ArmRequest, answer: ArmAnswer) => void | Promise<void>;

/** Code of a test that runs between the arrival of a request and its effect, or between effect and answer. */
export class Hooks<Hook extends (...args: never[]) => void | Promise<void>> {
  private readonly hooks = new Set<Hook>();

  /** Returns how to remove the hook. */
  add(hook: Hook): () => void {
    this.hooks.add(hook);
    return () => {
      this.hooks.delete(hook);
    };
  }

  /** Runs the hooks one after another. */
  async run(...args: Parameters<Hook>): Promise<void> {
    for (const hook of [...this.hooks]) await hook(...args);
  }
}

interface DispatcherParts {
  readonly find: OperationFinder;
  readonly clock: Clock;
  readonly log: RequestLog;
  readonly faults: Faults;
  /** What Resource Manager refuses before a provider sees the request; throws an `ArmError`. */
  readonly checks: readonly ((request: ArmRequest) => void)[];
  readonly onRequest: Hooks<RequestHook>;
  readonly onHandled: Hooks<HandledHook>;
  /** Aborts when the simulator closes. */
  readonly lifetime: AbortSignal;
}

/**
 * Answers a request to Resource Manager; `undefined` means that its connection is to be broken instead.
 * @param root The path that the host of the request stands for; none by default.
 */
type Dispatcher = (request: Request, root?: string) => Promise<ArmAnswer | undefined>;

export function dispatcher(parts: DispatcherParts): Dispatcher {
  return async (request, root = '') => {
    const received = await receive(request, root, parts.find);
    const { arm } = received;
    const fault = parts.faults.take(arm);
    const complete = parts.log.add({
      operation: arm.operation,
      method: arm.method,
      id: arm.id,
      at: parts.clock.now(),
      ifMatch: arm.headers.get('if-match') ?? undefined,
      ifNoneMatch: arm.headers.get('if-none-match') ?? undefined,
      authorized: arm.headers.has('authorization'),
      fault: fault?.kind,
    });
    await parts.onRequest.run(arm);
    const delayMs = (fault?.delayMs ?? 0) + (fault?.kind === 'latency' ? fault.ms : 0);
    if (delayMs > 0) await parts.clock.sleep(delayMs, parts.lifetime);
    if (fault?.kind === 'lostRequest') return undefined;
    if (fault?.kind === 'hang')
      return new Promise((resolve) => whenAborted(parts.lifetime, () => resolve(undefined)));
    const answer =
      fault?.kind === 'status'
        ? plannedAnswer(fault, received.shape, parts.clock.now())
        : changedAnswer(fault, await answerTo(arm, received, parts.checks));
    await parts.onHandled.run(arm, answer);
    if (fault?.kind === 'lostAnswer') return undefined;
    complete(answer.status);
    return answer;
  };
}

interface Received {
  readonly arm: ArmRequest;
  /** The form of refusals that come from no operation. */
  readonly shape: ErrorShape;
  readonly handle: (request: ArmRequest) => ArmAnswer | Promise<ArmAnswer>;
}

async function receive(request: Request, root: string, find: OperationFinder): Promise<Received> {
  const url = new URL(request.url);
  const path = `${root}${url.pathname}`;
  const hasContent = !['GET', 'HEAD', 'DELETE'].includes(request.method);
  const content = hasContent ? Buffer.from(await request.arrayBuffer()) : Buffer.alloc(0);
  let operation = 'Unknown';
  let params: Readonly<Record<string, string>> = {};
  let shape: ErrorShape = 'nested';
  let handle: Received['handle'];
  let body: unknown;
  try {
    const found = find(request.method, path);
    operation = found.operation.name;
    params = found.params;
    handle = found.operation.handle;
    const isRegistry = found.operation.protocol === 'registry';
    if (isRegistry) shape = 'distribution';
    if (!isRegistry && !url.searchParams.has('api-version')) {
      throw new ArmError(
        400,
        'MissingApiVersionParameter',
        'The api-version query parameter (?api-version=) is required for all requests.',
      );
    }
    body = parsedBody(content, request.headers);
  } catch (error) {
    handle = () => {
      throw error;
    };
  }
  const arm: ArmRequest = {
    operation,
    method: request.method,
    id: path,
    base: url.origin,
    query: url.searchParams,
    headers: request.headers,
    body,
    param: (name) => {
      const value = params[name];
      if (value === undefined) throw new TypeError(`${operation} has no path variable ${name}`);
      return value;
    },
  };
  return { arm, shape, handle };
}

function parsedBody(content: Buffer, headers: Headers): unknown {
  if (content.length === 0) return undefined;
  if (headers.get('content-type')?.startsWith('application/x-www-form-urlencoded') === true) {
    return Object.fromEntries(new URLSearchParams(content.toString()));
  }
  try {
    // Logs are uploaded compressed.
    const isCompressed = headers.get('content-encoding')?.toLowerCase() === 'gzip';
    const plain = isCompressed ? gunzipSync(content) : content;
    return JSON.parse(plain.toString());
  } catch (error) {
    throw new ArmError(
      400,
      'InvalidRequestContent',
      `The request content was invalid and could not be deserialized: ${error}`,
    );
  }
}

async function answerTo(
  request: ArmRequest,
  { handle, shape }: Received,
  checks: DispatcherParts['checks'],
): Promise<ArmAnswer> {
  try {
    for (const check of checks) check(request);
    return await handle(request);
  } catch (error) {
    const refusal =
      error instanceof ArmError ? error : new ArmError(500, 'InternalServerError', String(error), { shape });
    return { status: refusal.status, headers: refusal.headers, body: refusal.body };
  }
}

function whenAborted(signal: AbortSignal, then: () => void): void {
  if (signal.aborted) then();
  else signal.addEventListener('abort', then, { once: true });
}
