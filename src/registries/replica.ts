/**
 * The regional copy of a registry that a replication resource describes.
 * https://learn.microsoft.com/rest/api/containerregistry/replications/get
 */
export interface Replica {
  /** The ARM id of the replication. */
  readonly id: string;
  /** The name of the replication. It is arbitrary, and not the region. */
  readonly name: string;
  readonly region: Region;
  /** `Succeeded`, `Creating`, `Updating`, `Deleting`, `Failed`, `Canceled` or another text. */
  readonly provisioningState: string;
  /** Free text, such as `Ready`. */
  readonly displayStatus: string | undefined;
  readonly statusMessage: string | undefined;
  /**
   * Whether the global login server routes to the replica: `regionEndpointEnabled` in ARM, and
   * `--global-endpoint-routing` in the Azure CLI. `unknown` when the answer leaves it out.
   */
  readonly globalRouting: 'enabled' | 'disabled' | 'unknown';
  readonly tags: Readonly<Record<string, string>>;
  /** The identity that wrote the resource last; `undefined` when its metadata names none. */
  readonly lastModifiedBy: string | undefined;
}

/** An Azure region as its short name in lower case, such as `westus`; see {@link regionOf}. */
export type Region = string;

/** Azure writes a region in two ways: "West US" and "westus". */
export const regionOf = (location: string): Region => location.replace(/\s+/g, '').toLowerCase();

/** @returns `undefined` for text that cannot be the name of a region. The regions of Azure are not known here. */
export function parseRegion(text: string): Region | undefined {
  const region = regionOf(text);
  return /^[a-z0-9]{1,50}$/.test(region) ? region : undefined;
}
