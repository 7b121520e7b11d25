import type { Clock } from '../lib/clock.ts';
import type { Deadline } from '../lib/deadline.ts';
import { ThrottledError, UncertainCallError } from '../lib/errors.ts';
import { applyChanges } from './apply.ts';
import { type Change, keyOf } from './change.ts';
import { asksForSameRecords, type ContainerGroupId, type KnownGroup } from './container-group.ts';
import { hostNameOf, uncoveredBy } from './desired.ts';
import {
  GroupChangedError,
  NotConvergedError,
  OwnershipConflictError,
  RecordSetChangedError,
} from './errors.ts';
import { observe, type ReconcileTarget } from './observe.ts';
import { type ObservePorts, readKnown } from './observe-forward.ts';
import { type Outcome, resultOf } from './outcome.ts';
import { ownershipOf } from './ownership.ts';
import { type BlockedRecordSet, planChanges } from './plan.ts';
import type { RecordSetReader, RecordSetWriter, RequeueQueue } from './ports.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { type RecordSetKey, recordSetId } from './record-set.ts';
import { rechecksFor, type Trigger } from './requeue.ts';
import { inFlightMs } from './stamp.ts';

export interface ReconcilePorts extends ObservePorts {
  readonly recordSets: RecordSetReader & RecordSetWriter;
  /** `undefined` where there is no queue. */
  readonly requeueQueue: RequeueQueue | undefined;
  readonly clock: Clock;
  readonly rateLimiter: RateLimiter;
  /** A number from 0 up to 1, as `Math.random`. */
  readonly random: () => number;
}

export interface ReconcileRequest extends ReconcileTarget {
  readonly trigger: Trigger;
}

/** What the attempts of one invocation have done so far. */
interface ReconcileState {
  /** Each change that took effect, in order. */
  readonly applied: readonly Change[];
  /** Addresses that were written for: later attempts read their PTR record sets again. */
  readonly touched: readonly string[];
}

type AttemptResult = ReconcileState &
  (
    | {
        readonly kind: 'converged';
        /** The address that the record sets are for; `undefined` when the group wants none. */
        readonly address: string | undefined;
        readonly blocked: readonly BlockedRecordSet[];
        /** A group should be checked again soon, and there is no queue to see to it. */
        readonly lacksRecheck: boolean;
        readonly unusableName: string | undefined;
      }
    | { readonly kind: 'failed'; readonly error: unknown }
  );

/** An attempt needs this long to be worth beginning. */
const attemptMs = 1_000;

/**
 * Makes the records of one container group agree with it, whatever brought us here.
 *
 * Another attempt is made when a write lost its race or its answer, when a quota asks for a short wait, and when the
 * group changed meanwhile. A quota that asks for more time than there is sends the group to the queue.
 *
 * @param onApplied hears each change that took effect, also in an invocation that fails afterwards.
 * @throws {LiveStateUnknownError} nothing can be said of the group, and nothing was removed.
 * @throws {OwnershipConflictError} another live group owns a record set that this one needs.
 * @throws {ThrottledError} a quota asks for more time than there is, and there is no queue.
 * @throws {NotConvergedError} attempts or time ran out.
 */
export async function reconcile(
  request: ReconcileRequest,
  ports: ReconcilePorts,
  deadline: Deadline,
  onApplied: (change: Change) => void = () => {},
): Promise<Outcome> {
  let state: ReconcileState = { applied: [], touched: [] };
  let throttled = 0;
  let uncertain = 0;
  for (let attempt = 1; ; attempt++) {
    const target = { ...request, recordSets: [...request.recordSets, ...writtenAs(state.applied)] };
    const result = await attemptOnce(target, state.touched, ports, deadline);
    result.applied.forEach(onApplied);
    state = {
      applied: [...state.applied, ...result.applied],
      touched: [...new Set([...state.touched, ...result.touched])],
    };
    if (result.kind === 'converged') {
      const { address, blocked, lacksRecheck, unusableName } = result;
      throwConflict(blocked, request.group);
      return {
        result: resultOf(state.applied, blocked, address !== undefined),
        changes: state.applied,
        blocked,
        uncoveredAddress: uncoveredBy(request.spoke, address),
        unusableName,
        lacksRecheck,
        dueInMs: undefined,
        attempts: attempt,
      };
    }
    const { error } = result;
    const pauseMs = pauseBeforeNextAttempt(error, attempt, ports.random());
    if (pauseMs === undefined) throw error;
    if (error instanceof UncertainCallError) uncertain++;
    const isOver =
      attempt >= maxAttempts ||
      uncertain >= maxUncertainAttempts ||
      deadline.remainingMs() < pauseMs + attemptMs;
    if (error instanceof ThrottledError) {
      throttled++;
      // Who lost a quota's race twice would only spend more of it on waiting here.
      const canQueue = ports.requeueQueue !== undefined;
      if (isOver || (canQueue && throttled > 1)) return await requeue(target, state, error, attempt, ports);
    }
    if (isOver) throw new NotConvergedError(request.group.key, attempt, { cause: error });
    await ports.clock.sleep(pauseMs);
  }
}

/**
 * Observes, plans and applies once, and reads the group again after any write: what was written is right only if the
 * group is still as it was when the writing began.
 */
async function attemptOnce(
  target: ReconcileRequest,
  touchedBefore: readonly string[],
  ports: ReconcilePorts,
  deadline: Deadline,
): Promise<AttemptResult> {
  const applied: Change[] = [];
  let touched: readonly string[] = [];
  try {
    const { live, input, known, unusableName } = await observe(target, touchedBefore, ports, deadline);

    const { changes, blocked } = planChanges(input);
    const rechecks = rechecksFor(target.group, input, changes, known);
    if (changes.length > 0) {
      touched = live.kind === 'addressed' ? [...known, live.address] : known;
      // Queued before anything is written, so that a crash cannot forget it.
      for (const recheck of rechecks) {
        await ports.requeueQueue?.requeue({ ...recheck, trigger: target.trigger }, inFlightMs);
      }
    }
    const failures = await applyChanges(changes, ports.recordSets, deadline, (change) =>
      applied.push(change),
    );
    const unread = input.unread.map(({ error }) => error);
    const [worst] = [...failures, ...unread].toSorted((a, b) => urgencyOf(b) - urgencyOf(a));
    if (worst !== undefined) return { kind: 'failed', error: worst, applied, touched };

    if (changes.length > 0) {
      const after = await readKnown(target.group, ports, deadline);
      if (!asksForSameRecords(live, after) || hostNameIn(target, live) !== hostNameIn(target, after))
        throw new GroupChangedError(target.group.key);
    }
    const lacksRecheck = changes.length > 0 && rechecks.length > 0 && ports.requeueQueue === undefined;
    const { address } = input;
    return { kind: 'converged', address, blocked, lacksRecheck, unusableName, applied, touched };
  } catch (error) {
    return { kind: 'failed', error, applied, touched };
  }
}

/** Where A was written: in an attempt under another name, it is misplaced. */
const writtenAs = (applied: readonly Change[]): RecordSetKey[] => [
  ...new Map(
    applied
      .map(keyOf)
      .filter(({ type }) => type === 'A')
      .map((key) => [recordSetId(key), key]),
  ).values(),
];

const hostNameIn = ({ spoke, group }: ReconcileRequest, { tags }: KnownGroup): string =>
  hostNameOf(spoke, group, tags);

/** The failure that decides what becomes of the invocation: one that nobody can wait for comes before one that passes. */
function urgencyOf(error: unknown): number {
  if (error instanceof RecordSetChangedError) return 3;
  if (error instanceof ThrottledError) return 0;
  return error instanceof UncertainCallError ? 1 : 2;
}

/** Enough for each of a move's three writes to lose its race twice, with some to spare. */
const maxAttempts = 12;

/** Attempts without a sure answer: a service that is down is better asked again by the next delivery. */
const maxUncertainAttempts = 6;

/**
 * How long to wait before another attempt, in ms; `undefined` when another attempt cannot help.
 *
 * | why the attempt failed                | pause before the next                             |
 * |---------------------------------------|---------------------------------------------------|
 * | a quota                               | what the service asks for, plus up to a second    |
 * | a lost race, the group changed        | up to 100 ms, doubling to a second                |
 * | a call without a sure answer          | 200 ms, doubling, plus up to as much again        |
 * | anything else                         | none                                              |
 *
 * @param attempt the one that failed, from 1.
 * @param random from 0 up to 1: writers that collided must not collide again.
 */
function pauseBeforeNextAttempt(error: unknown, attempt: number, random: number): number | undefined {
  if (error instanceof ThrottledError) return error.retryAfterMs + Math.round(random * 1_000);
  if (error instanceof UncertainCallError) return Math.round((1 + random) * 100 * 2 ** attempt);
  if (error instanceof RecordSetChangedError || error instanceof GroupChangedError) {
    return Math.round(random * Math.min(1_000, 50 * 2 ** attempt));
  }
  return undefined;
}

/** Leaves the group to the queue, which hands it out again when the quota allows. */
async function requeue(
  { group, trigger, hints, recordSets }: ReconcileRequest,
  { applied, touched }: ReconcileState,
  error: ThrottledError,
  attempts: number,
  { requeueQueue, rateLimiter }: ReconcilePorts,
): Promise<Outcome> {
  if (requeueQueue === undefined) throw error;
  const dueInMs = Math.round(rateLimiter.reserve(error.scope, error.retryAfterMs));
  const addresses = [...new Set([...touched, ...hints])];
  await requeueQueue.requeue({ group, addresses, recordSets, trigger }, dueInMs);
  return {
    result: 'deferred',
    changes: applied,
    blocked: [],
    uncoveredAddress: undefined,
    unusableName: undefined,
    lacksRecheck: false,
    dueInMs,
    attempts,
  };
}

function throwConflict(blocked: readonly BlockedRecordSet[], contender: ContainerGroupId): void {
  for (const one of blocked) {
    const ownership = ownershipOf(one.recordSet, contender.key);
    if (ownership.kind === 'other') throw new OwnershipConflictError(one, ownership.owner, contender);
  }
}
