/**
 * `npm run prepare`, which npm runs after an install: builds, if it can. An install without development dependencies
 * has neither esbuild nor a Node.js that reads TypeScript, and is left alone.
 */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';

if (isInstalled('esbuild')) execFileSync('node', ['scripts/build.ts'], { stdio: 'inherit' });

function isInstalled(name) {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
