import type { HttpHandler, HttpResponseInit } from '@azure/functions';
import * as v from 'valibot';
import { ambiguousRegistry } from '../http/ambiguous-registry.ts';
import { errorResponse, RefusedRequestError, refuse, retryAfter, wholeSeconds } from '../http/refusal.ts';
import { type Deadline, deadlineIn } from '../lib/deadline.ts';
import { StateUnavailableError } from '../lib/errors.ts';
import { type Log, lineLog, logFailure } from '../lib/log.ts';
import { describeIssues, dotPath } from '../lib/schema-issues.ts';
import type { RegistryFinder } from '../registries/finder.ts';
import { LoginServerUnknownError } from '../registries/login-servers.ts';
import { isChartTag, isDigest, isRepository } from '../registries/oci-reference.ts';
import type { Registry } from '../registries/registry.ts';
import { type QueryResult, replicationBody } from '../replication/answer.ts';
import { answerReplicationQuery, type QueryPorts, type ReplicationQuery } from '../replication/query.ts';
import { settingProblem } from '../settings/setting.ts';

/** The time for reads and for calls to the endpoints, beside the wait. */
const answerMs = 25_000;
const maxWaitSeconds = 60;
const defaultRetryMs = 5_000;
/** No pipeline wants to come back later than this. */
const maxRetryAfterSeconds = 60;

/** Answers whether an image has reached every region yet. */
export function getReplication(
  finder: Pick<RegistryFinder, 'select'>,
  loadPorts: () => Promise<QueryPorts>,
): HttpHandler {
  return ({ query }, context) =>
    answerReplication(Object.fromEntries(query), finder, loadPorts, lineLog(context));
}

/** Answers the question that the parameters of a query put. Whatever becomes of it is an answer. */
export async function answerReplication(
  asked: Readonly<Record<string, string>>,
  finder: Pick<RegistryFinder, 'select'>,
  loadPorts: () => Promise<QueryPorts>,
  log: Log,
): Promise<HttpResponseInit> {
  const facts: Record<string, unknown> = {};
  try {
    const { registry: name, ...wishes } = parseQuery(asked);
    const deadline = deadlineIn(wishes.waitMs + answerMs);
    const query = { ...wishes, ...(await findRegistry(name, finder, deadline)) };
    Object.assign(facts, factsOf(query));
    const result = await answerReplicationQuery(query, await loadPorts(), deadline, log);
    return result === undefined
      ? notSeenResponse(facts, log)
      : resultResponse(result, query.registry, facts, log);
  } catch (error) {
    if (error instanceof RefusedRequestError)
      return refuse('replication question refused', error, facts, log);
    return failure(error, facts, log);
  }
}

const flag = v.optional(
  v.pipe(
    v.picklist(['true', 'false', '1', '0', '']),
    v.transform((text) => text !== 'false' && text !== '0'),
  ),
  'false',
);
const parameters = v.object({
  registry: v.pipe(v.string(), v.nonEmpty('expected the name, the login server or the ARM id of a registry')),
  repository: v.pipe(v.string(), v.check(isRepository, 'expected a repository such as team/app')),
  reference: v.pipe(
    v.string(),
    // A `+` that nobody escaped arrives as a space, which no reference holds.
    v.transform((text) => text.replaceAll(' ', '+')),
    v.check((text) => isChartTag(text) || isDigest(text), 'expected a tag or a digest'),
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
  pullable: flag,
  gone: flag,
});

/** @throws {RefusedRequestError} 400. */
function parseQuery(query: Readonly<Record<string, string>>) {
  const parsed = v.safeParse(parameters, query);
  if (!parsed.success) {
    const problem = describeIssues(parsed.issues, { where: dotPath('the query'), values: 'hidden' });
    throw new RefusedRequestError(400, 'badParameter', problem);
  }
  const { wait, ...rest } = parsed.output;
  return { ...rest, waitMs: wait * 1000 };
}

/** @throws {RefusedRequestError} 400 or 404. */
async function findRegistry(
  name: string,
  finder: Pick<RegistryFinder, 'select'>,
  deadline: Deadline,
): Promise<Pick<ReplicationQuery, 'registry' | 'loginServer'>> {
  const found = await finder.select(name, deadline);
  if (found.kind === 'found') return { registry: found.registry, loginServer: found.loginServer };
  if (found.kind === 'ambiguous') throw ambiguousRegistry(name, found.choices);
  const shown = JSON.stringify(name.slice(0, 255));
  throw new RefusedRequestError(
    404,
    'registryNotConfigured',
    `the registry ${shown} is not an entry of REGISTRIES`,
  );
}

const factsOf = ({ registry, loginServer, repository, reference }: ReplicationQuery) => ({
  registry: registry.name,
  loginServer,
  repository,
  reference,
});

function resultResponse(
  result: QueryResult,
  registry: Registry,
  facts: Record<string, unknown>,
  log: Log,
): HttpResponseInit {
  const { status, state, missing } = result.answer;
  log.info('replication answered', { ...facts, status, state, missing });
  const headers = status === 202 ? retryAfter(retrySeconds(result.etaMs)) : {};
  return { status, headers, jsonBody: replicationBody(result, registry, new Date()) };
}

function notSeenResponse(facts: Record<string, unknown>, log: Log): HttpResponseInit {
  log.info('replication answered', { ...facts, status: 404, state: 'unseen' });
  return errorResponse(404, 'imageNotSeen', 'no region has reported this image yet', retrySeconds());
}

function failure(error: unknown, facts: Record<string, unknown>, log: Log): HttpResponseInit {
  logFailure('replication question', error, facts, log);
  const ms = error instanceof StateUnavailableError ? error.retryAfterMs : undefined;
  // Any other reason is for the operator, who finds it in the log.
  const problem =
    settingProblem(error) ??
    (error instanceof LoginServerUnknownError
      ? 'the login server of the registry cannot be found out now'
      : 'the ledger cannot be read now');
  return errorResponse(503, 'notAnswered', problem, retrySeconds(ms));
}

const retrySeconds = (ms = defaultRetryMs): number => wholeSeconds(ms, maxRetryAfterSeconds);
