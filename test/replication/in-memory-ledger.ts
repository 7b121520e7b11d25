import { StateChangedError } from '../../src/lib/errors.ts';
import type { CopiesOfDay } from '../../src/replication/copies-of-day.ts';
import type { CopyTimes } from '../../src/replication/copy-times.ts';
import { type Image, type ImageId, imageKey } from '../../src/replication/image.ts';
import type {
  FinishedEntry,
  Ledger,
  Notice,
  OpenEntry,
  OpenPosition,
  RefusedEntry,
  StoredImage,
  TagCandidate,
  TagId,
} from '../../src/replication/ledger.ts';
import { noticeIdentity } from '../../src/replication/notice.ts';

/** A call of a process, before it takes effect. */
export interface Operation {
  readonly name: `${'images' | 'tags' | 'open' | 'finished' | 'copyTimes'}.${string}`;
  /** Counted for each process, from 1. */
  readonly number: number;
}

/** The process has crashed: none of its further calls takes effect. */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

/** Decides which calls of one process fail, and when. */
export interface Hooks {
  /** When it throws, the call does not happen. It may wait, so that a test decides which call happens first. */
  readonly before?: (operation: Operation) => void | Promise<void>;
  /** When it throws, the call has happened, and its answer is lost. */
  readonly after?: (operation: Operation) => void | Promise<void>;
}

/** A ledger as one process sees it. */
export interface LedgerProcess {
  readonly ledger: Ledger;
  /** Every call so far, in order. */
  readonly operations: readonly Operation[];
  readonly hasCrashed: boolean;
}

const pageSize = 100;

/** A ledger in memory, with versions like those of Table storage. */
export class InMemoryLedger {
  readonly #images = new Map<string, StoredImage>();
  readonly #tags = new Map<string, Map<string, TagCandidate>>();
  readonly #open = new Map<string, OpenEntry>();
  readonly #finished = new Map<string, FinishedEntry>();
  readonly #copyTimes = new Map<
    string,
    { times: CopyTimes; version: string; lastDay: CopiesOfDay | undefined }
  >();
  readonly #now: () => Date;
  /** Receives each image that a process writes, and what was stored before. */
  onWrite: (image: Image, before: Image | undefined) => void = () => {};
  #position: OpenPosition | undefined;
  /** What is stored of an image that a process writes. */
  toStore: (image: Image) => Image = (image) => image;
  #versions = 0;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** The notifications beside an image. */
  notices(id: ImageId): readonly Notice[] {
    return this.#images.get(imageKey(id))?.notices ?? [];
  }

  /** Reads an image without a call. */
  image(id: ImageId): Image | undefined {
    return this.#images.get(imageKey(id))?.image;
  }

  get imageCount(): number {
    return this.#images.size;
  }

  get openEntries(): OpenEntry[] {
    return [...this.#open.values()];
  }

  get finishedEntries(): FinishedEntry[] {
    return [...this.#finished.values()];
  }

  candidates(tag: TagId): TagCandidate[] {
    return [...(this.#tags.get(tagKey(tag))?.values() ?? [])].sort((a, b) => b.atMs - a.atMs);
  }

  /** Writes an image without a call, and nothing else. */
  put(image: Image): void {
    this.#write(image);
  }

  /** Starts a process that has its own view of the ledger. After a `CrashError` none of its calls takes effect. */
  process({ before, after }: Hooks = {}): LedgerProcess {
    const operations: Operation[] = [];
    let isDead = false;
    const checked = async (hook: Hooks['before'], operation: Operation): Promise<void> => {
      try {
        await hook?.(operation);
      } catch (error) {
        if (error instanceof CrashError) isDead = true;
        throw error;
      }
    };
    const call = async <T>(name: Operation['name'], perform: () => T): Promise<T> => {
      const operation = { name, number: operations.length + 1 };
      if (!isDead) operations.push(operation);
      // Calls that are made at the same time run at the same time.
      await Promise.resolve();
      await checked(before, operation);
      if (isDead) throw new CrashError(`${name} of a process that is gone`);
      const answer = perform();
      await checked(after, operation);
      if (isDead) throw new CrashError(`${name} of a process that is gone`);
      return answer;
    };
    return {
      ledger: this.#ledger(call),
      operations,
      get hasCrashed() {
        return isDead;
      },
    };
  }

  #ledger(call: <T>(name: Operation['name'], perform: () => T) => Promise<T>): Ledger {
    /** A failure is that of every entry, and is returned; only a crash is thrown. */
    const batch = async <Entry>(
      entries: readonly Entry[],
      name: Operation['name'],
      perform: () => void,
    ): Promise<RefusedEntry<Entry>[]> => {
      if (entries.length === 0) return [];
      try {
        await call(name, perform);
        return [];
      } catch (error) {
        if (!(error instanceof Error) || error instanceof CrashError) throw error;
        return entries.map((entry) => ({ entry, error }));
      }
    };
    return {
      images: {
        read: (id) => call('images.read', () => this.#images.get(imageKey(id))),
        insert: (image) =>
          call('images.insert', () => {
            if (this.#images.has(imageKey(image.id))) throw new StateChangedError('an insert');
            return this.#write(image);
          }),
        update: (image, version, _deadline, notices) =>
          call('images.update', () => {
            this.#expect(image.id, version);
            return this.#write(image, notices);
          }),
        append: (id, notices) =>
          call('images.append', () => {
            const stored = this.#images.get(imageKey(id));
            if (stored === undefined) return false;
            const all = new Map([...stored.notices, ...notices].map((one) => [noticeIdentity(one), one]));
            const sorted = [...all.values()].sort((a, b) => a.receivedAtMs - b.receivedAtMs);
            this.#write(stored.image, sorted);
            return true;
          }),
        remove: (id, version) =>
          call('images.remove', () => {
            if (!this.#images.has(imageKey(id))) return;
            this.#expect(id, version);
            this.#images.delete(imageKey(id));
          }),
      },
      tags: {
        add: (tag, candidate) =>
          call('tags.add', () => {
            const known = this.#tags.get(tagKey(tag)) ?? new Map<string, TagCandidate>();
            this.#tags.set(tagKey(tag), known.set(candidate.digest, candidate));
          }),
        read: (tag) => call('tags.read', () => this.candidates(tag)),
        forget: (tag, forgotten) =>
          call('tags.forget', () => {
            const known = this.#tags.get(tagKey(tag));
            for (const { digest, atMs } of forgotten) {
              if ((known?.get(digest)?.atMs ?? 0) <= atMs) known?.delete(digest);
            }
          }),
      },
      open: {
        add: (id, generation) =>
          call('open.add', () => {
            const entry = { id, generation, addedAtMs: this.#now().getTime() };
            this.#open.set(openKey(entry), entry);
          }),
        pages: (_deadline, after) =>
          pages(() =>
            call('open.page', () => {
              const all = this.openEntries.sort((a, b) => (openKey(a) < openKey(b) ? -1 : 1));
              const next = after === undefined ? 0 : all.findIndex((one) => openKey(one) > openKey(after));
              return next <= 0 ? all : [...all.slice(next), ...all.slice(0, next)];
            }),
          ),
        // It costs no call that a test would count.
        readPosition: async () => this.#position,
        writePosition: (position) =>
          call('open.position', () => {
            this.#position = position;
          }),
        remove: (entries) =>
          batch(entries, 'open.remove', () => {
            for (const entry of entries) this.#open.delete(openKey(entry));
          }),
      },
      finished: {
        add: (entries) =>
          batch(entries, 'finished.add', () => {
            for (const entry of entries) this.#finished.set(finishedKey(entry), entry);
          }),
        pagesBefore: (timeMs) =>
          pages(() =>
            call('finished.page', () =>
              this.finishedEntries
                .filter(({ finishedAtMs }) => finishedAtMs < timeMs)
                .sort((a, b) => a.finishedAtMs - b.finishedAtMs),
            ),
          ),
        remove: (entries) =>
          batch(entries, 'finished.remove', () => {
            for (const entry of entries) this.#finished.delete(finishedKey(entry));
          }),
      },
      copyTimes: {
        read: (registry) => call('copyTimes.read', () => this.#copyTimes.get(registry)),
        write: (registry, times, version, _deadline, lastDay) =>
          call('copyTimes.write', () => {
            if (this.#copyTimes.get(registry)?.version !== version) throw new StateChangedError('a write');
            this.#copyTimes.set(registry, { times, version: this.#nextVersion(), lastDay });
          }),
      },
    };
  }

  #expect(id: ImageId, version: string): void {
    if (this.#images.get(imageKey(id))?.version !== version) throw new StateChangedError('an update');
  }

  #write(image: Image, notices: readonly Notice[] = []): StoredImage {
    const stored = { image: this.toStore(image), version: this.#nextVersion(), notices };
    const before = this.#images.get(imageKey(image.id))?.image;
    this.#images.set(imageKey(image.id), stored);
    this.onWrite(image, before);
    return stored;
  }

  #nextVersion(): string {
    this.#versions += 1;
    return `version-${this.#versions}`;
  }
}

const tagKey = ({ registry, repository, tag }: TagId): string => `${registry}/${repository}:${tag}`;
const openKey = ({ id, generation }: OpenPosition): string => `${imageKey(id)} ${generation}`;
const finishedKey = ({ id, generation, finishedAtMs }: FinishedEntry): string =>
  `${finishedAtMs} ${imageKey(id)} ${generation}`;

/** Makes one call a page. Entries that are added or removed in between may be seen or not. */
async function* pages<T>(list: () => Promise<readonly T[]>): AsyncGenerator<readonly T[]> {
  const all = await list();
  for (let start = 0; start < all.length || start === 0; start += pageSize) {
    if (start > 0) await list();
    yield all.slice(start, start + pageSize);
  }
}
