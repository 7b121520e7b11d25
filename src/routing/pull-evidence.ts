import type { ProbeImage, PullAnswer } from '../registries/ports.ts';
import type { Region } from '../registries/replica.ts';
import { clipped, type Evidence } from './state.ts';

export type PullEvidence = NonNullable<Evidence['pull']>;

/** What a pull at one replica was answered. */
export interface ObservedPull {
  readonly region: Region;
  /** `undefined`: nothing was pulled there. */
  readonly pull: PullAnswer | undefined;
  /** Whether it must have what the others have. One that is being seeded may lack the image. */
  readonly isFilled: boolean;
}

/**
 * Judges the pulls of one review over all replicas of a registry.
 *
 * | a replica                                        | the others                       | is        |
 * |--------------------------------------------------|----------------------------------|-----------|
 * | serves                                           |                                  | served    |
 * | answers 429                                      |                                  | throttled |
 * | fails                                            | all that were asked fail, and there are some | unserved |
 * | fails                                            | any other                        | failing   |
 * | refuses, 404 where the image need not be yet     | any serves                       | unknown   |
 * | refuses                                          | any serves                       | lacking   |
 * | refuses                                          | none serves                      | unserved  |
 * | was not asked, or its answer shows nothing       |                                  | unknown   |
 *
 * `failing` and `lacking` are about the replica. `unserved` may as well be about the image, our permission or our
 * network. The image need not be in a replica that is being seeded, nor in one that was not seen to have it.
 *
 * @param image `undefined` when none is known to be everywhere.
 * @returns in the order of the pulls.
 */
export function judgePulls(image: ProbeImage | undefined, pulls: readonly ObservedPull[]): PullEvidence[] {
  if (image === undefined) return pulls.map(() => unknown(noImage));
  const asked = pulls.flatMap(({ pull }) => (pull === undefined || pull.kind === 'unknown' ? [] : pull));
  const isServedSomewhere = asked.some(({ kind }) => kind === 'served');
  const allFail = asked.length >= 2 && asked.every(({ kind }) => kind === 'failing');
  return pulls.map(({ region, pull, isFilled }): PullEvidence => {
    if (pull === undefined) return unknown('it was not asked');
    if (pull.kind === 'served' || pull.kind === 'throttled') return pull;
    if (pull.kind === 'unknown') return unknown(pull.reason);
    const reason = clipped(`the ${pull.step} of ${nameOf(image)}: ${pull.reason}`, maxReason);
    if (pull.kind === 'failing') return { kind: allFail ? 'unserved' : 'failing', reason };
    const isExpected = isFilled && (image.regions === 'all' || image.regions.includes(region));
    if (pull.status === 404 && !isExpected) return unknown(`it need not have the image yet; ${reason}`);
    return { kind: isServedSomewhere ? 'lacking' : 'unserved', reason };
  });
}

/** What people are told of a registry none of whose replicas serves the image; `undefined` where one does. */
export function unservedProblem(registry: string, pulls: readonly PullEvidence[]): string | undefined {
  const reasons = pulls.flatMap((pull) => (pull.kind === 'unserved' ? pull.reason : []));
  if (reasons.length === 0 || pulls.some(({ kind }) => kind === 'served')) return undefined;
  return `no replica of ${registry} serves what is pulled to probe it, which says nothing about any of them (${[...new Set(reasons)].slice(0, 2).join('; ')}): check that the image exists (probeImage in REGISTRIES), that the app may pull it, that its network reaches the data endpoints, and that a customer-managed key of the registry can be used`;
}

const noImage =
  'no image is known to be everywhere yet, so only its front door is asked; probeImage in REGISTRIES names one';

const maxReason = 200;

const unknown = (reason: string): PullEvidence => ({ kind: 'unknown', reason: clipped(reason, maxReason) });

const nameOf = ({ repository, reference }: ProbeImage): string =>
  reference.includes(':') ? `${repository}@${reference.slice(0, 19)}…` : `${repository}:${reference}`;
