import type { TokenCredential } from '@azure/core-auth';
import {
  bearerTokenAuthenticationPolicyName,
  formDataPolicyName,
  type Pipeline,
  type PipelinePolicy,
} from '@azure/core-rest-pipeline';
import { inTime } from '../../lib/async.ts';
import type { Deadline } from '../../lib/deadline.ts';
import { UnexpectedAnswerError } from '../../lib/errors.ts';
import { checkAnswers } from './answers.ts';

/** Access to Azure Resource Manager. */
export interface ArmAccess {
  readonly endpoint: string;
  readonly audience: string;
  /** `undefined` on loopback http, where no credential is ever requested or sent. */
  readonly credential: TokenCredential | undefined;
  /** `false` where nobody collects traces, so that no read prepares a span. */
  readonly isTraced?: boolean;
}

/** A log of Resource Manager then shows whose calls these are. */
export const appUserAgent = { userAgentOptions: { userAgentPrefix: 'evenkeel' } };

/** The options that every client of Resource Manager shares. */
export const armClientOptions = ({ endpoint, credential }: ArmAccess) => ({
  endpoint,
  allowInsecureConnection: credential === undefined,
  ...appUserAgent,
  // The reconciler tries again from a fresh read, within its deadline. A retry in the SDK would only repeat a stale
  // condition and hide the Retry-After of the service.
  retryOptions: { maxRetries: 0 },
});

/** The credential, or one that is never used: SDK constructors require one. */
export const credentialOf = ({ credential }: Pick<ArmAccess, 'credential'>): TokenCredential =>
  credential ?? { getToken: () => Promise.reject(new Error('no credential is used on loopback http')) };

/** Removes the policy that refuses plain http when there is no credential. */
export function adaptPipeline(
  { pipeline }: { readonly pipeline: Pipeline },
  { credential }: Pick<ArmAccess, 'credential'>,
): void {
  if (credential === undefined) pipeline.removePolicy({ name: bearerTokenAuthenticationPolicyName });
}

/**
 * Prepares the client of an SDK for Resource Manager: each of its requests ends in time, and each of its answers is
 * what was asked for.
 */
export function prepareClient(client: { readonly pipeline: Pipeline }, access: ArmAccess): void {
  adaptPipeline(client, access);
  addChecks(client.pipeline, access);
}

/** The part of {@link prepareClient} that has nothing to do with the credential. */
export function addChecks(pipeline: Pipeline, { endpoint }: Pick<ArmAccess, 'endpoint'>): void {
  leaveOutForms(pipeline);
  pipeline.addPolicy(stayAt(endpoint), { afterPhase: 'Deserialize' });
  // Before the SDK reads the body, and after a redirect was followed.
  pipeline.addPolicy(checkAnswers, { afterPhase: 'Deserialize' });
  pipeline.addPolicy(limitRequests(requestTimeoutMs), { afterPhase: 'Sign' });
  pipeline.addPolicy(repeatBrokenReads, { phase: 'Retry' });
}

/**
 * No request has a form for its body, and the policy that looks for one has Node.js load all of `fetch` for that: 25 ms of
 * CPU in each thread.
 */
function leaveOutForms(pipeline: Pipeline): void {
  pipeline.removePolicy({ name: formDataPolicyName });
}

/**
 * Sends nothing, and so no token, to another host than Resource Manager's own and its regional ones: the SDKs follow
 * links to next pages and to operations wherever they lead.
 */
function stayAt(endpoint: string): PipelinePolicy {
  const { origin, protocol, host } = new URL(endpoint);
  return {
    name: 'evenkeelStay',
    async sendRequest(request, next) {
      const to = new URL(request.url);
      const isRegional = to.protocol === protocol && to.host.endsWith(`.${host}`);
      if (to.origin === origin || isRegional) return next(request);
      throw new UnexpectedAnswerError(
        'the request before',
        'one of Resource Manager',
        `it leads to ${to.origin}`,
      );
    },
  };
}

/**
 * Sends a read once more whose connection broke before its answer: the other side may close a kept connection just as
 * it is used again, which says nothing of the service.
 */
export const repeatBrokenReads: PipelinePolicy = {
  name: 'evenkeelBrokenRead',
  async sendRequest(request, next) {
    try {
      return await next(request);
    } catch (error) {
      const isBroken = error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
      if (!isBroken || request.method !== 'GET' || request.abortSignal?.aborted) throw error;
      return next(request);
    }
  },
};

/** A single request that hangs must leave time for another attempt. */
const requestTimeoutMs = 8_000;

/**
 * Runs one call, which ends at the deadline, or after 8 s, whatever the SDK does with the signal: it does not pass it
 * to every part of its work.
 */
export function callInTime<T>(
  deadline: Deadline,
  call: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  return inTime(requestTimeoutMs, call, deadline.signal);
}

/**
 * The pages of a listing. Each of them ends like a call in {@link callInTime}: SDKs pass their signal to the first one
 * only.
 */
export async function* pagesInTime<Page>(
  deadline: Deadline,
  list: (abortSignal: AbortSignal) => { byPage(): AsyncIterator<Page> },
): AsyncGenerator<Page, void> {
  const pages = list(deadline.signal).byPage();
  for (;;) {
    const page = await callInTime(deadline, () => pages.next());
    if (page.done === true) return;
    yield page.value;
  }
}

/**
 * Aborts a request whose answer, with its whole body, is not here in time. The pipeline's own limit ends with the head
 * of the answer.
 */
export const limitRequests = (timeoutMs: number): PipelinePolicy => ({
  name: 'evenkeelRequestLimit',
  async sendRequest(request, next) {
    const { abortSignal } = request;
    const controller = new AbortController();
    const abort = () => controller.abort(new DOMException('no answer in time', 'TimeoutError'));
    const timer = setTimeout(abort, timeoutMs);
    abortSignal?.addEventListener('abort', abort);
    if (abortSignal?.aborted) abort();
    try {
      request.abortSignal = controller.signal;
      return await next(request);
    } catch (error) {
      // A body that breaks off is reported as one that cannot be read, whatever broke it off.
      controller.signal.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(timer);
      abortSignal?.removeEventListener('abort', abort);
      // Another attempt of the pipeline gets a time of its own.
      if (abortSignal === undefined) delete request.abortSignal;
      else request.abortSignal = abortSignal;
    }
  },
});

/** One client a subscription, created when it is first needed. */
export function clientPerSubscription<Client>(create: (subscriptionId: string) => Client) {
  const clients = new Map<string, Client>();
  return (subscriptionId: string): Client => {
    const key = subscriptionId.toLowerCase();
    const client = clients.get(key) ?? create(subscriptionId);
    clients.set(key, client);
    return client;
  };
}
