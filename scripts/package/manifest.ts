import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

const manifestSchema = v.object({
  version: v.string(),
  description: v.string(),
  keywords: v.array(v.string()),
  license: v.string(),
  repository: v.object({ type: v.literal('git'), url: v.pipe(v.string(), v.regex(/^git\+https:/)) }),
});

/** What every package says of itself alike. */
export type SharedManifest = v.InferOutput<typeof manifestSchema>;

/**
 * Reads `package.json` at the top, which holds the one version of all packages.
 * @param env in a workflow on GitHub names the repository that it runs for. Provenance is refused for a package that
 * names another one.
 */
export async function readSharedManifest(root: string, env: NodeJS.ProcessEnv): Promise<SharedManifest> {
  const manifest = v.parse(manifestSchema, JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const { GITHUB_SERVER_URL: server = 'https://github.com', GITHUB_REPOSITORY: name } = env;
  if (!name) return manifest;
  return { ...manifest, repository: { type: 'git', url: `git+${server}/${name}.git` } };
}

/**
 * A page of the repository for readers who have no clone: what it links to is read in the repository, at this version.
 * @param path of the page, from the top of the repository.
 */
export async function pageForReaders(root: string, path: string, manifest: SharedManifest): Promise<string> {
  const { repository, version } = manifest;
  const base = `${repository.url.replace(/^git\+|\.git$/g, '')}/blob/v${version}/${path}`;
  const page = await readFile(join(root, path), 'utf8');
  return page.replace(/\]\((?![a-z]+:|#)([^)]+)\)/g, (_, link: string) => `](${new URL(link, base).href})`);
}

export const jsonFile = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
