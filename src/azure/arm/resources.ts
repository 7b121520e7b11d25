import { setTimeout as sleep } from 'node:timers/promises';
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createPipelineFromOptions,
  createPipelineRequest,
  isRestError,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import * as v from 'valibot';
import type { Deadline } from '../../lib/deadline.ts';
import { parseJson } from '../../lib/json.ts';
import { type ArmAccess, addChecks, appUserAgent, callInTime } from './client.ts';
import { refusalError, refusalOf, retryAfterOf, toCallError } from './errors.ts';

/**
 * Any resource of Resource Manager, read only. Paths are ARM ids, without the API version. Answers are unchecked.
 * Every method throws the errors of `lib/errors.ts`.
 */
export interface ArmReader {
  /** @returns `undefined` for what does not exist. */
  find(path: string, apiVersion: string, deadline: Deadline): Promise<unknown>;
  /** Every page; nothing where the parent does not exist. */
  list(path: string, apiVersion: string, deadline: Deadline): Promise<readonly unknown[]>;
  /** A POST that only reads. @returns `undefined` for what does not exist. */
  post(path: string, apiVersion: string, deadline: Deadline): Promise<unknown>;
  /** The time by the clock of Resource Manager, to the second; `undefined` where it does not say. */
  time(deadline: Deadline): Promise<Date | undefined>;
}

const pageSchema = v.object({ value: v.array(v.unknown()), nextLink: v.nullish(v.string()) });

interface ReaderOptions {
  /** The pauses before a call is repeated when Resource Manager is in trouble; without any, each call is made once. */
  readonly pausesMs?: readonly number[];
  /** Whether it is the app that reads, which tells itself apart by its user agent, and not somebody at a terminal. */
  readonly isApp?: boolean;
}

/** A reader for resources whose SDK is not used here. https://learn.microsoft.com/rest/api/azure/ */
export function armReader(
  { endpoint, audience, credential }: ArmAccess,
  { pausesMs = [200, 800], isApp = false }: ReaderOptions = {},
): ArmReader {
  const pipeline = createPipelineFromOptions({
    retryOptions: { maxRetries: 0 },
    ...(isApp ? appUserAgent : {}),
  });
  if (credential !== undefined) {
    pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: [audience] }));
  }
  addChecks(pipeline, { endpoint });
  const httpClient = createDefaultHttpClient();

  async function sendOnce(
    method: 'GET' | 'POST',
    url: string,
    abortSignal: AbortSignal,
  ): Promise<PipelineResponse> {
    const request = createPipelineRequest({
      url,
      method,
      abortSignal,
      allowInsecureConnection: credential === undefined,
    });
    const response = await pipeline.sendRequest(httpClient, request);
    if (response.status >= 200 && response.status < 300) return response;
    throw refusalError(response);
  }
  /** Nobody repeats these calls later, so that a short trouble is waited for here. */
  async function sendPatiently(
    method: 'GET' | 'POST',
    url: string,
    abortSignal: AbortSignal,
  ): Promise<PipelineResponse> {
    for (const pauseMs of pausesMs) {
      try {
        return await sendOnce(method, url, abortSignal);
      } catch (error) {
        if (!mayPass(error)) throw error;
        await sleep(pauseMs, undefined, { signal: abortSignal });
      }
    }
    return sendOnce(method, url, abortSignal);
  }
  async function send(method: 'GET' | 'POST', url: string, deadline: Deadline): Promise<PipelineResponse> {
    try {
      return await callInTime(deadline, (abortSignal) => sendPatiently(method, url, abortSignal));
    } catch (error) {
      if (isAbsent(error)) throw error;
      const scope = new URL(url).pathname;
      throw toCallError(error, { operation: method === 'GET' ? 'read' : 'query', scope, role: 'Reader' });
    }
  }
  const urlOf = (path: string, apiVersion: string): string =>
    `${endpoint}${path}${path.includes('?') ? '&' : '?'}api-version=${apiVersion}`;
  const orAbsent =
    <T>(absent: T) =>
    (error: unknown): T => {
      if (isAbsent(error)) return absent;
      throw error;
    };
  async function readPage(url: string, deadline: Deadline) {
    const response = await send('GET', url, deadline).catch(orAbsent(undefined));
    if (response === undefined) return undefined;
    const { value, nextLink } = v.parse(pageSchema, parseJson(response.bodyAsText ?? ''));
    if (!nextLink) return { value, next: undefined };
    return { value, next: new URL(nextLink, url).href };
  }
  return {
    find: (path, apiVersion, deadline) =>
      send('GET', urlOf(path, apiVersion), deadline).then(
        ({ bodyAsText }) => parseJson(bodyAsText ?? ''),
        orAbsent(undefined),
      ),
    async list(path, apiVersion, deadline) {
      const values: unknown[] = [];
      for (let url: string | undefined = urlOf(path, apiVersion); url !== undefined; ) {
        const page = await readPage(url, deadline);
        values.push(...(page?.value ?? []));
        url = page?.next;
      }
      return values;
    },
    post: (path, apiVersion, deadline) =>
      send('POST', urlOf(path, apiVersion), deadline).then(
        ({ bodyAsText }) => parseJson(bodyAsText ?? ''),
        orAbsent(undefined),
      ),
    async time(deadline) {
      const { headers } = await send('GET', urlOf('/subscriptions', '2022-12-01'), deadline);
      const date = new Date(headers.get('date') ?? Number.NaN);
      return Number.isNaN(date.getTime()) ? undefined : date;
    },
  };
}

/** Whether a call may succeed in a moment. A service that asks for a wait is not asked again here. */
function mayPass(error: unknown): boolean {
  if (!isRestError(error)) return false;
  const { statusCode = 500 } = error;
  return (statusCode === 408 || statusCode >= 500) && retryAfterOf(error) === undefined;
}

/** A 404 without a code is no answer of Azure, and says nothing of the resource. */
function isAbsent(error: unknown): boolean {
  const refusal = refusalOf(error);
  return refusal?.status === 404 && refusal.code !== undefined;
}
