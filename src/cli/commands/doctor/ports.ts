import type { Deadline } from '../../../lib/deadline.ts';
import type { StorageConnection } from '../../../settings/storage-connection.ts';

/**
 * Resource Manager, to be read only. Paths are ARM ids, without the API version. Answers are unchecked; every method
 * throws the errors of `call-errors.ts`.
 */
export interface ArmReader {
  /** @returns `undefined` for what is not there. */
  find(path: string, apiVersion: string, deadline: Deadline): Promise<unknown>;
  /** Every page; nothing where the parent is not there. */
  list(path: string, apiVersion: string, deadline: Deadline): Promise<readonly unknown[]>;
  /** A POST that only reads. */
  ask(path: string, apiVersion: string, deadline: Deadline): Promise<unknown>;
  /** By its own clock, to the second; `undefined` where it does not say. */
  time(deadline: Deadline): Promise<Date | undefined>;
}

/** How something answered that was knocked at. */
export type Connectivity =
  | { readonly kind: 'open' }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string | undefined }
  | { readonly kind: 'silent'; readonly reason: string };

/** Knocks at one service of a storage account. Never throws. */
export type StorageConnectivity = (
  service: 'blob' | 'queue' | 'table',
  connection: StorageConnection,
) => Promise<Connectivity>;
