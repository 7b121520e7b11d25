import { beforeEach, describe, expect, it } from 'vitest';
import { StateChangedError } from '../../src/lib/errors.ts';
import type { Ledger } from '../../src/replication/ledger.ts';
import {
  anImage,
  aReference,
  at,
  d1,
  d2,
  d3,
  dayMs,
  deletion,
  fact,
  noDeadline,
  push,
  secondMs,
} from './fixtures.ts';

/** Names that nobody else uses: tests share the tables. */
let repositories = 0;

async function all<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) found.push(...page);
  return found;
}

/** The tests that every ledger has to pass. */
export function holdsToTheContract(name: string, open: () => Ledger): void {
  describeWith(`${name}, with usual names`, open, (number) => `contoso.com/team_${number}/app-1__x`);
  // A repository of 255 characters with 127 slashes is valid.
  describeWith(`${name}, with the longest names`, open, (number) => `${'a/'.repeat(125)}${1000 + number}`);
}

function describeWith(name: string, open: () => Ledger, repositoryOf: (number: number) => string): void {
  describe(name, () => {
    let ledger: Ledger;
    let repository: string;
    beforeEach(() => {
      ledger = open();
      repositories += 1;
      repository = repositoryOf(repositories);
    });
    const idOf = (digest = d1) => ({ registry: 'myregistry.azurecr.io', repository, digest });
    const imageOf = (digest = d1) => anImage({ id: idOf(digest), references: [aReference()] });

    describe('images', () => {
      it('are read as they were written, and not before that', async () => {
        expect(await ledger.images.read(idOf(), noDeadline)).toBeUndefined();
        const { version } = await ledger.images.insert(imageOf(), noDeadline);
        expect(await ledger.images.read(idOf(), noDeadline)).toEqual({
          image: imageOf(),
          version,
          notices: [],
        });
        expect(await ledger.images.read(idOf(d2), noDeadline)).toBeUndefined();
      });

      it('are inserted once', async () => {
        await ledger.images.insert(imageOf(), noDeadline);
        await expect(ledger.images.insert(imageOf(), noDeadline)).rejects.toThrow(StateChangedError);
      });

      it('are updated only if they did not change since they were read', async () => {
        const first = await ledger.images.insert(imageOf(), noDeadline);
        const changed = { ...imageOf(), verificationAttempts: 1 };
        const second = await ledger.images.update(changed, first.version, noDeadline);
        await expect(ledger.images.update(imageOf(), first.version, noDeadline)).rejects.toThrow(
          StateChangedError,
        );
        expect(await ledger.images.read(idOf(), noDeadline)).toEqual({
          image: changed,
          version: second.version,
          notices: [],
        });
      });

      it('hold notifications beside them, each once, which a write keeps or takes in', async () => {
        const noticeOf = (tag: string, receivedAtMs: number) => ({
          ...{ notification: { ...push(1, { tag }), image: idOf() }, receivedAtMs },
        });
        const removal = { notification: { ...deletion(3), image: idOf() }, receivedAtMs: at(9) };
        const [first, second] = [noticeOf('v1', at(1)), noticeOf('v2', at(2))];
        expect(await ledger.images.append(idOf(), [first], noDeadline)).toBe(false);
        const { version } = await ledger.images.insert(imageOf(), noDeadline);
        expect(await ledger.images.append(idOf(), [removal], noDeadline)).toBe(true);
        await Promise.all([
          ledger.images.append(idOf(), [first, second], noDeadline),
          ledger.images.append(idOf(), [second], noDeadline),
          ledger.images.append(idOf(), [noticeOf('v1', at(1))], noDeadline),
        ]);
        await expect(ledger.images.update(imageOf(), version, noDeadline)).rejects.toThrow(StateChangedError);
        const read = await ledger.images.read(idOf(), noDeadline);
        expect(read).toMatchObject({ image: imageOf(), notices: [first, second, removal] });
        const kept = await ledger.images.update(imageOf(), read?.version ?? '', noDeadline, [second]);
        expect((await ledger.images.read(idOf(), noDeadline))?.notices).toEqual([second]);
        await ledger.images.update(imageOf(), kept.version, noDeadline);
        expect((await ledger.images.read(idOf(), noDeadline))?.notices).toEqual([]);
      });

      it('are removed only if they did not change since they were read, and not updated after that', async () => {
        const first = await ledger.images.insert(imageOf(), noDeadline);
        const second = await ledger.images.update(imageOf(), first.version, noDeadline);
        await expect(ledger.images.remove(idOf(), first.version, noDeadline)).rejects.toThrow(
          StateChangedError,
        );
        await ledger.images.remove(idOf(), second.version, noDeadline);
        expect(await ledger.images.read(idOf(), noDeadline)).toBeUndefined();
        await expect(ledger.images.update(imageOf(), second.version, noDeadline)).rejects.toThrow(
          StateChangedError,
        );
        await ledger.images.remove(idOf(), second.version, noDeadline);
      });

      it('hold a hundred references with facts of many regions', async () => {
        const regions = Array.from({ length: 12 }, (_, index) => `region${index}`);
        const references = Array.from({ length: 100 }, (_, index) =>
          aReference({ tag: `build-${index}`, facts: regions.map((region) => fact(region, index)) }),
        );
        const image = { ...imageOf(), references };
        await ledger.images.insert(image, noDeadline);
        expect((await ledger.images.read(idOf(), noDeadline))?.image).toEqual(image);
      });
    });

    describe('tags', () => {
      const tagOf = (tag = 'v1.0_rc-2') => ({ registry: 'myregistry.azurecr.io', repository, tag });
      const candidate = (digest: string, seconds: number) => ({ digest, atMs: at(seconds) });

      it('keep every digest that they pointed at, the newest first', async () => {
        await ledger.tags.add(tagOf(), candidate(d1, 1), noDeadline);
        await ledger.tags.add(tagOf(), candidate(d3, 3), noDeadline);
        await ledger.tags.add(tagOf(), candidate(d2, 2), noDeadline);
        expect(await ledger.tags.read(tagOf(), noDeadline)).toEqual([
          candidate(d3, 3),
          candidate(d2, 2),
          candidate(d1, 1),
        ]);
        expect(await ledger.tags.read(tagOf('V1.0_rc-2'), noDeadline)).toEqual([]);
      });

      it('keep a digest with its last time', async () => {
        for (const seconds of [1, 5]) await ledger.tags.add(tagOf(), candidate(d1, seconds), noDeadline);
        await ledger.tags.add(tagOf(), candidate(d2, 3), noDeadline);
        expect((await ledger.tags.read(tagOf(), noDeadline))[0]).toEqual(candidate(d1, 5));
      });

      it('lose nothing that is added at the same time', async () => {
        await Promise.all(
          [d1, d2, d3].map((digest, index) => ledger.tags.add(tagOf(), candidate(digest, index), noDeadline)),
        );
        expect(await ledger.tags.read(tagOf(), noDeadline)).toHaveLength(3);
      });

      it('forget the given digests, and nothing else or newer', async () => {
        await ledger.tags.add(tagOf(), candidate(d1, 1), noDeadline);
        await ledger.tags.add(tagOf(), candidate(d2, 2), noDeadline);
        await ledger.tags.forget(tagOf(), [candidate(d1, 1), candidate(d3, 9), candidate(d2, 1)], noDeadline);
        expect(await ledger.tags.read(tagOf(), noDeadline)).toEqual([candidate(d2, 2)]);
        await ledger.tags.forget(tagOf(), [candidate(d2, 2)], noDeadline);
        expect(await ledger.tags.read(tagOf(), noDeadline)).toEqual([]);
        await ledger.tags.forget(tagOf(), [candidate(d2, 2)], noDeadline);
      });
    });

    describe('the index of open images', () => {
      const ours = async () =>
        (await all(ledger.open.pages(noDeadline))).filter(({ id }) => id.repository === repository);

      it('lists an image once for each of its generations', async () => {
        for (const generation of [1, 1, 2]) await ledger.open.add(idOf(), generation, noDeadline);
        const entries = await ours();
        expect(entries).toMatchObject([
          { id: idOf(), generation: 1 },
          { id: idOf(), generation: 2 },
        ]);
        for (const { addedAtMs } of entries) expect(addedAtMs).toBeGreaterThan(0);
      });

      it('lists those after an entry first, and then all others', async () => {
        for (const digest of [d1, d2, d3]) await ledger.open.add(idOf(digest), 1, noDeadline);
        const [first, second] = await ours();
        const after = second && { id: second.id, generation: second.generation };
        await ledger.open.remove(second ? [second] : [], noDeadline);
        const listed = (await all(ledger.open.pages(noDeadline, after))).filter(
          ({ id }) => id.repository === repository,
        );
        expect(listed.map(({ id }) => id)).toEqual([idOf(d3), first?.id]);
      });

      it('keeps the position of a review, and takes it for no entry', async () => {
        const position = { id: idOf(), generation: 7 };
        await ledger.open.writePosition(position, noDeadline);
        expect(await ledger.open.readPosition(noDeadline)).toEqual(position);
        expect(await ours()).toEqual([]);
        await ledger.open.writePosition(undefined, noDeadline);
        await ledger.open.writePosition(undefined, noDeadline);
        expect(await ledger.open.readPosition(noDeadline)).toBeUndefined();
      });

      it('removes entries, also when some of them are gone already', async () => {
        for (const digest of [d1, d2, d3]) await ledger.open.add(idOf(digest), 1, noDeadline);
        const entries = await ours();
        await ledger.open.remove(entries.slice(0, 1), noDeadline);
        await ledger.open.remove(entries, noDeadline);
        await ledger.open.remove([], noDeadline);
        expect(await ours()).toEqual([]);
      });
    });

    describe('the index of finished images', () => {
      const entry = (digest: string, finishedAtMs: number) => ({
        id: idOf(digest),
        generation: 7,
        finishedAtMs,
        tags: [{ tag: 'v1', atMs: finishedAtMs }],
      });
      const listedBefore = async (timeMs: number) =>
        (await all(ledger.finished.pagesBefore(timeMs, noDeadline))).filter(
          ({ id }) => id.repository === repository,
        );

      it('lists those that were finished before a time, the oldest first', async () => {
        const entries = [entry(d3, at(0) + 2 * dayMs), entry(d1, at(0)), entry(d2, at(secondMs))];
        await ledger.finished.add(entries, noDeadline);
        const [latest, earliest, second] = entries;
        expect(await listedBefore(at(0))).toEqual([]);
        expect(await listedBefore(at(0) + 1)).toEqual([earliest]);
        expect(await listedBefore(at(0) + 3 * dayMs)).toEqual([earliest, second, latest]);
      });

      it('removes entries, also when some of them are gone already', async () => {
        const entries = [entry(d1, at(0)), entry(d2, at(1)), entry(d3, at(0) + dayMs)];
        await ledger.finished.add(entries, noDeadline);
        await ledger.finished.add(entries.slice(0, 1), noDeadline);
        await ledger.finished.remove(entries.slice(0, 1), noDeadline);
        await ledger.finished.remove(entries, noDeadline);
        await ledger.finished.remove([], noDeadline);
        expect(await listedBefore(at(0) + 3 * dayMs)).toEqual([]);
      });
    });

    describe('copy times', () => {
      const times = { eastus: { '100 B': [1, 2, 3] } };

      it('are inserted once', async () => {
        expect(await ledger.copyTimes.read(repository, noDeadline)).toBeUndefined();
        await ledger.copyTimes.write(repository, times, undefined, noDeadline);
        expect(await ledger.copyTimes.read(repository, noDeadline)).toMatchObject({ times });
        await expect(ledger.copyTimes.write(repository, times, undefined, noDeadline)).rejects.toThrow(
          StateChangedError,
        );
      });

      it('are updated only as they were read', async () => {
        await ledger.copyTimes.write(repository, times, undefined, noDeadline);
        const version = (await ledger.copyTimes.read(repository, noDeadline))?.version;
        await ledger.copyTimes.write(repository, {}, version, noDeadline);
        await expect(ledger.copyTimes.write(repository, times, version, noDeadline)).rejects.toThrow(
          StateChangedError,
        );
        expect((await ledger.copyTimes.read(repository, noDeadline))?.times).toEqual({});
      });
    });
  });
}
