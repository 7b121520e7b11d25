/**
 * `npm run prepare`, which npm runs after an install: builds, if it can. An install without development dependencies
 * has neither esbuild nor a Node.js that reads TypeScript, and is left alone.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

if (isInstalled('esbuild')) {
  removeHeaders('node_modules/node/node_modules');
  execFileSync('node', ['scripts/build.ts'], { stdio: 'inherit' });
}

function isInstalled(name) {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** A third of Node.js's package is headers for native code, of which nothing is compiled here. */
function removeHeaders(packages) {
  if (!existsSync(packages)) return;
  for (const name of readdirSync(packages)) {
    if (/^node-(bin-)?(linux|darwin|win)-/.test(name)) {
      rmSync(join(packages, name, 'include'), { recursive: true, force: true });
    }
  }
}
