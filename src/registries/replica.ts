/**
 * The regional copy of a registry that a replication resource describes.
 * https://learn.microsoft.com/rest/api/containerregistry/replications/get
 */
export interface Replica {
  /** ARM id of the replication. */
  readonly id: string;
  /** Of the replication; arbitrary, and not the region. */
  readonly name: string;
  readonly region: Region;
  /** Such as `Succeeded`, `Creating`, `Updating`, `Deleting`, `Failed`, `Canceled`. */
  readonly provisioningState: string;
  /** Free text, such as `Ready`. */
  readonly displayStatus: string | undefined;
  readonly statusMessage: string | undefined;
  /**
   * Whether the global login server routes to it: ARM's `regionEndpointEnabled`, the command line's
   * `--global-endpoint-routing`. `unknown` when the answer does not say.
   */
  readonly globalRouting: 'enabled' | 'disabled' | 'unknown';
  readonly tags: Readonly<Record<string, string>>;
  /** Who wrote the resource last, where its metadata says so. */
  readonly lastModifiedBy: string | undefined;
}

/** An Azure region as its short name in lower case, such as `westus`; see {@link regionOf}. */
export type Region = string;

/** Azure writes one region two ways: "West US" and "westus". */
export const regionOf = (location: string): Region => location.replace(/\s+/g, '').toLowerCase();

/** @returns `undefined` for text that names no region, whichever regions there are. */
export function parseRegion(text: string): Region | undefined {
  const region = regionOf(text);
  return /^[a-z0-9]{1,50}$/.test(region) ? region : undefined;
}
