import type { JsonObject } from '../json.ts';
import { Hidings } from './hidden-replica.ts';
import { ReplicaContent } from './replica-content.ts';
import { ReplicaNotices } from './replica-notices.ts';
import type { SystemData } from './system-data.ts';

export type ReplicaState = 'Creating' | 'Updating' | 'Deleting' | 'Succeeded' | 'Failed' | 'Canceled';

/** A registry's regional copy and the replication resource that describes it. */
export interface Replica {
  readonly id: string;
  /** Name of the replication; it need not be the region. */
  readonly name: string;
  readonly region: string;
  /** False where only the region is left and no replication resource describes it: it serves and tells all the same. */
  hasReplication: boolean;
  tags: Readonly<Record<string, string>> | undefined;
  provisioningState: ReplicaState;
  displayStatus: string;
  statusMessage: string;
  statusAt: number;
  /** Whether the global login server routes here. */
  globalRouting: boolean;
  /** Whether answers leave out `regionEndpointEnabled`. */
  omitsRoutingFlag: boolean;
  system: SystemData;
  /** Grows with every write, so that the end of an earlier one changes nothing. */
  transition: number;
  readonly content: ReplicaContent;
  /** Reads of Resource Manager that do not show it. */
  readonly hidings: Hidings;
  /** Changes on their way here. */
  copiesUnderWay: number;
  /** It gets the registry's content for the first time, and shows it by its status. */
  isSeeding: boolean;
  isStalled: boolean;
  /** What arrived while it stalled, in order. */
  readonly waiting: (() => void)[];
  readonly notices: ReplicaNotices;
  /** How the next long-running updates end. */
  readonly failures: { readonly code: string; readonly message: string }[];
}

export function newReplica(
  options: Pick<Replica, 'id' | 'name' | 'region' | 'system'>,
  now: number,
): Replica {
  return {
    ...options,
    hasReplication: true,
    tags: undefined,
    globalRouting: true,
    provisioningState: 'Succeeded',
    displayStatus: 'Ready',
    statusMessage: 'The replication is ready.',
    statusAt: now,
    omitsRoutingFlag: false,
    transition: 0,
    content: new ReplicaContent(),
    hidings: new Hidings(),
    copiesUnderWay: 0,
    isSeeding: false,
    isStalled: false,
    waiting: [],
    notices: new ReplicaNotices(),
    failures: [],
  };
}

export const replicationType = 'Microsoft.ContainerRegistry/registries/replications';

/** https://learn.microsoft.com/rest/api/containerregistry/replications/get */
export const renderReplica = (replica: Replica): JsonObject => ({
  id: replica.id,
  name: replica.name,
  type: replicationType,
  location: replica.region,
  tags: replica.tags ?? {},
  properties: {
    provisioningState: replica.provisioningState,
    status: {
      displayStatus: replica.displayStatus,
      message: replica.statusMessage,
      timestamp: new Date(replica.statusAt).toISOString(),
    },
    ...(replica.omitsRoutingFlag ? {} : { regionEndpointEnabled: replica.globalRouting }),
    zoneRedundancy: 'Disabled',
  },
  systemData: replica.system,
});

/** What a test or scenario may make of a replica; what is left out stays. */
export interface ReplicaCondition {
  readonly provisioningState?: ReplicaState | undefined;
  /** Free text, such as `Ready`, `online`, `Syncing` or `Offline`. */
  readonly displayStatus?: string | undefined;
  /** Since when the status is so, in milliseconds since the epoch; now by default. */
  readonly statusAt?: number | undefined;
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
  /** False for a home region without a replication resource. */
  readonly hasReplication: boolean;
  readonly isStalled: boolean;
  readonly isSeeding: boolean;
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
  hasReplication: replica.hasReplication,
  isStalled: replica.isStalled,
  isSeeding: replica.isSeeding,
  images: replica.content.size,
});
