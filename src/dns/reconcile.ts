import type { ContainerGroupId } from '../container-group-id.ts';
import { applyChange } from './apply.ts';
import {
  GroupChangedError,
  NotConvergedError,
  OwnershipConflictError,
  RecordSetChangedError,
  ThrottledError,
  UncertainCallError,
} from './errors.ts';
import { asksForSameRecords } from './live-group.ts';
import { ownershipOf, stampOf } from './mark.ts';
import { type KnownGroup, type ObservePorts, observe, readKnown, type Subject } from './observe.ts';
import { type Outcome, resultOf } from './outcome.ts';
import { type Change, type ForeignRecords, type Obstacle, planChanges, type Situation } from './plan.ts';
import type { Clock, Deadline, Deferrals, RecordSetReader, RecordSetWriter } from './ports.ts';
import { recordSetId } from './record-set.ts';
import { reverseRecordOf, type Spoke, type ZoneMap } from './zone-map.ts';

export interface ReconcilePorts extends ObservePorts {
  readonly recordSets: RecordSetReader & RecordSetWriter;
  readonly deferrals: Deferrals;
  readonly clock: Clock;
  /** From 0 up to 1, as `Math.random`. */
  readonly random: () => number;
}

export interface ReconcileRequest {
  readonly group: ContainerGroupId;
  readonly spoke: Spoke;
  readonly zones: ZoneMap;
  readonly foreignRecords: ForeignRecords;
  readonly hints: readonly string[];
}

/** Enough for each of a move's three writes to lose its race twice, with some to spare. */
const maxRounds = 12;
/** What a round needs to be worth beginning. */
const roundMs = 1_000;
/** An invocation's longest life, with room for clocks that differ: until then its PTR may still be written. */
export const inFlightMs = 2 * 60 * 1000;

/**
 * Makes the records of one container group agree with it, whatever brought us here.
 *
 * A pass observes, plans and applies. It is repeated when a write lost its race or its answer, when a quota asks
 * for a short wait, and when the group changed meanwhile.
 *
 * @throws {LiveStateUnknownError} nothing can be said of the group, and nothing was removed.
 * @throws {OwnershipConflictError} another live group owns a record set that this one needs.
 * @throws {ThrottledError} a quota asks for more time than there is.
 * @throws {NotConvergedError} rounds or time ran out.
 */
export async function reconcile(
  request: ReconcileRequest,
  ports: ReconcilePorts,
  deadline: Deadline,
): Promise<Outcome> {
  const subject = { ...request, carried: new Set<string>() };
  const applied: Change[] = [];
  for (let round = 1; ; round++) {
    try {
      const pass = await runPass(subject, applied, ports, deadline);
      if (pass.hasWritten) await confirm(request.group, pass.live, ports, deadline);
      throwConflict(pass.obstacles, request.group);
      return outcomeOf(request.spoke, pass, applied, round);
    } catch (error) {
      const pauseMs = pauseBeforeRetry(error, round, ports.random);
      const isOver = round >= maxRounds || deadline.remainingMs() < pauseMs + roundMs;
      if (isOver && error instanceof ThrottledError) throw error;
      if (isOver) throw new NotConvergedError(request.group.key, round, { cause: error });
      await ports.clock.sleep(pauseMs);
    }
  }
}

interface Pass {
  readonly live: KnownGroup;
  readonly hasWritten: boolean;
  readonly obstacles: readonly Obstacle[];
}

/** Adds to `subject.carried` what later rounds have to know, and to `applied` each change that took effect. */
async function runPass(
  subject: Subject & { readonly carried: Set<string> },
  applied: Change[],
  ports: ReconcilePorts,
  deadline: Deadline,
): Promise<Pass> {
  const { live, situation, known } = await observe(subject, ports, deadline);
  const plan = planChanges(situation);
  if (plan.changes.length > 0) {
    for (const address of known) subject.carried.add(address);
    if (live.kind === 'addressed') subject.carried.add(live.address);
    else await deferRecheck(subject.group, situation, known, ports);
  }
  for (const change of plan.changes) {
    await applyChange(change, ports.recordSets, deadline);
    applied.push(change);
  }
  return { live, hasWritten: plan.changes.length > 0, obstacles: plan.obstacles };
}

/**
 * An invocation that stamped A moments ago may be about to write the PTR of its address. Before the memory of
 * that address goes, somebody has to be sure to look at it again.
 */
async function deferRecheck(
  group: ContainerGroupId,
  { a, now, groupKey }: Situation,
  addresses: readonly string[],
  ports: ReconcilePorts,
): Promise<void> {
  if (a.observed === undefined || ownershipOf(a.observed, groupKey).kind !== 'ours') return;
  const stamp = stampOf(a.observed.metadata);
  // Ours without a readable stamp was tampered with, which tells nothing of its age.
  const isFresh = stamp === undefined || now.getTime() - stamp.getTime() < inFlightMs;
  if (isFresh) await ports.deferrals.defer(group, addresses, inFlightMs);
}

/** What was written is right only if the group is still as it was when the writing began. */
async function confirm(
  group: ContainerGroupId,
  before: KnownGroup,
  ports: ReconcilePorts,
  deadline: Deadline,
): Promise<void> {
  const after = await readKnown(group, ports, deadline);
  if (!asksForSameRecords(before, after)) throw new GroupChangedError(group.key);
}

/** How long to wait before another round; throws again what no other round can mend. */
function pauseBeforeRetry(error: unknown, round: number, random: () => number): number {
  const jitterMs = Math.round(random() * Math.min(1_000, 50 * 2 ** round));
  if (error instanceof ThrottledError) return error.retryAfterMs + jitterMs;
  const isPassing =
    error instanceof RecordSetChangedError ||
    error instanceof UncertainCallError ||
    error instanceof GroupChangedError;
  if (!isPassing) throw error;
  return jitterMs;
}

function throwConflict(obstacles: readonly Obstacle[], contender: ContainerGroupId): void {
  for (const { recordSet } of obstacles) {
    const ownership = ownershipOf(recordSet, contender.key);
    if (ownership.kind !== 'other') continue;
    throw new OwnershipConflictError(recordSetId(recordSet.key), ownership.owner.key, contender.key);
  }
}

function outcomeOf(
  spoke: Spoke,
  { live, obstacles }: Pass,
  changes: readonly Change[],
  rounds: number,
): Outcome {
  const address = live.kind === 'addressed' ? live.address : undefined;
  const isUncovered =
    address !== undefined && spoke.reverseZones.length > 0 && reverseRecordOf(spoke, address) === undefined;
  return {
    result: resultOf(changes, obstacles, address !== undefined),
    changes,
    obstacles,
    uncoveredAddress: isUncovered ? address : undefined,
    rounds,
  };
}
