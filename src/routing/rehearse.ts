import { type Deadline, partOf } from '../lib/deadline.ts';
import { StateChangedError } from '../lib/errors.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import { observe } from './observe.ts';
import { type ReviewPorts, stateKey } from './ports.ts';
import { type RehearsalWish, withRehearsal } from './rehearsal.ts';
import { checkRehearsal, type RehearsalCheck } from './rehearsal-check.ts';
import type { ReviewSettings } from './review-settings.ts';
import { emptyReviewState, type Rehearsal } from './state.ts';
import { readState } from './stored-state.ts';

export type RehearsalPorts = Pick<
  ReviewPorts,
  'states' | 'reader' | 'prober' | 'newestReplicated' | 'clock'
> & {
  readonly loginServers: Pick<ReviewPorts['loginServers'], 'of'>;
};

interface Target {
  readonly registry: Registry;
  readonly region: Region;
}

/** The part of the time that looking at Azure may take; the rest is for storage. */
const observeShare = 0.6;
/** Each lost race means that a review or another request wrote. */
const maxAttempts = 8;

/**
 * Takes a replica out of global routing for a time, from the next review on; or only says whether that could be done.
 * Azure is looked at for it, because a decision on what the last review saw could be a minute too late.
 *
 * Calls: those of an observation, one read of the state, and one write.
 *
 * @param wish `undefined` to write nothing: what if?
 * @returns the check, and the rehearsal where one was stored.
 * @throws {StateUnavailableError | NewerReviewStateError | StateChangedError} nothing is known to be stored.
 */
export async function rehearse(
  { registry, region }: Target,
  wish: RehearsalWish | undefined,
  rules: ReviewSettings,
  ports: RehearsalPorts,
  deadline: Deadline,
): Promise<{ readonly check: RehearsalCheck; readonly rehearsal: Rehearsal | undefined }> {
  const { states, clock } = ports;
  const key = stateKey(registry, await ports.loginServers.of(registry, deadline));
  let stored = await readState(registry, key, states, deadline);
  const known = stored?.state?.replicas ?? [];
  const observation = await observe(registry, known, undefined, ports, partOf(deadline, observeShare));
  for (let attempt = 1; ; attempt += 1) {
    const now = clock.now();
    const check = checkRehearsal(registry, stored?.state, observation, rules, region, now);
    if (wish === undefined || check.kind !== 'checked' || check.refusedBy.length > 0)
      return { check, rehearsal: undefined };
    const before = stored?.state ?? emptyReviewState(registry.name, now.toISOString(), rules.mode);
    const rehearsals = withRehearsal(before.rehearsals, check.replica, wish, now);
    try {
      await states.write(key, { ...before, rehearsals }, stored?.etag, deadline);
      return { check, rehearsal: rehearsals.find(({ replica }) => replica === check.replica.name) };
    } catch (error) {
      if (!(error instanceof StateChangedError) || attempt === maxAttempts) throw error;
      stored = await readState(registry, key, states, deadline);
    }
  }
}

/**
 * Ends the rehearsal of a region: the next review clears its flag. Azure is not asked. One that was there and is gone
 * once the state has changed was ended: by this request, whose answer was lost, or by another one.
 * @returns the rehearsal that was ended; `undefined` when there was none.
 * @throws as {@link rehearse}.
 */
export async function endRehearsal(
  { registry, region }: Target,
  { states, loginServers }: Pick<RehearsalPorts, 'states' | 'loginServers'>,
  deadline: Deadline,
): Promise<Rehearsal | undefined> {
  const key = stateKey(registry, await loginServers.of(registry, deadline));
  let before: Rehearsal | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const stored = await readState(registry, key, states, deadline);
    const ended = stored?.state?.rehearsals.find((one) => one.region === region);
    if (stored?.state === undefined || ended === undefined) return before;
    before = ended;
    const rehearsals = stored.state.rehearsals.filter((one) => one !== ended);
    try {
      await states.write(key, { ...stored.state, rehearsals }, stored.etag, deadline);
      return ended;
    } catch (error) {
      if (!(error instanceof StateChangedError) || attempt === maxAttempts) throw error;
    }
  }
}
