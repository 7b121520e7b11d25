import type { Replica, ReplicaState } from './replica.ts';

/** What a test or scenario may make of a replica; what is left out stays. */
export interface ReplicaCondition {
  readonly provisioningState?: ReplicaState | undefined;
  /** Free text, such as `Ready`. */
  readonly displayStatus?: string | undefined;
  readonly globalRouting?: GlobalRouting | undefined;
  /** Replaces the whole map. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Who did it, for the resource's system data. */
  readonly by?: string | undefined;
  /** Answers do not say whether the replica takes part in global routing. */
  readonly omitRoutingFlag?: boolean | undefined;
}

type GlobalRouting = 'enabled' | 'disabled';

export interface ReplicaView {
  readonly name: string;
  readonly region: string;
  readonly provisioningState: ReplicaState;
  readonly displayStatus: string;
  readonly globalRouting: GlobalRouting;
  readonly tags: Readonly<Record<string, string>>;
  readonly lastModifiedBy: string;
  readonly isStalled: boolean;
  /** How many manifests it holds. */
  readonly images: number;
}

export const viewOf = (replica: Replica): ReplicaView => ({
  name: replica.name,
  region: replica.region,
  provisioningState: replica.provisioningState,
  displayStatus: replica.displayStatus,
  globalRouting: replica.globalRouting ? 'enabled' : 'disabled',
  tags: replica.tags ?? {},
  lastModifiedBy: replica.system.lastModifiedBy,
  isStalled: replica.isStalled,
  images: replica.content.size,
});
