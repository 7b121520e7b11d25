import type { BundledPackage } from './bundled-packages.ts';

const line = '-'.repeat(80);

/** The list that goes along with the bundle; a text that many packages share is in it once. */
export function thirdPartyNotices(packages: readonly BundledPackage[]): string {
  const list = packages.map(({ name, version, licence }) => `${name} ${version}: ${licence}`);
  const users = new Map<string, string[]>();
  for (const { name, version, texts } of packages) {
    for (const text of texts) users.set(text, [...(users.get(text) ?? []), `${name} ${version}`]);
  }
  const texts = [...users].map(([text, names]) => `${line}\n${names.join('\n')}\n${line}\n\n${text}\n`);
  return [
    'evenkeel is built from these packages, each under the licence that follows its name.\n',
    `${list.join('\n')}\n`,
    ...texts,
  ].join('\n');
}
