type ReleaseNotes =
  | { readonly kind: 'notes'; readonly text: string }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * The section of a changelog for a release.
 *
 * | tag | version | changelog | then |
 * |---|---|---|---|
 * | `v1.2.3` | `1.2.3` | has `## 1.2.3 - 2026-01-31` | its section |
 * | `v1.2.3` | `1.2.3` | has no section of that name, or an empty one | refused |
 * | another one | `1.2.3` | | refused |
 *
 * @param tag of git.
 * @param version in `package.json`.
 */
export function releaseNotes(tag: string, version: string, changelog: string): ReleaseNotes {
  if (tag !== `v${version}`) {
    return { kind: 'refused', why: `the tag is "${tag}", and package.json says ${version}: tag v${version}` };
  }
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.split(/[\s\]]/, 1)[0]?.replace('[', '') === version);
  const text = section?.slice(section.indexOf('\n')).trim();
  if (!text) {
    return {
      kind: 'refused',
      why: `CHANGELOG.md has nothing under "## ${version} - DATE": move what is unreleased there`,
    };
  }
  return { kind: 'notes', text };
}
