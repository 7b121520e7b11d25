import { type Zippable, zipSync } from 'fflate';

/** Files by their path in the package, with slashes. */
export type Files = ReadonlyMap<string, Uint8Array>;

// The earliest time that a zip can hold. It is read as local time, so it is made as local time.
const mtime = new Date(1980, 0, 1);
const unix = 3;
const ownerWritesAllRead = 0o100_644 << 16;

/** Packs files so that the same files give the same bytes: sorted, without times, and by a library of our own. */
export function zipped(files: Files): Uint8Array {
  const entries: Zippable = {};
  for (const path of [...files.keys()].sort()) {
    entries[path] = [files.get(path) ?? new Uint8Array(), { mtime, os: unix, attrs: ownerWritesAllRead }];
  }
  return zipSync(entries, { level: 9 });
}
