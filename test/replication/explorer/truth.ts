import type { ManifestAnswer, ManifestContents, ManifestReader } from '../../../src/registries/ports.ts';
import type { Registry } from '../../../src/registries/registry.ts';
import type { Region } from '../../../src/registries/replica.ts';
import { at } from '../fixtures.ts';
import type { Action, Arrival, History } from './history.ts';

/** What a region holds at a time. */
interface Content {
  readonly digests: ReadonlySet<string>;
  /** A copy that arrives late does not move a tag back. */
  readonly tags: ReadonlyMap<string, string>;
}

/** The registry itself, as its regions show it. */
export class Truth implements ManifestReader {
  readonly #history: History;
  readonly #now: () => Date;

  constructor(history: History, now: () => Date) {
    this.#history = history;
    this.#now = now;
  }

  async head(
    _registry: Registry,
    region: Region,
    _repository: string,
    reference: string,
  ): Promise<ManifestAnswer> {
    // When nothing is lost, notifications have to suffice: reading would hide that something was forgotten.
    if (!this.#history.isLossy) return { kind: 'unverified', reason: 'no such endpoint' };
    const { digests, tags } = this.content(region);
    const digest = digests.has(reference) ? reference : tags.get(reference);
    if (digest === undefined) return { kind: 'absent' };
    return {
      kind: 'present',
      digest,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      sizeBytes: undefined,
    };
  }

  confirmAbsence = (...question: Parameters<Truth['head']>) => this.head(...question);

  async contents(): Promise<ManifestContents> {
    return { kind: 'other' };
  }

  content(region: Region): Content {
    const arrived = this.#arrivedAt(region);
    const digests = new Set<string>();
    const pointers = new Map<string, { digest: string; action: number }>();
    for (const { action, index } of arrived) {
      const { kind, digest, tag } = action;
      if (kind === 'push') {
        digests.add(digest);
        const isNewer = tag !== undefined && (pointers.get(tag)?.action ?? -1) < index;
        if (isNewer) pointers.set(tag, { digest, action: index });
      } else {
        digests.delete(digest);
      }
    }
    const tags = [...pointers]
      .filter(([, { digest, action }]) => digests.has(digest) && !this.#isDeletedAfter(action, arrived))
      .map(([tag, { digest }]) => [tag, digest] as const);
    return { digests, tags: new Map(tags) };
  }

  /** Whether a region has had a digest, under a tag if one is given, since a time. */
  hasShown(region: Region, digest: string, tag: string | undefined, sinceMs: number): boolean {
    return this.#arrivedAt(region).some(
      ({ action, arrival }) =>
        action.kind === 'push' &&
        action.digest === digest &&
        (tag === undefined || action.tag === tag) &&
        at(arrival.seconds) >= sinceMs,
    );
  }

  #arrivedAt(region: Region): { action: Action; index: number; arrival: Arrival }[] {
    const nowMs = this.#now().getTime();
    return this.#history.arrivals
      .filter((arrival) => arrival.region === region && at(arrival.seconds) <= nowMs)
      .flatMap((arrival) => {
        const action = this.#history.actions[arrival.action];
        return action === undefined ? [] : [{ action, index: arrival.action, arrival }];
      })
      .sort((a, b) => a.arrival.seconds - b.arrival.seconds || a.index - b.index);
  }

  #isDeletedAfter(push: number, arrived: readonly { action: Action; index: number }[]): boolean {
    const digest = this.#history.actions[push]?.digest;
    return arrived.some(
      ({ action, index }) => action.kind === 'delete' && action.digest === digest && index > push,
    );
  }
}

/** The answers that are right in the end, by reference. */
export function rightAnswers({ actions, isLossy }: History): Map<string, readonly string[]> {
  const right = new Map<string, readonly string[]>();
  const lastOf = (digest: string) => actions.findLast((action) => action.digest === digest);
  const newestAt = actions.findLastIndex(({ kind, tag }) => kind === 'push' && tag === 'v1');
  const newest = actions[newestAt];
  if (newest !== undefined) {
    // A tag goes with the image that it points at, and does not fall back to an older one.
    const isDeleted = actions.some(
      ({ kind, digest }, index) => kind === 'delete' && digest === newest.digest && index > newestAt,
    );
    right.set('v1', [`${isDeleted ? 'deleted' : 'replicated'} ${newest.digest}`]);
  }
  for (const digest of new Set(actions.map((action) => action.digest))) {
    const last = lastOf(digest);
    if (last?.kind === 'delete') right.set(digest, [`deleted ${digest}`]);
    // Copies of a superseded digest are not verified.
    else if (isLossy && last?.tag !== undefined && newest?.digest !== digest)
      right.set(digest, [`replicated ${digest}`, `superseded ${digest}`]);
    else right.set(digest, [`replicated ${digest}`]);
  }
  return right;
}

/**
 * The push that a tag points at in the end, and whether the tag reverted with it.
 * @returns `undefined` when its image is deleted.
 */
export function lastPush({
  actions,
}: History): { digest: string; tag: string; isRevert: boolean } | undefined {
  const tag = 'v1';
  const isPush = (action: Action) => action.kind === 'push' && action.tag === tag;
  const at = actions.findLastIndex(isPush);
  const digest = actions[at]?.digest;
  if (digest === undefined) return undefined;
  const isDeletion = (action: Action) => action.kind === 'delete' && action.digest === digest;
  if (actions.slice(at).some(isDeletion)) return undefined;
  const earlier = actions.slice(0, at);
  const lastTime = earlier.findLastIndex((action) => isPush(action) && action.digest === digest);
  const meanwhile = earlier.slice(lastTime + 1);
  const isRevert = lastTime >= 0 && meanwhile.some(isPush) && !meanwhile.some(isDeletion);
  return { digest, tag, isRevert };
}
