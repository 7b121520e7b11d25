import type { Clock } from '../lib/clock.ts';
import type { Deadline } from '../lib/deadline.ts';
import { ThrottledError, UncertainCallError } from '../lib/errors.ts';
import { asksForSameRecords, type ContainerGroupId, type KnownGroup } from './container-group.ts';
import {
  GroupChangedError,
  NotConvergedError,
  OwnershipConflictError,
  RecordSetChangedError,
} from './errors.ts';
import { type ObservePorts, observe, type ReconcileTarget, readKnown } from './observe.ts';
import { type Outcome, resultOf } from './outcome.ts';
import { ownershipOf } from './ownership.ts';
import { type BlockedRecordSet, type Change, planChanges } from './plan.ts';
import type { RecordSetReader, RecordSetWriter, RequeueQueue } from './ports.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { inFlightMs, rechecksFor, type Trigger } from './requeue.ts';
import { reverseRecordOf } from './zone-map.ts';

export interface ReconcilePorts extends PassPorts {
  readonly clock: Clock;
  readonly rateLimiter: RateLimiter;
  /** From 0 up to 1, as `Math.random`. */
  readonly random: () => number;
}

export interface ReconcileRequest extends Omit<ReconcileTarget, 'carried'> {
  readonly trigger: Trigger;
}

/** What a round needs to be worth beginning. */
const roundMs = 1_000;

/**
 * Makes the records of one container group agree with it, whatever brought us here.
 *
 * A pass is repeated when a write lost its race or its answer, when a quota asks for a short wait, and when the
 * group changed meanwhile. A quota that asks for more time than there is sends the group to the queue.
 *
 * @param applied takes each change that took effect, also those of an invocation that fails.
 * @throws {LiveStateUnknownError} nothing can be said of the group, and nothing was removed.
 * @throws {OwnershipConflictError} another live group owns a record set that this one needs.
 * @throws {ThrottledError} a quota asks for more time than there is, and there is no queue.
 * @throws {NotConvergedError} rounds or time ran out.
 */
export async function reconcile(
  request: ReconcileRequest,
  ports: ReconcilePorts,
  deadline: Deadline,
  applied: Change[] = [],
): Promise<Outcome> {
  const course: Course = { ...request, carried: new Set(), applied };
  let throttled = 0;
  let uncertain = 0;
  for (let round = 1; ; round++) {
    try {
      const pass = await runPass(course, ports, deadline);
      throwConflict(pass.blocked, request.group);
      return outcomeOf(course, pass, round);
    } catch (error) {
      const pauseMs = pauseBeforeRound(error, round, ports.random());
      if (pauseMs === undefined) throw error;
      if (error instanceof UncertainCallError) uncertain++;
      const isOver =
        round >= maxRounds || uncertain >= maxUncertainRounds || deadline.remainingMs() < pauseMs + roundMs;
      if (error instanceof ThrottledError) {
        throttled++;
        // Who lost a quota's race twice would only spend more of it on waiting here.
        const canQueue = ports.requeueQueue !== undefined;
        if (isOver || (canQueue && throttled > 1)) return await postpone(course, error, round, ports);
      }
      if (isOver) throw new NotConvergedError(request.group.key, round, { cause: error });
      await ports.clock.sleep(pauseMs);
    }
  }
}

/** Leaves the group to the queue, which hands it out again when the quota allows. */
async function postpone(
  { group, trigger, carried, hints, applied }: Course,
  error: ThrottledError,
  rounds: number,
  { requeueQueue, rateLimiter }: ReconcilePorts,
): Promise<Outcome> {
  if (requeueQueue === undefined) throw error;
  const dueInMs = rateLimiter.reserve(error.scope, error.retryAfterMs);
  await requeueQueue.requeue({ group, addresses: [...new Set([...carried, ...hints])], trigger }, dueInMs);
  return {
    result: 'deferred',
    changes: applied,
    blocked: [],
    uncoveredAddress: undefined,
    lacksRecheck: false,
    dueInMs,
    rounds,
  };
}

function throwConflict(blocked: readonly BlockedRecordSet[], contender: ContainerGroupId): void {
  for (const one of blocked) {
    const ownership = ownershipOf(one.recordSet, contender.key);
    if (ownership.kind === 'other') throw new OwnershipConflictError(one, ownership.owner, contender);
  }
}

function outcomeOf(
  { spoke, applied }: Course,
  { live, blocked, lacksRecheck }: Pass,
  rounds: number,
): Outcome {
  const address = live.kind === 'addressed' ? live.address : undefined;
  const isUncovered =
    address !== undefined && spoke.reverseZones.length > 0 && reverseRecordOf(spoke, address) === undefined;
  return {
    result: resultOf(applied, blocked, address !== undefined),
    changes: applied,
    blocked,
    uncoveredAddress: isUncovered ? address : undefined,
    lacksRecheck,
    dueInMs: undefined,
    rounds,
  };
}

export interface PassPorts extends ObservePorts {
  readonly recordSets: RecordSetReader & RecordSetWriter;
  /** `undefined` where there is no queue. */
  readonly requeueQueue: RequeueQueue | undefined;
}

/** What is known of a container group when a round begins; rounds of one invocation add to it. */
interface Course extends ReconcileTarget {
  readonly trigger: Trigger;
  readonly carried: Set<string>;
  /** Each change that took effect, in order. */
  readonly applied: Change[];
}

interface Pass {
  readonly live: KnownGroup;
  readonly blocked: readonly BlockedRecordSet[];
  /** Whether somebody should be looked at again soon although there is no queue to see to it. */
  readonly lacksRecheck: boolean;
}

/**
 * Observes, plans and applies once. After any write the group is read again: what was written is right only if
 * the group is still as it was when the writing began.
 *
 * @throws {GroupChangedError} when it is not; every other error is that of a call.
 */
async function runPass(course: Course, ports: PassPorts, deadline: Deadline): Promise<Pass> {
  const { live, input, known } = await observe(course, ports, deadline);
  const { changes, blocked } = planChanges(input);
  if (changes.length === 0) return { live, blocked, lacksRecheck: false };

  for (const address of known) course.carried.add(address);
  if (live.kind === 'addressed') course.carried.add(live.address);
  // Said before anything is written, so that a crash cannot forget it.
  const rechecks = rechecksFor(course.group, input, changes, known);
  for (const { group, addresses } of rechecks) {
    const { trigger } = course;
    await ports.requeueQueue?.requeue({ group, addresses, trigger }, inFlightMs);
  }
  for (const change of changes) {
    await applyChange(change, ports.recordSets, deadline);
    course.applied.push(change);
  }
  const after = await readKnown(course.group, ports, deadline);
  if (!asksForSameRecords(live, after)) throw new GroupChangedError(course.group.key);
  return { live, blocked, lacksRecheck: rechecks.length > 0 && ports.requeueQueue === undefined };
}

/**
 * Writes one change on the condition that the record set is still as the plan saw it.
 * @throws {RecordSetChangedError} when it is not.
 */
function applyChange(change: Change, recordSets: RecordSetWriter, deadline: Deadline): Promise<void> {
  switch (change.action) {
    case 'create':
      return recordSets.create(change.key, change.to, deadline);
    case 'update':
      return recordSets.update(change.from, change.to, deadline);
    case 'delete':
      return recordSets.delete(change.from, deadline);
  }
}

/** Enough for each of a move's three writes to lose its race twice, with some to spare. */
const maxRounds = 12;

/** Of the rounds, those without a sure answer: a service that is down is better asked again by the next delivery. */
const maxUncertainRounds = 6;

/**
 * How long to wait before another round; `undefined` when another round cannot help.
 *
 * | why the round failed                  | pause before the next                             |
 * |---------------------------------------|---------------------------------------------------|
 * | a quota                               | what the service asks for, plus up to a second    |
 * | a lost race, the group changed        | up to 100 ms, doubling to a second                |
 * | a call without a sure answer          | 200 ms, doubling, plus up to as much again        |
 * | anything else                         | none                                              |
 *
 * @param round of the failure, from 1.
 * @param random from 0 up to 1: writers that collided must not collide again.
 */
function pauseBeforeRound(error: unknown, round: number, random: number): number | undefined {
  if (error instanceof ThrottledError) return error.retryAfterMs + Math.round(random * 1_000);
  if (error instanceof UncertainCallError) return Math.round((1 + random) * 100 * 2 ** round);
  if (error instanceof RecordSetChangedError || error instanceof GroupChangedError) {
    return Math.round(random * Math.min(1_000, 50 * 2 ** round));
  }
  return undefined;
}
