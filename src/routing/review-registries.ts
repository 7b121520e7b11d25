import pLimit from 'p-limit';
import { unlessAborted } from '../lib/async.ts';
import { type Deadline, deadlineIn } from '../lib/deadline.ts';
import { type MissingPermissionError, StateChangedError } from '../lib/errors.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import { type ApplyResult, applyChange, withApplyResult } from './apply.ts';
import type { Intent } from './intent.ts';
import { observe } from './observe.ts';
import type { ReviewPorts } from './ports.ts';
import { review } from './review.ts';
import type { ReviewRules } from './rules.ts';
import type { ReviewEvent } from './signals.ts';
import type { ReplicaState, ReviewState } from './state.ts';

interface ReviewRequest {
  readonly registry: Registry;
  /** Late images of each region; `undefined` when nobody could tell. */
  readonly lateImages: ReadonlyMap<Region, number> | undefined;
  readonly rules: ReviewRules;
}

/** One run over one registry, for the log. */
interface RegistryReview {
  /** `lostRace`: another run wrote first, and acts. */
  readonly result: 'reviewed' | 'lostRace';
  /** What this run wrote last; what it would have written, when it lost the race. */
  readonly state: ReviewState;
  readonly events: readonly ReviewEvent[];
  readonly changes: readonly Change[];
  /** Names the role that is missing for the changes. */
  readonly refusal: MissingPermissionError | undefined;
  /** Nothing readable was stored although something was: the review began anew. */
  readonly stateReset: boolean;
}

interface Change {
  readonly replica: string;
  readonly to: 'enabled' | 'disabled';
  readonly outcome: ApplyResult['outcome'];
  readonly detail: string;
}

/** Of a run's time; what is left is for changes. */
const lookShare = 0.5;
/** Of what is left then; the rest is for writing down what became of them, and for signals. */
const changeShare = 0.7;

/**
 * Reviews one registry: read the state, look, decide, write the state with every intent, change, write what became of
 * it, publish. Each write is on the condition that no other run wrote since; a run that loses stops, because another
 * one acts. Whatever it leaves unfinished, the next one finds in the state.
 *
 * @throws {StateUnavailableError} nothing was decided, or the outcome of a change could not be written.
 * @throws {NewerReviewStateError}
 * @throws {SignalError} the signals stay in the state.
 */
export async function reviewRegistry(
  { registry, lateImages, rules }: ReviewRequest,
  ports: ReviewPorts,
  deadline: Deadline,
): Promise<RegistryReview> {
  const stored = await ports.states.read(registry.name);
  const known = stored?.state?.replicas ?? [];
  const observation = await observe(registry, known, lateImages, ports, shareOf(deadline, lookShare));
  const { after, events } = review(registry, stored?.state, observation, rules, ports.clock.now());
  const changes: Change[] = [];
  let refusal: MissingPermissionError | undefined;
  let state = after;
  const summary = (result: RegistryReview['result']): RegistryReview => ({
    result,
    state,
    events,
    changes,
    refusal,
    stateReset: stored !== undefined && stored.state === undefined,
  });
  try {
    let etag = await ports.states.write(registry.name, state, stored?.etag);
    const time = shareOf(deadline, changeShare);
    for (const { name, intent } of plannedChanges(after)) {
      const applied: ApplyResult =
        refusal === undefined
          ? await applyChange(registry, name, intent, ports, time)
          : { outcome: 'refused', detail: refusal.message, seen: undefined, refusal };
      refusal = applied.refusal;
      changes.push({ replica: name, to: intent.to, outcome: applied.outcome, detail: applied.detail });
      state = withApplyResult(state, name, applied);
    }
    if (state !== after) etag = await ports.states.write(registry.name, state, etag);
    if (state.outbox.length > 0) {
      await unlessAborted(deadline.signal, ports.signals.publish(state.outbox));
      const published = { ...state, outbox: [] };
      await ports.states.write(registry.name, published, etag);
      state = published;
    }
  } catch (error) {
    if (error instanceof StateChangedError) return summary('lostRace');
    throw error;
  }
  return summary('reviewed');
}

interface Decided {
  readonly name: string;
  readonly intent: Intent;
}

/** What goes back into routing comes first, and what leaves it after that. */
function plannedChanges({ replicas }: ReviewState): Decided[] {
  const toBe = (action: ReplicaState['action']['do']) =>
    replicas.flatMap((one) =>
      one.action.do === action && one.intent !== undefined ? { name: one.name, intent: one.intent } : [],
    );
  return [...toBe('switchOn'), ...toBe('switchOff')];
}

/** So much of the time that is left. */
function shareOf(deadline: Deadline, share: number): Deadline {
  const own = deadlineIn(Math.round(deadline.remainingMs() * share));
  return {
    signal: AbortSignal.any([deadline.signal, own.signal]),
    remainingMs: () => Math.min(deadline.remainingMs(), own.remainingMs()),
  };
}

interface ReviewAllRequest {
  readonly registries: readonly Registry[];
  /** By the name of the registry; a registry that is not in it has late images that nobody could tell. */
  readonly lateImages: ReadonlyMap<string, ReadonlyMap<Region, number>>;
  readonly rules: ReviewRules;
}

/** What became of one registry in a run over all. */
export type RegistryOutcome =
  | ({ readonly registry: Registry } & RegistryReview)
  | { readonly registry: Registry; readonly result: 'failed'; readonly error: unknown };

/** As many registries as one process comfortably looks at; a slow one holds up nobody as long as others are free. */
const registriesAtATime = 16;

/**
 * Reviews every registry, each within its own time: `rules.runMs`. One that is slow or fails does not touch another.
 * Never fails.
 */
export async function reviewRegistries(
  { registries, lateImages, rules }: ReviewAllRequest,
  ports: ReviewPorts,
): Promise<RegistryOutcome[]> {
  const limit = pLimit(registriesAtATime);
  const reviewOne = async (registry: Registry): Promise<RegistryOutcome> => {
    const deadline: Deadline = deadlineIn(rules.runMs);
    const request = { registry, lateImages: lateImages.get(registry.name), rules };
    try {
      // The run itself ends in time; a port that does not is left behind here.
      const run = reviewRegistry(request, ports, deadline);
      return { registry, ...(await unlessAborted(deadline.signal, run)) };
    } catch (error) {
      return { registry, result: 'failed', error };
    }
  };
  return Promise.all(registries.map((registry) => limit(() => reviewOne(registry))));
}

/** @throws {AggregateError} when the review of a registry failed; every registry was reviewed all the same. */
export function throwFailures(outcomes: readonly RegistryOutcome[]): void {
  const failed = outcomes.filter((outcome) => outcome.result === 'failed');
  if (failed.length === 0) return;
  throw new AggregateError(
    failed.map(({ error }) => error),
    `the review of ${failed.map(({ registry }) => registry.name).join(', ')} failed`,
  );
}
