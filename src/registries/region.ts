/** An Azure region as its short name in lower case, such as `westus`; see {@link regionOf}. */
export type Region = string;

/** Azure writes one region two ways: "West US" and "westus". */
export const regionOf = (location: string): Region => location.replace(/\s+/g, '').toLowerCase();
