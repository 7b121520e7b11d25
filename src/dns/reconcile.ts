import type { ContainerGroupId } from '../container-group-id.ts';
import type { Clock } from '../lib/clock.ts';
import type { Deadline } from '../lib/deadline.ts';
import { ThrottledError, UncertainCallError } from '../lib/errors.ts';
import { NotConvergedError, OwnershipConflictError } from './errors.ts';
import type { Subject } from './observe.ts';
import { type Outcome, resultOf } from './outcome.ts';
import { ownershipOf } from './ownership.ts';
import { type Course, type Pass, type PassPorts, runPass } from './pass.ts';
import type { Change, Obstacle } from './plan.ts';
import type { Pacer } from './rate-limiter.ts';
import type { Attribution } from './requeue.ts';
import { maxRounds, maxUncertainRounds, pauseBeforeRound } from './retry.ts';
import { reverseRecordOf } from './zone-map.ts';

export interface ReconcilePorts extends PassPorts {
  readonly clock: Clock;
  readonly pacer: Pacer;
  /** From 0 up to 1, as `Math.random`. */
  readonly random: () => number;
}

export interface ReconcileRequest extends Omit<Subject, 'carried'> {
  readonly attribution: Attribution;
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
      throwConflict(pass.obstacles, request.group);
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
        const canQueue = ports.deferrals !== undefined;
        if (isOver || (canQueue && throttled > 1)) return await postpone(course, error, round, ports);
      }
      if (isOver) throw new NotConvergedError(request.group.key, round, { cause: error });
      await ports.clock.sleep(pauseMs);
    }
  }
}

/** Leaves the group to the queue, which hands it out again when the quota allows. */
async function postpone(
  { group, attribution, carried, hints, applied }: Course,
  error: ThrottledError,
  rounds: number,
  { deferrals, pacer }: ReconcilePorts,
): Promise<Outcome> {
  if (deferrals === undefined) throw error;
  const dueInMs = pacer.takeTurn(error.scope, error.retryAfterMs);
  await deferrals.defer({ group, addresses: [...new Set([...carried, ...hints])], attribution }, dueInMs);
  return {
    result: 'deferred',
    changes: applied,
    obstacles: [],
    uncoveredAddress: undefined,
    lacksRecheck: false,
    dueInMs,
    rounds,
  };
}

function throwConflict(obstacles: readonly Obstacle[], contender: ContainerGroupId): void {
  for (const obstacle of obstacles) {
    const ownership = ownershipOf(obstacle.recordSet, contender.key);
    if (ownership.kind === 'other') throw new OwnershipConflictError(obstacle, ownership.owner, contender);
  }
}

function outcomeOf(
  { spoke, applied }: Course,
  { live, obstacles, lacksRecheck }: Pass,
  rounds: number,
): Outcome {
  const address = live.kind === 'addressed' ? live.address : undefined;
  const isUncovered =
    address !== undefined && spoke.reverseZones.length > 0 && reverseRecordOf(spoke, address) === undefined;
  return {
    result: resultOf(applied, obstacles, address !== undefined),
    changes: applied,
    obstacles,
    uncoveredAddress: isUncovered ? address : undefined,
    lacksRecheck,
    dueInMs: undefined,
    rounds,
  };
}
