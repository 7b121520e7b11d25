/**
 * What npm runs after an install: the build, where there is something to build with. An install without development
 * dependencies has neither esbuild nor a Node.js that reads TypeScript, and is left as it is.
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
