import type { Region } from '../registries/region.ts';
import type { Replica } from '../registries/replica.ts';
import type { Evidence } from './evidence.ts';

/** What one review saw of one registry. */
export interface Observation {
  /** `undefined` when the registry could not be read. */
  readonly home: Region | undefined;
  /** Why Resource Manager left a question open; `undefined` when it answered all. */
  readonly silence: string | undefined;
  readonly replicas: readonly ObservedReplica[];
  /** Names of replicas that are not there, by id. */
  readonly gone: ReadonlySet<string>;
  /** For each region; `undefined` when nobody could tell. */
  readonly lateImages: ReadonlyMap<Region, number> | undefined;
}

export interface ObservedReplica {
  readonly id: string;
  readonly name: string;
  readonly region: Region;
  /** By id; `undefined` when that was not answered. */
  readonly read: Replica | undefined;
  readonly reachability: Evidence['reachability'];
}
