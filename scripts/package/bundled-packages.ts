import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import * as v from 'valibot';

/** A package with code in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly licence: string;
  /** The texts that have to go along, such as LICENSE and NOTICE. */
  readonly texts: readonly string[];
}

class LicenceUnknownError extends Error {
  override readonly name = 'LicenceUnknownError';
  constructor(directory: string, options?: ErrorOptions) {
    super(`${directory}/package.json names no licence: find out whether it may be bundled`, options);
  }
}

const manifestSchema = v.object({ name: v.string(), version: v.string(), license: v.string() });
const packageDirectory = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const licenceFile = /^(?:licen[cs]e|notice|copying)(?:\.(?:md|txt))?$/i;

/**
 * The packages of a bundle, each once, sorted by name and version.
 * @param root Where the paths of `metafile` begin.
 * @throws {LicenceUnknownError}
 */
export async function bundledPackages(metafile: Metafile, root: string): Promise<BundledPackage[]> {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs));
  const directories = new Set(inputs.flatMap((input) => packageDirectory.exec(input)?.[0] ?? []));
  const packages = await Promise.all([...directories].map((directory) => readPackage(root, directory)));
  const byKey = new Map(packages.map((one) => [`${one.name} ${one.version}`, one]));
  return [...byKey.keys()].sort().flatMap((key) => byKey.get(key) ?? []);
}

async function readPackage(root: string, directory: string): Promise<BundledPackage> {
  const at = join(root, directory);
  const manifest = v.safeParse(manifestSchema, JSON.parse(await readFile(join(at, 'package.json'), 'utf8')));
  if (!manifest.success) throw new LicenceUnknownError(directory, { cause: manifest.issues });
  const { name, version, license: licence } = manifest.output;
  const files = (await readdir(at)).filter((file) => licenceFile.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(at, file), 'utf8')));
  return { name, version, licence, texts: texts.map((text) => text.replaceAll('\r\n', '\n').trim()) };
}

const line = '-'.repeat(80);

/** The text of the notices that go along with the bundle. A licence text that many packages share is in it once. */
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
