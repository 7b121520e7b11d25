/** Seconds for the long form of the exploration; `undefined`: only the short form runs. */
export const longSeconds: number | undefined = Number(process.env['EVENKEEL_EXPLORE_SECONDS']) || undefined;
