import type { Availability } from '../registries/ports.ts';
import { clipped, clippedIfAny, type Evidence, type ReplicaState, type ReviewState } from './state.ts';

/** What others told of a registry in a review. */
export interface Hearsay {
  readonly availability?: Availability | undefined;
  readonly route?: readonly string[] | undefined;
}

const hourMs = 60 * 60 * 1000;
/** One review a minute throttled for twenty minutes is as much as needs to be known. */
const maxTimes = 20;

/** Whether the replica answered a request of this review with 429. */
export const isThrottled = ({ reachability, pull }: Pick<Evidence, 'reachability' | 'pull'>): boolean =>
  reachability.kind === 'throttled' || pull?.kind === 'throttled';

/** The times of the last hour at which it answered 429; `undefined` for none, as it is stored. */
export function throttledTimes(
  before: readonly string[] | undefined,
  evidence: Pick<Evidence, 'reachability' | 'pull'>,
  now: Date,
): string[] | undefined {
  const recent = (before ?? []).filter((at) => Math.abs(now.getTime() - Date.parse(at)) < hourMs);
  const times = [...recent, ...(isThrottled(evidence) ? [now.toISOString()] : [])].slice(-maxTimes);
  return times.length === 0 ? undefined : times;
}

/** What was told, bounded as it is stored. */
export function boundedHearsay({
  availability,
  route,
}: Hearsay): Pick<ReviewState, 'availability' | 'route'> {
  const { state = '', summary, since } = availability ?? {};
  return {
    availability: availability && {
      state: clipped(state, 40),
      summary: clippedIfAny(summary, 400),
      since,
    },
    route: route?.map((name) => clipped(name, 253)),
  };
}

/**
 * What is worth knowing beside the evidence, in sentences. It explains a flag, and neither raises nor clears one.
 *
 * - Azure Resource Health, as far as it says anything: the word is about the registry, not about a replica.
 * - Throttling of the last hour: each replica has its own limits, so that routing more clients to it makes it worse.
 * - Where the global login server leads evenkeel.
 */
export function notesOf(
  { throttledAt = [] }: Pick<ReplicaState, 'throttledAt'>,
  { availability, route }: Pick<ReviewState, 'availability' | 'route'>,
): string[] {
  const notes: string[] = [];
  if (availability !== undefined && availability.state !== 'Unknown') {
    const { state, since, summary } = availability;
    const from = since === undefined || state === 'Available' ? '' : ` since ${since}`;
    const because = summary === undefined || state === 'Available' ? '' : `: ${summary}`;
    notes.push(`Azure Resource Health calls the registry ${state}${from}${because}`);
  }
  const last = throttledAt.at(-1);
  if (last !== undefined) {
    const times = throttledAt.length === maxTimes ? `${maxTimes} or more` : `${throttledAt.length}`;
    notes.push(`it throttled evenkeel (429) in ${times} reviews of the last hour, the last at ${last}`);
  }
  const target = route?.at(-1);
  if (target !== undefined) notes.push(`the global login server leads evenkeel to ${target}`);
  return notes;
}
