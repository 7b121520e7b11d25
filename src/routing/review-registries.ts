import pLimit from 'p-limit';
import { unlessAborted } from '../lib/async.ts';
import { type Deadline, deadlineIn, partOf } from '../lib/deadline.ts';
import { type MissingPermissionError, StateChangedError } from '../lib/errors.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import { type ApplyResult, applyChange, withApplyResult } from './apply.ts';
import type { Hearsay } from './notes.ts';
import { type LateImages, observe } from './observe.ts';
import { type ReviewPorts, stateKey } from './ports.ts';
import { review } from './review.ts';
import type { ReviewSettings } from './review-settings.ts';
import type { ReviewEvent } from './signals.ts';
import type { Action, Intent, ReviewState } from './state.ts';
import { readState, type StoredState, writeOver } from './stored-state.ts';

interface ReviewRequest {
  readonly registries: readonly Registry[];
  /** By login server, see {@link LateImages}; `undefined` when they are unknown. */
  readonly lateImages:
    | { readonly [kind in keyof LateImages]: ReadonlyMap<string, LateImages[kind]> }
    | undefined;
  readonly rules: ReviewSettings;
}

/** What became of one registry in a run over all. */
export type RegistryOutcome =
  | ({ readonly registry: Registry } & RegistryReview)
  | {
      readonly registry: Registry;
      readonly loginServer: string | undefined;
      readonly result: 'failed';
      readonly error: unknown;
    };

/** As many registries as one process looks at with ease; a slow one holds up nobody as long as others are free. */
const registriesAtATime = 16;

/**
 * Reviews every registry, each within its own time: `rules.runMs`. One that is slow or fails does not affect another.
 * Never fails.
 */
export async function reviewRegistries(
  { registries, lateImages, rules }: ReviewRequest,
  ports: ReviewPorts,
): Promise<RegistryOutcome[]> {
  const limit = pLimit(registriesAtATime);
  const reviewOne = async (registry: Registry): Promise<RegistryOutcome> => {
    const deadline: Deadline = deadlineIn(rules.runMs);
    const request = { registry, lateImages, rules };
    try {
      // The run itself ends in time; a port that does not is left behind here.
      const run = reviewRegistry(request, ports, deadline);
      return { registry, ...(await unlessAborted(deadline.signal, run)) };
    } catch (error) {
      return { registry, loginServer: ports.loginServers.known(registry), result: 'failed', error };
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

interface RegistryReviewRequest {
  readonly registry: Registry;
  /** As in {@link ReviewRequest}. */
  readonly lateImages: ReviewRequest['lateImages'];
  readonly rules: ReviewSettings;
}

/** One run over one registry, for the log. */
type RegistryReview = { readonly loginServer: string | undefined } & RegistryResult;

type RegistryResult =
  /** Another run wrote first, and acts. */
  | { readonly result: 'lostRace'; readonly stateReset: boolean }
  | (AppliedChanges & {
      readonly result: 'reviewed';
      /** Something was stored that could not be read: the review started from an empty state. */
      readonly stateReset: boolean;
      readonly events: readonly ReviewEvent[];
    });

interface AppliedChanges {
  /** What this run wrote last. */
  readonly state: ReviewState;
  readonly changes: readonly Change[];
  /** Names the role that is missing for the changes. */
  readonly refusal: MissingPermissionError | undefined;
}

interface Change {
  readonly replica: string;
  readonly to: 'enabled' | 'disabled';
  readonly outcome: ApplyResult['outcome'];
  readonly detail: string;
}

/** The part of a run's time that finding the login server may take. */
const identifyShare = 0.2;
/** The part of the time left that observing may take; the rest is for changes. */
const observeShare = 0.5;
/** The part of the rest that changes may take; what is left then is for writing their outcomes and for signals. */
const changeShare = 0.7;

/**
 * Reviews one registry: read the state, observe, plan, write the state with every intent, apply, write what became of
 * it, publish. Each write is conditional on no other run having written since; a run that loses stops, because another
 * one acts. Whatever it leaves unfinished, the next one finds in the state.
 *
 * @throws {StateUnavailableError} nothing was changed, or the outcome of a change could not be written.
 * @throws {NewerReviewStateError}
 * @throws {SignalError} the signals stay in the state.
 */
export async function reviewRegistry(
  { registry, lateImages, rules }: RegistryReviewRequest,
  ports: ReviewPorts,
  deadline: Deadline,
): Promise<RegistryReview> {
  const { states, signals, clock, loginServers } = ports;
  const loginServer = await loginServers.of(registry, partOf(deadline, identifyShare));
  await loginServers.keep(registry, deadline);
  const key = stateKey(registry, loginServer);
  const stored = await readState(registry, key, states, deadline);
  const stateReset = stored !== undefined && stored.state === undefined;
  const known = stored?.state?.replicas ?? [];
  const none: ReadonlyMap<Region, number> = new Map();
  const late = lateImages && {
    late: lateImages.late.get(key) ?? none,
    uncounted: lateImages.uncounted.get(key) ?? none,
  };
  const hearing = hear(registry, loginServer, ports, deadline);
  const observed = await observe(registry, known, late, ports, partOf(deadline, observeShare));
  const observation = { ...observed, hearsay: await hearing };
  const now = clock.now();
  let events: readonly ReviewEvent[] = [];
  const plan = (before: ReviewState | undefined): ReviewState => {
    const step = review(registry, before, observation, rules, now);
    events = step.events;
    return step.after;
  };
  try {
    let written: StoredState & { readonly state: ReviewState } = await writeOver(
      states,
      key,
      { state: stored?.state, etag: stored?.etag },
      plan,
      deadline,
    );
    const write = async (state: ReviewState): Promise<void> => {
      const withRequests = (latest: ReviewState | undefined) => ({
        ...state,
        rehearsals: latest?.rehearsals ?? state.rehearsals,
      });
      written = await writeOver(states, key, written, withRequests, deadline);
    };
    const applied = await applyChanges(registry, written.state, ports, partOf(deadline, changeShare));
    if (applied.changes.length > 0) await write(applied.state);
    const reviewed = { loginServer, result: 'reviewed', stateReset, events, ...applied } as const;
    if (applied.state.outbox.length === 0) return reviewed;
    await unlessAborted(deadline.signal, signals.publish(applied.state.outbox));
    await write({ ...applied.state, outbox: [] });
    return { ...reviewed, state: written.state };
  } catch (error) {
    if (error instanceof StateChangedError) return { loginServer, result: 'lostRace', stateReset };
    throw error;
  }
}

/** The longest time that hearsay is waited for; a review does not need it. */
const hearMs = 4_000;

/** Never fails, and never takes longer than its own time. */
async function hear(
  registry: Registry,
  loginServer: string | undefined,
  { hearsay }: Pick<ReviewPorts, 'hearsay'>,
  deadline: Deadline,
): Promise<Hearsay> {
  const own = deadlineIn(Math.min(hearMs, deadline.remainingMs()));
  const inTime = <T>(answer: Promise<T>) => unlessAborted(own.signal, answer).catch(() => undefined);
  const [availability, route] = await Promise.all([
    inTime(hearsay.availability(registry, own)),
    loginServer === undefined ? undefined : inTime(hearsay.route(loginServer, own)),
  ]);
  return { availability, route };
}

/** One planned change after the other; after a refusal the others are recorded as refused without being sent. */
async function applyChanges(
  registry: Registry,
  planned: ReviewState,
  ports: Pick<ReviewPorts, 'reader' | 'writer'>,
  deadline: Deadline,
): Promise<AppliedChanges> {
  let state = planned;
  let refusal: MissingPermissionError | undefined;
  const changes: Change[] = [];
  for (const { name, intent } of plannedChanges(planned)) {
    const result: ApplyResult =
      refusal === undefined
        ? await applyChange(registry, name, intent, ports, deadline)
        : { outcome: 'refused', detail: refusal.message, seen: undefined, refusal };
    refusal = result.refusal;
    changes.push({ replica: name, to: intent.to, outcome: result.outcome, detail: result.detail });
    state = withApplyResult(state, name, result);
  }
  return { state, changes, refusal };
}

interface PlannedChange {
  readonly name: string;
  readonly intent: Intent;
}

/** Replicas that go back into routing come first, and those that leave it after that. */
function plannedChanges({ replicas }: ReviewState): PlannedChange[] {
  const toBe = (action: Action['do']) =>
    replicas.flatMap(({ name, intent, ...replica }) =>
      replica.action.do === action && intent !== undefined ? { name, intent } : [],
    );
  return [...toBe('switchOn'), ...toBe('switchOff')];
}
