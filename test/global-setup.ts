import { execFileSync } from 'node:child_process';

/** The end-to-end tests run what is deployed, so `dist/` is built from the sources under test. */
export default function setup(): void {
  execFileSync(process.execPath, ['build.ts'], { stdio: 'inherit' });
}
