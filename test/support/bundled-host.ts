import { fileURLToPath } from 'node:url';

/** The local host as one program, which `global-setup.ts` builds. */
export const bundledHost = fileURLToPath(
  new URL('../../node_modules/.cache/evenkeel-host/main.js', import.meta.url),
);
