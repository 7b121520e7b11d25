import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { buildHost } from '../scripts/build.ts';
import { bundledHost } from './support/bundled-host.ts';

/** Tests run what is deployed, so `dist/`, `bin/` and the local host are built from the sources under test. */
export default async function setup(): Promise<void> {
  execFileSync(process.execPath, ['scripts/build.ts'], { stdio: 'inherit' });
  await buildHost(dirname(bundledHost));
  process.env['NODE_COMPILE_CACHE'] = join(dirname(bundledHost), '../node-compile');
}
