#!/usr/bin/env node
/**
 * `npx evenkeel` in a clone: the command as `npm ci` or `npm run build` left it in `bin/`.
 *
 * If the package at the top declared it, npx would install that first, which builds: slowly, in silence, and under
 * a host that runs what is built. A package that is linked into node_modules is just run.
 */
import { existsSync } from 'node:fs';

const command = new URL('../../bin/evenkeel.js', import.meta.url);
if (existsSync(command)) await import(command.href);
else {
  console.error('✖ evenkeel is not built in this clone: run npm run build');
  process.exitCode = 1;
}
