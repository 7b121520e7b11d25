import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import * as v from 'valibot';
import type { Config } from '../config.ts';
import { errorResponse, RefusedRequestError, refuse, retryAfter, wholeSeconds } from '../http/refusal.ts';
import { deadlineIn } from '../lib/deadline.ts';
import { StateUnavailableError } from '../lib/errors.ts';
import { type Log, lineLog, logFailure } from '../lib/log.ts';
import { describeIssues, dotPath } from '../lib/schema-issues.ts';
import { isDigest, isRepository, isTag } from '../registries/oci-reference.ts';
import { type QueryResult, replicationBody } from '../replication/answer.ts';
import { answerReplicationQuery, type QueryPorts, type ReplicationQuery } from '../replication/query.ts';
import { settingValue } from '../settings/setting.ts';

/** The time for reads and for calls to the endpoints, beside the wait. */
const answerMs = 25_000;
const maxWaitSeconds = 60;
const defaultRetryMs = 5_000;
/** No pipeline wants to come back later than this. */
const maxRetryAfterSeconds = 60;

/** Answers whether an image has reached every region yet. */
export function bindGetReplication(config: Config, loadPorts: () => Promise<QueryPorts>): void {
  app.http('getReplication', {
    methods: ['GET'],
    authLevel: 'function',
    route: 'replication',
    handler: async (request, context) => {
      const log = lineLog(context);
      const facts: Record<string, unknown> = {};
      try {
        const query = parseQuery(request, config);
        Object.assign(facts, factsOf(query));
        const deadline = deadlineIn(query.waitMs + answerMs);
        const result = await answerReplicationQuery(query, await loadPorts(), deadline, log);
        return result === undefined ? notSeenResponse(facts, log) : resultResponse(result, facts, log);
      } catch (error) {
        if (error instanceof RefusedRequestError)
          return refuse('replication question refused', error, facts, log);
        return failure(error, facts, log);
      }
    },
  });
}

const flag = v.optional(
  v.pipe(
    v.picklist(['true', 'false', '1', '0', '']),
    v.transform((text) => text !== 'false' && text !== '0'),
  ),
  'false',
);
const parameters = v.object({
  registry: v.pipe(v.string(), v.nonEmpty('expected the name of a registry')),
  repository: v.pipe(v.string(), v.check(isRepository, 'expected a repository such as team/app')),
  reference: v.pipe(
    v.string(),
    v.check((text) => isTag(text) || isDigest(text), 'expected a tag or a digest'),
  ),
  wait: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,9}(\.\d+)?$/, `expected seconds, from 0 to ${maxWaitSeconds}`),
      v.transform((text) => Math.min(Number(text), maxWaitSeconds)),
    ),
    '0',
  ),
  verify: flag,
  closure: flag,
});

/** @throws {RefusedRequestError} 400 or 404. */
function parseQuery({ query }: HttpRequest, config: Config): ReplicationQuery {
  const parsed = v.safeParse(parameters, Object.fromEntries(query));
  if (!parsed.success) {
    const problem = describeIssues(parsed.issues, { where: dotPath('the query'), values: 'hidden' });
    throw new RefusedRequestError(400, 'badParameter', problem);
  }
  const { registry: name, wait, ...rest } = parsed.output;
  const registry = settingValue(config.registries).named(name);
  if (registry !== undefined) return { ...rest, registry, waitMs: wait * 1000 };
  const shown = JSON.stringify(name.slice(0, 255));
  throw new RefusedRequestError(
    404,
    'registryNotConfigured',
    `the registry ${shown} is not an entry of REGISTRIES`,
  );
}

const factsOf = ({ registry, repository, reference }: ReplicationQuery) => ({
  registry: registry.name,
  repository,
  reference,
});

function resultResponse(result: QueryResult, facts: Record<string, unknown>, log: Log): HttpResponseInit {
  const { status, state, missing } = result.answer;
  log.info('replication answered', { ...facts, status, state, missing });
  const headers = status === 202 ? retryAfter(retrySeconds(result.etaMs)) : {};
  return { status, headers, jsonBody: replicationBody(result, new Date()) };
}

function notSeenResponse(facts: Record<string, unknown>, log: Log): HttpResponseInit {
  log.info('replication answered', { ...facts, status: 404, state: 'unseen' });
  return errorResponse(404, 'imageNotSeen', 'no region has reported this image yet', retrySeconds());
}

function failure(error: unknown, facts: Record<string, unknown>, log: Log): HttpResponseInit {
  logFailure('replication question', error, facts, log);
  const ms = error instanceof StateUnavailableError ? error.retryAfterMs : undefined;
  // The reason is for the operator, who finds it in the log.
  return errorResponse(503, 'notAnswered', 'the ledger cannot be read now', retrySeconds(ms));
}

const retrySeconds = (ms = defaultRetryMs): number => wholeSeconds(ms, maxRetryAfterSeconds);
