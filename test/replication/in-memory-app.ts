import type { Deadline } from '../../src/lib/deadline.ts';
import type { Log } from '../../src/lib/log.ts';
import type { ReplicaDirectory } from '../../src/registries/directory.ts';
import type { BlobReader, ManifestReader } from '../../src/registries/ports.ts';
import type { Registry } from '../../src/registries/registry.ts';
import type { Region } from '../../src/registries/replica.ts';
import type { QueryResult, ReplicationAnswer } from '../../src/replication/answer.ts';
import type { RecordResult } from '../../src/replication/apply-notice.ts';
import { type ImageChanges, imageChanges } from '../../src/replication/image-changes.ts';
import { knownLateness } from '../../src/replication/known-lateness.ts';
import type { Ledger } from '../../src/replication/ledger.ts';
import type { Notification } from '../../src/replication/notification.ts';
import { logOnlyOutbox, topicOutbox } from '../../src/replication/outbox.ts';
import { type PullMemory, pullMemory } from '../../src/replication/pull-check.ts';
import { answerReplicationQuery, type ReplicationQuery } from '../../src/replication/query.ts';
import { recorder } from '../../src/replication/record.ts';
import { type ImageReview, imageReviewer, reviewImages } from '../../src/replication/review.ts';
import { imageStore } from '../../src/replication/store.ts';
import type { Signal } from '../../src/signals/signal.ts';
import {
  at,
  dayMs,
  FakeDirectory,
  loginServer,
  noDeadline,
  noLog,
  repository,
  registry as theRegistry,
} from './fixtures.ts';
import { type Hooks, InMemoryLedger, type Operation } from './in-memory-ledger.ts';
import { ScriptedManifests } from './scripted-manifests.ts';

/** One process of the app over a ledger that others share; its memory is its own. */
export interface AppProcess {
  readonly operations: readonly Operation[];
  readonly hasCrashed: boolean;
  record(notification: Notification, deadline?: Deadline): Promise<RecordResult>;
  /** As the function that receives a webhook asks for its region. */
  has(region: Region): ReturnType<ReplicaDirectory['has']>;
  review(deadline?: Deadline): Promise<ImageReview>;
  /** As the function that runs every minute does: it also forgets, and writes lines. */
  reviewAndForget(log?: Log): Promise<ImageReview>;
  ask(reference: string, wish?: Partial<ReplicationQuery>): Promise<ReplicationAnswer | undefined>;
  /** The whole answer, with what endpoints said beside what is stored. */
  question(
    reference: string,
    wish?: Partial<ReplicationQuery>,
    deadline?: Deadline,
  ): Promise<QueryResult | undefined>;
}

interface World {
  readonly registry?: Registry;
  readonly retentionMs?: number;
  readonly hasTopic?: boolean;
  /** Stands before the ledger of each process. */
  readonly ledger?: (ledger: Ledger) => Ledger;
  /** In place of the scripted ones. */
  readonly manifests?: (now: () => Date) => ManifestReader;
  readonly blobs?: (now: () => Date) => BlobReader;
  /** Makes what each process remembers of pulls. */
  readonly pulls?: () => PullMemory;
  /** Makes the directory of each process, in place of one that all share. */
  readonly directory?: (now: () => Date) => ReplicaDirectory;
  /** Makes what wakes those who wait in each process. */
  readonly changes?: () => ImageChanges;
  /** How far apart two looks are that confirm an absence. */
  readonly gapMs?: number;
}

/** A registry, its ledger and its topic; processes of the app come and go. */
export class InMemoryApp {
  /** Evenkeel's time. */
  nowMs = at(0);
  readonly ledger = new InMemoryLedger(() => new Date(this.nowMs));
  readonly directory: FakeDirectory;
  readonly manifests = new ScriptedManifests();
  /** All published signals in their order, repeats included. */
  readonly published: Signal[] = [];
  /** When it throws, the topic does not take the signals. */
  onPublish: (signals: readonly Signal[]) => void = () => {};
  /** Whether the registry is still an entry of `REGISTRIES`. */
  isConfigured = true;
  /** Its entry, which processes that start later find. */
  registry: Registry;
  readonly #world: Required<Omit<World, 'registry' | 'manifests' | 'blobs' | 'directory'>> &
    Pick<World, 'directory'>;
  readonly #reader: ManifestReader;
  readonly #blobs: BlobReader;

  constructor(regions: readonly Region[], world: World = {}) {
    this.directory = new FakeDirectory(...regions);
    this.registry = world.registry ?? theRegistry;
    this.#world = {
      retentionMs: 30 * dayMs,
      hasTopic: true,
      gapMs: 30_000,
      pulls: pullMemory,
      changes: imageChanges,
      ledger: (ledger) => ledger,
      ...world,
    };
    const now = () => new Date(this.nowMs);
    this.#reader = world.manifests?.(now) ?? this.manifests;
    this.#blobs = world.blobs?.(now) ?? this.manifests;
  }

  /** The published signals of a type, without repeats. */
  signals(type = 'evenkeel.registry.replicated'): Signal[] {
    const ofType = this.published.filter((signal) => signal.type === type);
    return [...new Map(ofType.map((signal) => [signal.id, signal])).values()];
  }

  /** @param aheadMs how far its clock is ahead */
  process(hooks: Hooks = {}, aheadMs = 0): AppProcess {
    const own = this.ledger.process(hooks);
    const { operations } = own;
    const { retentionMs, hasTopic, gapMs, pulls, changes } = this.#world;
    const ledger = this.#world.ledger(own.ledger);
    // A process keeps the settings that it started with.
    const { registry } = this;
    const now = () => new Date(this.nowMs + aheadMs);
    // No time passes, and the least pause lets others go first.
    const sleep = () => new Promise<void>((resolve) => setImmediate(resolve));
    const store = imageStore({ ledger, now, sleep, random: () => 0 });
    const publisher = {
      publish: async (signals: readonly Signal[]) => {
        this.onPublish(signals);
        this.published.push(...signals);
      },
    };
    const directory = this.#world.directory?.(now) ?? this.directory;
    const ports = {
      ledger,
      store,
      directory,
      manifests: this.#reader,
      blobs: this.#blobs,
      pulls: pulls(),
      outbox: hasTopic ? topicOutbox({ store, publisher, now, onPublished: () => {} }) : logOnlyOutbox,
      changes: changes(),
      onCopied: () => {},
      newest: { read: async () => [], write: async () => {} },
      findRegistry: async (name: string) =>
        this.isConfigured && name === loginServer ? registry : undefined,
      retentionMs,
      now,
    };
    const { record, takeIn } = recorder(ports);
    const lateness = knownLateness(now);
    const reviewAndForget = imageReviewer();
    const wishes = { waitMs: 0, verify: false, closure: false, pullable: false, gone: false };
    const question: AppProcess['question'] = async (reference, wish, deadline = noDeadline) =>
      answerReplicationQuery(
        { registry, loginServer, repository, ...wishes, ...wish, reference },
        ports,
        deadline,
        noLog,
      );
    return {
      operations,
      get hasCrashed() {
        return own.hasCrashed;
      },
      record: (notification, deadline = noDeadline) => record(notification, registry, deadline, noLog),
      has: (region) => directory.has(registry, region, noDeadline),
      review: async (deadline = noDeadline) => {
        await directory.look(registry, gapMs, noDeadline);
        return reviewImages({ ...ports, takeIn }, lateness, deadline, noLog);
      },
      reviewAndForget: (log = noLog) => reviewAndForget({ ...ports, takeIn }, log),
      ask: async (reference, wish) => (await question(reference, wish))?.answer,
      question,
    };
  }
}
