/** An Azure region as its short name in lower case, such as `westus`; see {@link regionOf}. */
export type Region = string;

/** Azure writes one region two ways: "West US" and "westus". */
export const regionOf = (location: string): Region => location.replace(/\s+/g, '').toLowerCase();

/** @returns `undefined` for text that names no region, whichever regions there are. */
export function parseRegion(text: string): Region | undefined {
  const region = regionOf(text);
  return /^[a-z0-9]{1,50}$/.test(region) ? region : undefined;
}
