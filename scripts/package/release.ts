/**
 * `node scripts/package/release.ts v1.2.3`: prints what the changelog says of the release, and fails unless the tag,
 * `package.json` and the changelog name one version.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { releaseNotes } from './release-notes.ts';

const changelog = await readFile(join(import.meta.dirname, '../../CHANGELOG.md'), 'utf8');
const notes = releaseNotes(process.argv[2] ?? '', packageJson.version, changelog);
if (notes.kind === 'refused') {
  console.error(`✖ ${notes.why}`);
  process.exitCode = 1;
} else console.log(notes.text);
