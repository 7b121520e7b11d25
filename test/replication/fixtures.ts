import type { Deadline } from '../../src/lib/deadline.ts';
import type { Log } from '../../src/lib/log.ts';
import type { RegistryView, ReplicaDirectory } from '../../src/registries/directory.ts';
import { type Look, type Membership, withLook } from '../../src/registries/membership.ts';
import type { Registry } from '../../src/registries/registry.ts';
import type { Region, Replica } from '../../src/registries/replica.ts';
import { type Deletions, noDeletions, withDeletion } from '../../src/replication/deletions.ts';
import type { Evidence, Fact, Image, ImageId, Reference } from '../../src/replication/image.ts';
import type { DeleteNotification, PushNotification } from '../../src/replication/notification.ts';
import { registryOf, replicaOf } from '../registries/registry-of.ts';

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

const startMs = Date.parse('2026-11-21T08:00:00.000Z');
/** The time some seconds after the start of every test, in ms since the epoch. */
export const at = (seconds: number): number => startMs + seconds * secondMs;

export const registry: Registry = registryOf();
export const loginServer = 'myregistry.azurecr.io';
export const repository = 'team/app';
export const d1 = `sha256:${'1'.repeat(64)}`;
export const d2 = `sha256:${'2'.repeat(64)}`;
export const d3 = `sha256:${'3'.repeat(64)}`;
export const idOf = (digest: string = d1): ImageId => ({ registry: loginServer, repository, digest });
export const tagOf = (tag = 'v1') => ({ registry: loginServer, repository, tag });

export interface Pushed {
  readonly digest?: string;
  readonly tag?: string | undefined;
  readonly region?: Region | undefined;
  readonly evidence?: PushNotification['evidence'];
}

/** A push of `v1` some seconds after the start; it is by digest only when `tag` is `undefined`. */
export function push(seconds: number, pushed: Pushed = {}): PushNotification {
  const { digest = d1, evidence = 'webhook' } = pushed;
  return {
    kind: 'push',
    image: idOf(digest),
    tag: 'tag' in pushed ? pushed.tag : 'v1',
    region: 'region' in pushed ? pushed.region : 'eastus',
    at: new Date(at(seconds)),
    evidence,
    sizeBytes: 524,
  };
}

export const deletion = (
  seconds: number,
  digest: string = d1,
  region: Region | undefined = undefined,
): DeleteNotification => ({
  kind: 'delete',
  image: idOf(digest),
  region,
  at: new Date(at(seconds)),
});

/** A deletion whose notification named no region. */
export const deletedAt = (seconds: number): Deletions => withDeletion(noDeletions, undefined, at(seconds));

export const fact = (region: Region, seconds: number, evidence: Evidence = 'webhook'): Fact => ({
  region,
  atMs: at(seconds),
  evidence,
  learnedAtMs: at(seconds),
});

export const aReference = (parts: Partial<Reference> = {}): Reference => ({
  tag: 'v1',
  firstSeenMs: at(0),
  regionlessPushAtMs: undefined,
  facts: [],
  expected: undefined,
  expectedLater: [],
  revertedAtMs: undefined,
  replicatedAtMs: undefined,
  stalledAtMs: undefined,
  divergedAtMs: undefined,
  supersededAtMs: undefined,
  episodeMs: undefined,
  ...parts,
});

export const anImage = (parts: Partial<Image> = {}): Image => ({
  id: idOf(),
  generation: 1,
  firstSeenMs: at(0),
  sizeBytes: 524,
  expected: undefined,
  deletions: noDeletions,
  references: [],
  verified: [],
  unverified: {},
  absent: {},
  replicatedAtMs: undefined,
  nextVerificationAtMs: undefined,
  verificationAttempts: 0,
  outbox: [],
  finishedAtMs: undefined,
  ...parts,
});

export function referenceOf(image: Image | undefined, tag: string | undefined = 'v1'): Reference {
  const reference = image?.references.find((one) => one.tag === tag);
  if (reference === undefined) throw new Error(`the image has no reference ${tag ?? 'by digest'}`);
  return reference;
}

export const viewOf = (...regions: readonly Region[]): RegistryView =>
  viewWith(regions.map((region) => replicaOf(region)));

/** A view of replicas that were never seen before. */
export const viewWith = (replicas: readonly Replica[]): RegistryView => ({
  loginServer,
  home: 'eastus',
  roleAssignmentMode: 'registryPermissions',
  replicas,
  members: withLook(new Map(), { seen: replicas, absent: [] }, at(0), 0),
  fetchedAt: new Date(at(0)),
  isCurrent: true,
});

/** What is remembered after the same was seen in two looks. */
export const looked = (members: Membership, look: Look, nowMs: number): Membership =>
  withLook(withLook(members, look, nowMs, 0), look, nowMs, 0);

/** Replicas that a test may change. */
export class FakeDirectory implements ReplicaDirectory {
  /** `undefined`: nothing was ever known. */
  current: RegistryView | undefined;
  /** Evenkeel's time; an absence counts only for what was seen before it. */
  nowMs: () => number = () => at(1e6);
  constructor(...regions: readonly Region[]) {
    this.hold(...regions);
  }
  /** From now on these are the replicas; the absence of others is confirmed. */
  hold(...regions: readonly Region[]): void {
    const members = this.current?.members ?? new Map();
    const seen = regions.map((region) => replicaOf(region));
    const absent = [...members.keys()].filter((region) => !regions.includes(region));
    const after = looked(members, { seen, absent }, this.nowMs());
    this.current = { ...viewOf(...regions), members: after };
  }
  async view(): Promise<RegistryView | undefined> {
    return this.current;
  }
  shown(): Promise<RegistryView | undefined> {
    return this.view();
  }
  async has(): Promise<'unverifiable'> {
    return 'unverifiable';
  }
  async look(): Promise<void> {}
  lastError(): undefined {
    return undefined;
  }
}

/** A deadline that only a test ends. */
export const noDeadline: Deadline = { signal: new AbortController().signal, remainingMs: () => 60_000 };

export const noLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** The digest of a number, for tests with many images. */
export const digestNumber = (index: number): string => `sha256:${index.toString(16).padStart(64, '0')}`;
