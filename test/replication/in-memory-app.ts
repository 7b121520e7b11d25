import type { Deadline } from '../../src/lib/deadline.ts';
import type { ManifestReader } from '../../src/registries/ports.ts';
import type { Registry } from '../../src/registries/registry.ts';
import type { Region } from '../../src/registries/replica.ts';
import type { ReplicationAnswer } from '../../src/replication/answer.ts';
import { imageChanges } from '../../src/replication/image-changes.ts';
import { knownLateness } from '../../src/replication/known-lateness.ts';
import type { Notification } from '../../src/replication/notification.ts';
import { logOnlyOutbox, topicOutbox } from '../../src/replication/outbox.ts';
import { answerReplicationQuery } from '../../src/replication/query.ts';
import { type RecordResult, recorder } from '../../src/replication/record.ts';
import { type ImageReview, reviewImages } from '../../src/replication/review.ts';
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
  review(deadline?: Deadline): Promise<ImageReview>;
  ask(reference: string): Promise<ReplicationAnswer | undefined>;
}

interface World {
  readonly registry?: Registry;
  readonly retentionMs?: number;
  readonly hasTopic?: boolean;
  /** In place of the scripted ones. */
  readonly manifests?: (now: () => Date) => ManifestReader;
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
  readonly #world: Required<Omit<World, 'manifests'>>;
  readonly #reader: ManifestReader;

  constructor(regions: readonly Region[], world: World = {}) {
    this.directory = new FakeDirectory(...regions);
    this.#world = { registry: theRegistry, retentionMs: 30 * dayMs, hasTopic: true, ...world };
    this.#reader = world.manifests?.(() => new Date(this.nowMs)) ?? this.manifests;
  }

  /** The published signals of a type, without repeats. */
  signals(type = 'evenkeel.registry.replicated'): Signal[] {
    const ofType = this.published.filter((signal) => signal.type === type);
    return [...new Map(ofType.map((signal) => [signal.id, signal])).values()];
  }

  process(hooks: Hooks = {}): AppProcess {
    const own = this.ledger.process(hooks);
    const { ledger, operations } = own;
    const { registry, retentionMs, hasTopic } = this.#world;
    const now = () => new Date(this.nowMs);
    // No time passes, and the least pause lets others go first.
    const sleep = () => new Promise<void>((resolve) => setImmediate(resolve));
    const store = imageStore({ ledger, now, sleep, random: () => 0 });
    const publisher = {
      publish: async (signals: readonly Signal[]) => {
        this.onPublish(signals);
        this.published.push(...signals);
      },
    };
    const ports = {
      ledger,
      store,
      directory: this.directory,
      manifests: this.#reader,
      outbox: hasTopic ? topicOutbox({ store, publisher, now, onPublished: () => {} }) : logOnlyOutbox,
      changes: imageChanges(),
      onCopied: () => {},
      findRegistry: async (name: string) =>
        this.isConfigured && name === loginServer ? registry : undefined,
      retentionMs,
      now,
    };
    const { record, takeIn } = recorder(ports);
    const lateness = knownLateness(now);
    const query = { registry, loginServer, repository, waitMs: 0, verify: false, closure: false };
    return {
      operations,
      get hasCrashed() {
        return own.hasCrashed;
      },
      record: (notification, deadline = noDeadline) => record(notification, registry, deadline, noLog),
      review: (deadline = noDeadline) => reviewImages({ ...ports, takeIn }, lateness, deadline, noLog),
      ask: async (reference) =>
        (await answerReplicationQuery({ ...query, reference }, ports, noDeadline, noLog))?.answer,
    };
  }
}
