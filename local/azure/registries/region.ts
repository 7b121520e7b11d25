/** The short name of a region in lower case: "West US" and "westus" are one. */
export const regionOf = (location: string): string => location.replace(/\s+/g, '').toLowerCase();
