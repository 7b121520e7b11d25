/**
 * How registries behave where the service is slow or not documented. Times are in milliseconds of the simulator's
 * clock.
 */
export interface RegistryBehaviour {
  /** Least and longest time from a push or deletion to its copy, drawn for each other replica. */
  readonly copyDelayMs: readonly [least: number, longest: number];
  /** Time that the notification of a copy carries: that of the push or deletion, or its own. */
  readonly copyEventTime: 'push' | 'copy';
  /** Whether every copy raises an event of Event Grid, or only the push or deletion itself. */
  readonly eventPerReplica: boolean;
  /** Whether events of Event Grid name the replica in `data.location`. */
  readonly eventLocation: boolean;
  /** Whether a replica notifies when a digest that it has already gets another tag. */
  readonly retagFiresOnReplicas: boolean;
  /** Whether the late copy of an older push takes a tag back from a newer one, for ever. */
  readonly olderCopyMovesTag: boolean;
  /** Whether the late copy of an older deletion takes a later push of the same digest with it, for ever. */
  readonly olderCopyDeletes: boolean;
  /** Least and longest time from a copy to its native webhooks; a range reorders them. */
  readonly webhookDelayMs: readonly [least: number, longest: number];
  /** Probability, from 0 to below 1, that a native webhook is sent once more; applied again to each copy. */
  readonly webhookDuplicateProbability: number;
  /** How long a receiver may take to answer a native webhook. */
  readonly webhookAnswerMs: number;
  /** How long it may take in any case, in real milliseconds. */
  readonly webhookLeastRealAnswerMs: number;
  /**
   * Whether writes of replications are long-running operations (201, then polling) or done with the answer (200, 201).
   */
  readonly updateIsLongRunning: boolean;
  /** How long such an operation runs. */
  readonly updateMs: number;
  /** What the status of a replication that is well says. */
  readonly readyStatus: string;
  /** Whether the status says `Syncing` while copies are on their way to a replica that is well. */
  readonly copyingShowsSyncing: boolean;
  /** Whether `HEAD` of a blob is answered by the endpoint itself, or sends to the data host. */
  readonly blobHead: 'answer' | 'redirect';
  /** Whether `GET` of a blob sends to the data host, or is answered by the endpoint itself. */
  readonly blobGet: 'redirect' | 'answer';
  /** Whether regional endpoints want a token. */
  readonly requireToken: boolean;
  /** What an endpoint answers to a valid token without access to the repository: a challenge, or a plain refusal. */
  readonly lackingScope: 401 | 403;
  /** Resources in a page of a list. */
  readonly pageSize: number;
}

export const defaultRegistryBehaviour: RegistryBehaviour = {
  copyDelayMs: [200, 1_000],
  copyEventTime: 'copy',
  eventPerReplica: true,
  eventLocation: true,
  retagFiresOnReplicas: true,
  olderCopyMovesTag: false,
  olderCopyDeletes: false,
  webhookDelayMs: [0, 0],
  webhookDuplicateProbability: 0,
  webhookAnswerMs: 30_000,
  webhookLeastRealAnswerMs: 10_000,
  updateIsLongRunning: true,
  updateMs: 1_000,
  readyStatus: 'Ready',
  copyingShowsSyncing: false,
  blobHead: 'answer',
  blobGet: 'redirect',
  requireToken: false,
  lackingScope: 401,
  pageSize: 100,
};
