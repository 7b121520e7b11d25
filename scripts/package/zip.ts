import { type Zippable, zipSync } from 'fflate';

/** Files by their path in the package, with slashes. */
export type Files = ReadonlyMap<string, Uint8Array>;

// The first moment that a zip can tell of. It is read in local time, like this.
const mtime = new Date(1980, 0, 1);
const unix = 3;
const ownerWritesAllRead = 0o100_644 << 16;

/** The same files give the same bytes: in order, of no time, and packed by no library of the machine. */
export function zipped(files: Files): Uint8Array {
  const entries: Zippable = {};
  for (const path of [...files.keys()].sort()) {
    entries[path] = [files.get(path) ?? new Uint8Array(), { mtime, os: unix, attrs: ownerWritesAllRead }];
  }
  return zipSync(entries, { level: 9 });
}
