import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createPipelineFromOptions,
  createPipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import * as v from 'valibot';
import type { Deadline } from '../../lib/deadline.ts';
import { parseJson } from '../../lib/json.ts';
import { type ArmAccess, callSignal } from './client.ts';
import { refusalOf, toCallError } from './errors.ts';

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
const errorSchema = v.object({ error: v.object({ code: v.string() }) });

/** A reader for resources whose SDK is not used here. https://learn.microsoft.com/rest/api/azure/ */
export function armReader({ endpoint, audience, credential }: ArmAccess): ArmReader {
  const pipeline = createPipelineFromOptions({ retryOptions: { maxRetries: 2 } });
  if (credential !== undefined) {
    pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: [audience] }));
  }
  const httpClient = createDefaultHttpClient();

  async function send(method: 'GET' | 'POST', url: string, deadline: Deadline): Promise<PipelineResponse> {
    try {
      const request = createPipelineRequest({
        url,
        method,
        abortSignal: callSignal(deadline),
        allowInsecureConnection: credential === undefined,
      });
      const response = await pipeline.sendRequest(httpClient, request);
      if (response.status >= 200 && response.status < 300) return response;
      const parsed = v.safeParse(errorSchema, parseJson(response.bodyAsText ?? ''));
      const code = parsed.success ? parsed.output.error.code : undefined;
      throw new RestError(`answered ${response.status}`, {
        statusCode: response.status,
        request,
        response,
        ...(code === undefined ? {} : { code }),
      });
    } catch (error) {
      if (refusalOf(error)?.status === 404) throw error;
      const scope = new URL(url).pathname;
      throw toCallError(error, { operation: method === 'GET' ? 'read' : 'query', scope, role: 'Reader' });
    }
  }
  const urlOf = (path: string, apiVersion: string): string =>
    `${endpoint}${path}${path.includes('?') ? '&' : '?'}api-version=${apiVersion}`;
  const orAbsent =
    <T>(absent: T) =>
    (error: unknown): T => {
      if (refusalOf(error)?.status === 404) return absent;
      throw error;
    };
  async function readPage(url: string, deadline: Deadline) {
    const response = await send('GET', url, deadline).catch(orAbsent(undefined));
    const page = v.safeParse(pageSchema, parseJson(response?.bodyAsText ?? ''));
    return page.success ? page.output : undefined;
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
        const next: string | undefined = page?.nextLink ?? undefined;
        // Only Resource Manager may get the token.
        url = next !== undefined && new URL(next).origin === new URL(endpoint).origin ? next : undefined;
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
