import { describe, expect, it } from 'vitest';
import { releaseNotes } from '../../scripts/package/release-notes.ts';

const changelog = [
  '# Changelog\n\nFor operators.\n\n## Unreleased\n\n- Not yet.\n',
  '## 1.2.3 - 2026-01-31\n\n### Added\n\n- A thing.\n',
  '## 1.2.30 - 2026-01-30\n\n- Another.\n',
  '## 1.0.0 - 2026-01-01\n',
].join('\n');

describe('the notes of a release', () => {
  it('are its section of the changelog', () => {
    expect(releaseNotes('v1.2.3', '1.2.3', changelog)).toEqual({
      kind: 'notes',
      text: '### Added\n\n- A thing.',
    });
  });

  it('are not to be had while the tag and package.json differ', () => {
    expect(releaseNotes('v1.2.4', '1.2.3', changelog)).toMatchObject({
      kind: 'refused',
      why: 'the tag is "v1.2.4", and package.json says 1.2.3: tag v1.2.3',
    });
  });

  it.each([['1.2.4'], ['1.0.0']])('are not to be had where the changelog says nothing of %s', (version) => {
    expect(releaseNotes(`v${version}`, version, changelog)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining(`CHANGELOG.md has nothing under "## ${version} - DATE"`),
    });
  });
});
