import {
  bearerTokenAuthenticationPolicy,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  formDataPolicyName,
  multipartPolicyName,
  tracingPolicyName,
} from '@azure/core-rest-pipeline';
import * as v from 'valibot';
import { UnexpectedAnswerError } from '../../lib/errors.ts';
import { describeIssues, dotPath } from '../../lib/schema-issues.ts';
import { httpClient } from '../http-client.ts';
import { believedAnswer } from './answers.ts';
import { type ArmAccess, armClientOptions, repeatBrokenReads } from './client.ts';
import { refusalError } from './errors.ts';

/**
 * Reads one resource, as a schema has it.
 * @param id its ARM id, whose segments are encoded here.
 * @throws {RestError} for an answer that refuses, or none, as the methods of an SDK do.
 * @throws {UnexpectedAnswerError} for an answer of success that is something else.
 */
export type ReadResource = <Schema extends v.GenericSchema>(
  id: string,
  schema: Schema,
  abortSignal: AbortSignal,
) => Promise<v.InferOutput<Schema>>;

/** What prepares bodies, repeats refusals, and adapts signals of other makes: a read has none of these. */
const unneededPolicies = [
  formDataPolicyName,
  multipartPolicyName,
  'defaultRetryPolicy',
  'wrapAbortSignalLikePolicy',
];

/**
 * Every event makes three such reads, and the SDK's general rules for making a request and mapping its answer took a
 * third of their CPU time. The SDKs' pipeline stays: it signs in, follows redirects, and traces.
 *
 * What {@link prepareClient} adds for listings and changes is not needed here: the answer is checked after the pipeline,
 * and the caller limits the time of the whole.
 */
export function resourceReads(access: ArmAccess, apiVersion: string): ReadResource {
  const { endpoint, audience, credential } = access;
  const pipeline = createPipelineFromOptions(armClientOptions(access));
  for (const name of unneededPolicies) pipeline.removePolicy({ name });
  if (access.isTraced === false) pipeline.removePolicy({ name: tracingPolicyName });
  if (credential !== undefined) {
    pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: [audience] }));
  }
  pipeline.addPolicy(repeatBrokenReads, { phase: 'Retry' });
  return async (id, schema, abortSignal) => {
    const path = encodeURI(id).replace(/[?#]/g, encodeURIComponent);
    const request = createPipelineRequest({
      url: `${endpoint}${path}?api-version=${apiVersion}`,
      abortSignal,
      allowInsecureConnection: credential === undefined,
      headers: createHttpHeaders({ accept: 'application/json' }),
    });
    const response = await pipeline.sendRequest(httpClient, request);
    const { status } = response;
    if (status < 200 || status > 299) throw refusalError(response);
    const answer = believedAnswer({ method: 'GET', path }, response);
    // What was only accepted is not there yet.
    if (status !== 200) throw refusalError(response);
    const parsed = v.safeParse(schema, answer);
    if (parsed.success) return parsed.output;
    const fault = describeIssues(parsed.issues, { where: dotPath('it'), values: 'hidden' });
    throw new UnexpectedAnswerError(`GET ${path}`, 'what was asked for', fault);
  };
}
