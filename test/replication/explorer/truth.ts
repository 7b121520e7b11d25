import type {
  BlobAnswer,
  BlobReader,
  ManifestAnswer,
  ManifestContents,
  ManifestReader,
  NotAsked,
  RegistryReader,
} from '../../../src/registries/ports.ts';
import type { Registry } from '../../../src/registries/registry.ts';
import type { Region, Replica } from '../../../src/registries/replica.ts';
import { replicaOf, resourceOf } from '../../registries/registry-of.ts';
import { at } from '../fixtures.ts';
import {
  type Action,
  type Arrival,
  coming,
  type History,
  type Lie,
  leaving,
  regions,
  tags,
} from './history.ts';
import { contents, partsOf, refusals } from './pulls.ts';

/** What a region holds at a time. */
interface Content {
  readonly digests: ReadonlySet<string>;
  /** A copy that arrives late does not move a tag back. */
  readonly tags: ReadonlyMap<string, string>;
}

/** Whether a notification is lost, or one that would follow: a replica that is gone tells no deletion of its last copy. */
const isLossy = ({ isLossy: loses, deliveries, replicas: { removedSeconds = Infinity } }: History): boolean =>
  loses ||
  deliveries.some(({ notification, seconds }) => notification.region === leaving && seconds > removedSeconds);

/** The registry itself, as its regions show it. */
export class Truth implements ManifestReader, BlobReader {
  readonly #history: History;
  readonly #now: () => Date;
  #calls = 0;

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
    const { pulls } = this.#history;
    const isRead = isLossy(this.#history) || pulls !== undefined || region === coming;
    if (!this.exists(region) || !isRead) return { kind: 'unverified', reason: 'no such endpoint' };
    const refusal = this.#refusal(region);
    if (refusal !== undefined) return refusal;
    const digest = this.content(region).tags.get(reference) ?? reference;
    if (!this.hasPart(region, digest)) return { kind: 'absent' };
    return {
      kind: 'present',
      digest,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      sizeBytes: undefined,
    };
  }

  confirmAbsence = (...question: Parameters<Truth['head']>) => this.head(...question);

  async contents(
    _registry: Registry,
    region: Region,
    _repository: string,
    digest: string,
  ): Promise<ManifestContents | undefined> {
    if (this.#history.pulls === undefined) return { kind: 'other' };
    const isRead = this.#refusal(region) === undefined && this.hasPart(region, digest);
    return isRead ? contents.get(digest) : undefined;
  }

  async hasBlob(
    _registry: Registry,
    region: Region,
    _repository: string,
    digest: string,
  ): Promise<BlobAnswer> {
    return this.#refusal(region) ?? { kind: this.hasPart(region, digest) ? 'present' : 'absent' };
  }

  /** Whether a region has a manifest, or a config or layer of one that it has. */
  hasPart(region: Region, part: string): boolean {
    if (!this.exists(region)) return false;
    const { digests } = this.content(region);
    if (digests.has(part)) return true;
    const seconds = this.#seconds();
    const isAway = this.#history.pulls?.absences.some(
      (one) => one.part === part && isIn([one], region, seconds),
    );
    return isAway !== true && [...digests].some((digest) => partsOf(digest, true).includes(part));
  }

  #refusal(region: Region): NotAsked | undefined {
    this.#calls += 1;
    const seconds = this.#seconds();
    const refusal = this.#history.pulls?.refusals.find((one) => isIn([one], region, seconds));
    if (refusal === undefined) return undefined;
    return refusal.kind === 'falters' && this.#calls % 2 === 0 ? undefined : refusals[refusal.kind];
  }

  /** The replicas as they are, with their states. */
  replicas(): Replica[] {
    const seconds = this.#seconds();
    const { added, resyncs } = this.#history.replicas;
    return [...regions, coming]
      .filter((region) => this.exists(region))
      .map((region) => {
        if (region === coming && added !== undefined && seconds < added.readySeconds) {
          const provisioningState = seconds < added.seconds + 20 ? 'Creating' : 'Succeeded';
          return replicaOf(region, { provisioningState, displayStatus: 'Syncing' });
        }
        return replicaOf(region, { displayStatus: isIn(resyncs, region, seconds) ? 'Syncing' : 'Ready' });
      });
  }

  exists(region: Region): boolean {
    const seconds = this.#seconds();
    const { added, removedSeconds } = this.#history.replicas;
    if (region === coming) return added !== undefined && seconds >= added.seconds;
    return region !== leaving || removedSeconds === undefined || seconds < removedSeconds;
  }

  /** Resource Manager, which tells the truth most of the time. */
  readonly resourceManager: RegistryReader = {
    read: async () => resourceOf(),
    listReplicas: async () =>
      this.replicas().filter(({ region }) => !isIn(this.#history.replicas.listLies, region, this.#seconds())),
    readReplica: async (_registry, name) =>
      isIn(this.#history.replicas.idLies, name, this.#seconds())
        ? undefined
        : this.replicas().find((replica) => replica.name === name),
  };

  #seconds(): number {
    return (this.#now().getTime() - at(0)) / 1000;
  }

  content(region: Region): Content {
    const { all, contents } = arrivalsIn(region, this.#history);
    const count = this.#arrivedCount(all);
    const known = contents.get(count) ?? contentAfter(all.slice(0, count));
    contents.set(count, known);
    return known;
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

  #arrivedAt(region: Region): readonly Arrived[] {
    const { all } = arrivalsIn(region, this.#history);
    return all.slice(0, this.#arrivedCount(all));
  }

  #arrivedCount(all: readonly Arrived[]): number {
    const seconds = this.#seconds();
    let count = 0;
    while ((all[count]?.arrival.seconds ?? Number.POSITIVE_INFINITY) <= seconds) count += 1;
    return count;
  }
}

/** An action that took effect in a region. */
interface Arrived {
  readonly action: Action;
  readonly index: number;
  readonly arrival: Arrival;
}

/** What takes effect in a region. */
interface RegionArrivals {
  /** In their order. */
  readonly all: readonly Arrived[];
  /** What the region holds after so many of them. */
  readonly contents: Map<number, Content>;
}

const knownArrivals = new WeakMap<History, Map<Region, RegionArrivals>>();

function arrivalsIn(region: Region, history: History): RegionArrivals {
  const byRegion = knownArrivals.get(history) ?? new Map<Region, RegionArrivals>();
  knownArrivals.set(history, byRegion);
  const known = byRegion.get(region);
  if (known !== undefined) return known;
  const all = history.arrivals
    .flatMap((arrival): Arrived[] => {
      const action = history.actions[arrival.action];
      return action === undefined || arrival.region !== region
        ? []
        : [{ action, index: arrival.action, arrival }];
    })
    .sort((a, b) => a.arrival.seconds - b.arrival.seconds || a.index - b.index);
  const arrivals = { all, contents: new Map<number, Content>() };
  byRegion.set(region, arrivals);
  return arrivals;
}

function contentAfter(arrived: readonly Arrived[]): Content {
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
  const isDeletedAfter = (push: number, ofPush: string): boolean =>
    arrived.some(({ action, index }) => action.kind === 'delete' && action.digest === ofPush && index > push);
  const tags = [...pointers]
    .filter(([, { digest, action }]) => digests.has(digest) && !isDeletedAfter(action, digest))
    .map(([tag, { digest }]) => [tag, digest] as const);
  return { digests, tags: new Map(tags) };
}

const isIn = (lies: readonly Lie[], region: Region, seconds: number): boolean =>
  lies.some((lie) => lie.region === region && lie.from <= seconds && seconds < lie.to);

/** The answers that are right in the end, by reference. */
export function rightAnswers(history: History): Map<string, readonly string[]> {
  const { actions, isLossy, replicas } = history;
  const { added } = replicas;
  const right = new Map<string, readonly string[]>();
  const lastOf = (digest: string) => actions.findLast((action) => action.digest === digest);
  const isSeeded = (action: Action | undefined) =>
    action !== undefined && added !== undefined && action.seconds < added.seconds;
  const newestOf = (tag: string) =>
    actions.findLastIndex((action) => action.kind === 'push' && action.tag === tag);
  for (const tag of tags) {
    const newestAt = newestOf(tag);
    const newest = actions[newestAt];
    if (newest === undefined) continue;
    // A tag goes with the image that it points at, and does not fall back to an older one.
    const isDeleted = actions.some(
      ({ kind, digest }, index) => kind === 'delete' && digest === newest.digest && index > newestAt,
    );
    right.set(tag, [`${isDeleted ? 'deleted' : 'replicated'} ${newest.digest}`]);
  }
  for (const digest of new Set(actions.map((action) => action.digest))) {
    const last = lastOf(digest);
    if (last?.kind === 'delete' && isLossy && isLeftBehind(digest, history))
      right.set(digest, [`deleted ${digest}`, `superseded ${digest}`]);
    else if (last?.kind === 'delete') right.set(digest, [`deleted ${digest}`]);
    // Copies of a superseded digest are not verified, and no notification tells of those that seeding brings.
    else if (
      (isLossy || isSeeded(last)) &&
      last?.tag !== undefined &&
      actions[newestOf(last.tag)]?.digest !== digest
    )
      right.set(digest, [`replicated ${digest}`, `superseded ${digest}`]);
    else right.set(digest, [`replicated ${digest}`]);
  }
  return right;
}

/**
 * Whether a copy of an image came to a region after the deletion, and its tag moved on. Nobody waits for it, so no region
 * is asked where the notice of its own deletion is lost.
 */
const isLeftBehind = (digest: string, { actions, arrivals }: History): boolean =>
  arrivals.some(({ action: index, seconds }) => {
    const pushed = actions[index];
    if (pushed?.kind !== 'push' || pushed.digest !== digest || pushed.tag === undefined) return false;
    const deletion = actions.find((one, at) => at > index && one.kind === 'delete' && one.digest === digest);
    const isLate = deletion !== undefined && seconds >= deletion.seconds;
    return isLate && actions.some((one, at) => at > index && one.tag === pushed.tag && one.digest !== digest);
  });

/**
 * The push that a tag points at in the end, and whether the tag reverted with it.
 * @returns `undefined` when its image is deleted.
 */
export function lastPush(
  { actions }: History,
  tag: string,
): { digest: string; isRevert: boolean } | undefined {
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
  return { digest, isRevert };
}
