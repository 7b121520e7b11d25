import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import * as v from 'valibot';
import { ambiguousRegistry } from '../http/ambiguous-registry.ts';
import { readJsonBody } from '../http/json-body.ts';
import { errorResponse, RefusedRequestError, refuse, wholeSeconds } from '../http/refusal.ts';
import { unlessAborted } from '../lib/async.ts';
import { type Deadline, deadlineIn, invocationMs } from '../lib/deadline.ts';
import { StateChangedError, StateUnavailableError } from '../lib/errors.ts';
import { type Log, lineLog, logFailure } from '../lib/log.ts';
import { describeIssues, dotPath } from '../lib/schema-issues.ts';
import type { FoundRegistry, RegistryFinder } from '../registries/finder.ts';
import { LoginServerUnknownError } from '../registries/login-servers.ts';
import { parseRegion, type Region } from '../registries/replica.ts';
import { routingCommands } from '../routing/commands.ts';
import { maxRehearsalMs, type RehearsalWish } from '../routing/rehearsal.ts';
import type { RehearsalCheck } from '../routing/rehearsal-check.ts';
import { endRehearsal, type RehearsalPorts, rehearse } from '../routing/rehearse.ts';
import type { ReviewSettings } from '../routing/review-settings.ts';
import type { Rehearsal } from '../routing/state.ts';
import { parseDurationMs } from '../settings/parsers.ts';

interface RehearsalRoute {
  readonly finder: Pick<RegistryFinder, 'select'>;
  readonly loadPorts: () => Promise<RehearsalPorts>;
  readonly loadRules: () => Promise<ReviewSettings>;
}

/** The known facts of a request, for its one log line. Who asks, and why, is never among them. */
type Facts = Record<string, unknown>;

/** Takes a replica out of global routing for a stated time, ends that early, or says whether it could be done. */
export function bindRehearseReplica(route: RehearsalRoute): void {
  app.http('rehearseReplica', {
    methods: ['POST', 'DELETE'],
    authLevel: 'function',
    route: 'rehearsals',
    handler: async (request, context) => {
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
    },
  });
}

async function begin(
  request: HttpRequest,
  { finder, loadPorts, loadRules }: RehearsalRoute,
  deadline: Deadline,
  facts: Facts,
  log: Log,
): Promise<HttpResponseInit> {
  const asked = parseRequest(await readJsonBody(request), request);
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
  { query }: HttpRequest,
  { finder, loadPorts, loadRules }: RehearsalRoute,
  deadline: Deadline,
  facts: Facts,
  log: Log,
): Promise<HttpResponseInit> {
  const asked = parsed(v.safeParse(endSchema, Object.fromEntries(query)), 'the query');
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

/** Texts of people: on one line, and short enough to be stored with every review. */
const words = (maxLength: number) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.check(
      (text) => text.length <= maxLength && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text),
      `expected one line of at most ${maxLength} characters`,
    ),
    v.transform((text) => text || null),
  );
const registrySchema = v.pipe(
  v.string(),
  v.nonEmpty('expected the name, the login server or the ARM id of a registry'),
);
const regionSchema = v.pipe(
  v.string(),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
    const region = parseRegion(value);
    if (region !== undefined) return region;
    addIssue({ message: 'expected a region such as westus' });
    return NEVER;
  }),
);
const forSchema = v.pipe(
  v.string(),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
    const ms = parseDurationMs(value);
    if (ms !== undefined && ms <= maxRehearsalMs) return ms;
    addIssue({ message: 'expected an ISO 8601 duration of at most P7D, such as PT1H' });
    return NEVER;
  }),
);
const bodySchema = v.strictObject({
  registry: registrySchema,
  region: regionSchema,
  for: v.optional(forSchema),
  by: v.nullish(words(100), null),
  reason: v.nullish(words(300), null),
});
const whatIfSchema = v.optional(v.picklist(['true', 'false', '1', '0', '']), 'false');
const endSchema = v.object({ registry: registrySchema, region: regionSchema });

interface RehearsalRequest {
  readonly registry: string;
  readonly region: Region;
  readonly isWhatIf: boolean;
  /** `undefined` for a question that names no time. */
  readonly wish: RehearsalWish | undefined;
}

/** @throws {RefusedRequestError} 400. */
function parseRequest(body: unknown, { query }: HttpRequest): RehearsalRequest {
  const whatIf = parsed(v.safeParse(whatIfSchema, query.get('whatIf') ?? undefined), 'whatIf');
  const isWhatIf = whatIf !== 'false' && whatIf !== '0';
  const { registry, region, for: forMs, by, reason } = parsed(v.safeParse(bodySchema, body), 'the body');
  if (forMs === undefined && !isWhatIf)
    throw new RefusedRequestError(
      400,
      'badRehearsal',
      'for: expected a duration such as PT1H, found nothing',
    );
  return { registry, region, isWhatIf, wish: forMs === undefined ? undefined : { forMs, by, reason } };
}

function parsed<T>(
  result:
    | { readonly success: true; readonly output: T }
    | { readonly success: false; readonly issues: Issues },
  root: string,
): T {
  if (result.success) return result.output;
  const detail = describeIssues(result.issues, { where: dotPath(root), values: 'hidden' });
  throw new RefusedRequestError(400, 'badRehearsal', detail);
}
type Issues = readonly v.BaseIssue<unknown>[];

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

const retryMs = 10_000;
const raceRetryMs = 1_000;

function failure(error: unknown, facts: Facts, log: Log): HttpResponseInit {
  logFailure('rehearsal', error, facts, log);
  const seconds = wholeSeconds(retryMsAfter(error), 60);
  const problem =
    error instanceof LoginServerUnknownError || error instanceof ReplicaUnreadError
      ? 'Resource Manager does not answer now, so nothing can be decided'
      : 'the state of the reviews cannot be read or written now';
  // The reason is for the operator, who finds it in the log.
  return errorResponse(503, 'notRecorded', `${problem}; try again in ${seconds} s`, seconds);
}

function retryMsAfter(error: unknown): number {
  if (error instanceof StateUnavailableError) return error.retryAfterMs;
  return error instanceof StateChangedError ? raceRetryMs : retryMs;
}
