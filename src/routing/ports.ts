import type { Clock } from '../lib/clock.ts';
import type { Deadline } from '../lib/deadline.ts';
import type { LoginServers } from '../registries/login-servers.ts';
import type {
  EndpointProber,
  ProbeImage,
  PullProber,
  RegistryHearsay,
  RegistryReader,
  ReplicaWriter,
} from '../registries/ports.ts';
import { type Registry, registryKey } from '../registries/registry.ts';
import type { SignalPublisher } from '../signals/signal.ts';
import type { ReviewState } from './state.ts';

/** What the state of a registry is stored under: its login server, or its ARM id until that is known. */
export const stateKey = ({ id }: Pick<Registry, 'id'>, loginServer: string | undefined): string =>
  loginServer ?? registryKey(id);

/** Stores one state for each registry. Each call ends at the deadline, whatever storage does. */
export interface ReviewStateStore {
  /**
   * @param key see {@link stateKey}.
   * @returns `undefined` when nothing is stored; a stored text that no version has written is no state.
   * @throws {NewerReviewStateError}
   */
  read(
    key: string,
    deadline: Deadline,
  ): Promise<{ readonly state: ReviewState | undefined; readonly etag: string } | undefined>;
  /**
   * @param etag of what was read; `undefined` when nothing was there.
   * @returns the new ETag.
   * @throws {StateChangedError} when another run wrote since.
   */
  write(key: string, state: ReviewState, etag: string | undefined, deadline: Deadline): Promise<string>;
}

/** Reads the states of many registries, for people. */
export interface ReviewStateReader {
  /**
   * @returns those that are stored, by their keys.
   * @throws {NewerReviewStateError}
   */
  readAll(keys: readonly string[], deadline: Deadline): Promise<ReadonlyMap<string, ReviewState>>;
}

export interface ReviewPorts {
  readonly states: ReviewStateStore;
  readonly loginServers: Pick<LoginServers, 'of' | 'known' | 'keep'>;
  readonly reader: RegistryReader;
  readonly prober: EndpointProber & PullProber;
  /** The newest image that is known to be everywhere; `undefined` when none is. May throw `StateUnavailableError`. */
  readonly newestReplicated: (registry: Registry, deadline: Deadline) => Promise<ProbeImage | undefined>;
  readonly hearsay: RegistryHearsay;
  readonly writer: ReplicaWriter;
  readonly signals: SignalPublisher;
  readonly clock: Pick<Clock, 'now'>;
}
