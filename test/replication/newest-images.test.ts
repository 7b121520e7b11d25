import { describe, expect, it } from 'vitest';
import type { Image } from '../../src/replication/image.ts';
import { newImage, newReference } from '../../src/replication/image.ts';
import { type NewestImage, newestReplicated, withNewest } from '../../src/replication/newest-images.ts';
import { noDeadline } from './fixtures.ts';

const registry = 'myregistry.azurecr.io';

/** Everywhere since so many ms, with its facts. */
function replicated(name: string, replicatedAtMs: number | undefined, changes: Partial<Image> = {}): Image {
  const facts = ['westus', 'eastus'].map((region) => ({
    ...{ region, atMs: 10, evidence: 'webhook' as const, learnedAtMs: 10 },
  }));
  const image = newImage({ registry, repository: 'team/app', digest: `sha256:${name}` }, 1);
  return { ...image, references: [{ ...newReference('v1', 1), facts }], replicatedAtMs, ...changes };
}
const namesOf = (images: readonly NewestImage[]) => images.map(({ digest }) => digest.slice(7));

describe('the newest images that are everywhere', () => {
  it('are kept by the time when they were everywhere, with the regions that have them', () => {
    const known = withNewest([], [replicated('a', 100), replicated('b', 300), replicated('c', 200)]);
    expect(namesOf(known)).toEqual(['b', 'c', 'a']);
    expect(known[0]).toMatchObject({ repository: 'team/app', regions: ['eastus', 'westus'] });
    const many = withNewest(
      known,
      [4, 5, 6].map((at) => replicated(`${at}`, at * 100)),
    );
    expect(namesOf(many)).toEqual(['6', '5', '4', 'b', 'c']);
  });

  it('stay the same value when nothing is new', () => {
    const known = withNewest([], [replicated('a', 100)]);
    const deletions = { byRegion: { eastus: [20] }, regionlessAtMs: undefined };
    const old = [replicated('a', 100), replicated('x', undefined), replicated('y', 500, { deletions })];
    expect(withNewest(known, old)).toBe(known);
    expect(namesOf(withNewest(known, [replicated('a', 900)]))).toEqual(['a']);
  });

  it('are taken unless the ledger says that they were deleted; what it has forgotten may be there', async () => {
    const deletions = { byRegion: { eastus: [20] }, regionlessAtMs: undefined };
    const newest = withNewest([], [replicated('a', 100), replicated('b', 200)]);
    const pick = (stored: Image | undefined) =>
      newestReplicated(
        registry,
        {
          newest: { read: async () => newest, write: async () => {} },
          ledger: {
            images: {
              read: async ({ digest }) =>
                stored?.id.digest === digest ? { image: stored, version: '1', notices: [] } : undefined,
              insert: () => Promise.reject(new Error('writes')),
              update: () => Promise.reject(new Error('writes')),
              append: () => Promise.reject(new Error('writes')),
              remove: () => Promise.reject(new Error('writes')),
            },
          },
        },
        noDeadline,
      );
    expect(await pick(undefined)).toMatchObject({ reference: 'sha256:b', regions: ['eastus', 'westus'] });
    expect(await pick(replicated('b', 200))).toMatchObject({ reference: 'sha256:b' });
    expect(await pick(replicated('b', 200, { deletions }))).toMatchObject({ reference: 'sha256:a' });
  });
});
