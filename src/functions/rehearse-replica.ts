import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions';
import { ambiguousRegistry } from '../http/ambiguous-registry.ts';
import { readJsonBody } from '../http/json-body.ts';
import { errorResponse, RefusedRequestError, refuse, wholeSeconds } from '../http/refusal.ts';
import { parseRehearsalEnd, parseRehearsalRequest } from '../http/rehearsal-request.ts';
import { unlessAborted } from '../lib/async.ts';
import { type Deadline, deadlineIn, invocationMs } from '../lib/deadline.ts';
import { StateChangedError, StateUnavailableError } from '../lib/errors.ts';
import { type Log, lineLog, logFailure } from '../lib/log.ts';
import type { FoundRegistry, RegistryFinder } from '../registries/finder.ts';
import { LoginServerUnknownError } from '../registries/login-servers.ts';
import type { Region } from '../registries/replica.ts';
import { routingCommands } from '../routing/commands.ts';
import type { RehearsalCheck } from '../routing/rehearsal-check.ts';
import { endRehearsal, type RehearsalPorts, rehearse } from '../routing/rehearse.ts';
import type { ReviewSettings } from '../routing/review-settings.ts';
import type { Rehearsal } from '../routing/state.ts';
import { settingProblem } from '../settings/setting.ts';

interface RehearsalRoute {
  readonly finder: Pick<RegistryFinder, 'select'>;
  readonly loadPorts: () => Promise<RehearsalPorts>;
  readonly loadRules: () => Promise<ReviewSettings>;
}

/** The known facts of a request, for its one log line. Who asks, and why, is never among them. */
type Facts = Record<string, unknown>;

/** Takes a replica out of global routing for a stated time, ends that early, or says whether it could be done. */
export function rehearseReplica(route: RehearsalRoute): HttpHandler {
  return async (request, context) => {
    const log = lineLog(context);
    const facts: Facts = {};
    const deadline = deadlineIn(invocationMs);
    try {
      const answer = request.method === 'DELETE' ? end : begin;
      // It ends in time by itself; a port that does not is left behind here.
      return await unlessAborted(deadline.signal, answer(request, route, deadline, facts, log));
    } catch (error) {
      if (error instanceof RefusedRequestError) return refuse('rehearsal refused', error, facts, log);
      return failure(error, facts, log);
    }
  };
}

async function begin(
  request: HttpRequest,
  { finder, loadPorts, loadRules }: RehearsalRoute,
  deadline: Deadline,
  facts: Facts,
  log: Log,
): Promise<HttpResponseInit> {
  const asked = parseRehearsalRequest(await readJsonBody(request), request);
  const target = { ...(await findRegistry(asked.registry, finder, deadline)), region: asked.region };
  Object.assign(facts, factsOf(target));
  const [rules, ports] = await Promise.all([loadRules(), loadPorts()]);
  const wish = asked.isWhatIf ? undefined : asked.wish;
  const { check, rehearsal } = await rehearse(target, wish, rules, ports, deadline);
  if (check.kind === 'noReplica') throw noReplica(target);
  if (check.kind === 'unknown') throw new ReplicaUnreadError(target);

  const until = new Date(ports.clock.now().getTime() + (asked.wish?.forMs ?? 0)).toISOString();
  const answer = {
    ...answerOf(target, check, rules),
    until: rehearsal?.until ?? (asked.wish === undefined ? null : until),
  };
  const { refusedBy } = check;
  if (asked.isWhatIf) {
    log.info('rehearsal checked', { ...facts, refusedBy });
    return { status: 200, jsonBody: { ...answer, passes: refusedBy.length === 0 } };
  }
  if (rehearsal === undefined) {
    const message = `${target.region} stays in global routing: ${refusedBy.join(', ')} refuses`;
    log.warn('rehearsal refused', { ...facts, status: 409, reason: 'interlocked', detail: message });
    return { status: 409, jsonBody: { error: { code: 'interlocked', message }, ...answer } };
  }
  log.info('rehearsal requested', { ...facts, until: rehearsal.until });
  return { status: 202, jsonBody: { ...answer, rehearsal: shown(rehearsal) } };
}

async function end(
  request: HttpRequest,
  { finder, loadPorts, loadRules }: RehearsalRoute,
  deadline: Deadline,
  facts: Facts,
  log: Log,
): Promise<HttpResponseInit> {
  const asked = parseRehearsalEnd(request);
  const target = { ...(await findRegistry(asked.registry, finder, deadline)), region: asked.region };
  Object.assign(facts, factsOf(target));
  const [{ mode }, ports] = await Promise.all([loadRules(), loadPorts()]);
  const ended = await endRehearsal(target, ports, deadline);
  const { registry, loginServer, region } = target;
  if (ended === undefined) {
    const message = `there is no rehearsal of ${region} in ${registry.name}`;
    throw new RefusedRequestError(404, 'rehearsalNotFound', message);
  }
  log.info('rehearsal ended', facts);
  return {
    status: 202,
    jsonBody: {
      registry: registry.name,
      loginServer,
      replica: ended.replica,
      region,
      mode,
      rehearsal: shown(ended),
      commands: routingCommands(registry, ended.replica),
    },
  };
}

interface Target extends FoundRegistry {
  readonly region: Region;
}

const factsOf = ({ registry, loginServer, region }: Target): Facts => ({
  registry: registry.name,
  loginServer,
  region,
});

const shown = ({ until, by, reason }: Rehearsal) => ({ until, by, reason });

/** What is answered of a replica that was looked at. */
const answerOf = (
  { registry, loginServer, region }: Target,
  { replica, interlocks, refusedBy }: Extract<RehearsalCheck, { kind: 'checked' }>,
  { mode }: ReviewSettings,
) => ({
  registry: registry.name,
  loginServer,
  replica: replica.name,
  region,
  routed:
    replica.routing === 'enabled' || replica.routing === 'disabled' ? replica.routing === 'enabled' : null,
  verdict: replica.verdict.flagged ? 'flagged' : 'ok',
  mode,
  interlocks,
  refusedBy,
  commands: routingCommands(registry, replica.name),
});

/** @throws {RefusedRequestError} 400 or 404. */
async function findRegistry(
  name: string,
  finder: Pick<RegistryFinder, 'select'>,
  deadline: Deadline,
): Promise<FoundRegistry> {
  const found = await finder.select(name, deadline);
  if (found.kind === 'found') return found;
  if (found.kind === 'ambiguous') throw ambiguousRegistry(name, found.choices);
  const shownName = JSON.stringify(name.slice(0, 255));
  throw new RefusedRequestError(
    404,
    'registryNotConfigured',
    `the registry ${shownName} is not an entry of REGISTRIES`,
  );
}

const noReplica = ({ registry, region }: Target): RefusedRequestError =>
  new RefusedRequestError(
    404,
    'replicaNotFound',
    `the registry ${registry.name} has no replica in ${region}`,
  );

/** Resource Manager did not show the replica, and did not say that there is none. */
class ReplicaUnreadError extends Error {
  override readonly name = 'ReplicaUnreadError';
  constructor({ registry, region }: Target) {
    super(
      `the replica of ${registry.name} in ${region} could not be read: see whether Resource Manager answers`,
    );
  }
}

/** Resource Manager may answer again by then. */
const retryMs = 10_000;
/** Whoever stored the state first has ended by then. */
const raceRetryMs = 1_000;

function failure(error: unknown, facts: Facts, log: Log): HttpResponseInit {
  logFailure('rehearsal', error, facts, log);
  const seconds = wholeSeconds(retryMsAfter(error), 60);
  const problem =
    settingProblem(error) ??
    (error instanceof LoginServerUnknownError || error instanceof ReplicaUnreadError
      ? 'Resource Manager does not answer now, so nothing can be decided'
      : 'the state of the reviews cannot be read or written now');
  // Any other reason is for the operator, who finds it in the log.
  return errorResponse(503, 'notRecorded', `${problem}; try again in ${seconds} s`, seconds);
}

function retryMsAfter(error: unknown): number {
  if (error instanceof StateUnavailableError) return error.retryAfterMs;
  return error instanceof StateChangedError ? raceRetryMs : retryMs;
}
