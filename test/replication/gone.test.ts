import { describe, expect, it } from 'vitest';
import type { Deletions } from '../../src/replication/deletions.ts';
import { noDeletions, withDeletion } from '../../src/replication/deletions.ts';
import { goneStates, withAbsent } from '../../src/replication/gone.ts';
import type { Image } from '../../src/replication/image.ts';
import { anImage, aReference, at, fact, looked, viewOf } from './fixtures.ts';

const regions = ['eastus', 'westus'];
const pushed = aReference({ facts: [fact('eastus', 1), fact('westus', 5)] });
const told = (...notices: readonly [region: string | undefined, seconds: number][]): Deletions =>
  notices.reduce((known, [region, seconds]) => withDeletion(known, region, at(seconds)), noDeletions);
const states = (image: Partial<Image>) =>
  goneStates(anImage({ references: [pushed], ...image }), viewOf(...regions)).map(({ state }) => state);

describe('an image is', () => {
  it.each<[what: string, image: Partial<Image>, eastus: string, westus: string]>([
    ['present where nobody told of a deletion', {}, 'present', 'present'],
    ['gone where a region told that it deleted it', { deletions: told(['eastus', 9]) }, 'gone', 'present'],
    ['gone where it told so of its last push', { deletions: told(['westus', 5]) }, 'present', 'gone'],
    [
      'present where it was pushed since',
      { deletions: told(['eastus', 9], ['westus', 4]) },
      'gone',
      'present',
    ],
    [
      'gone everywhere by a deletion that named no region',
      { deletions: told([undefined, 9]) },
      'gone',
      'gone',
    ],
    ['gone where its endpoint does not have it', withAbsent(anImage(), ['westus'], at(9)), 'present', 'gone'],
    [
      'present where it was learned after that',
      withAbsent(anImage(), ['westus'], at(5)),
      'present',
      'present',
    ],
    [
      'present where it was read after that',
      { ...withAbsent(anImage(), ['westus'], at(9)), verified: [fact('westus', 10, 'verified')] },
      'present',
      'present',
    ],
  ])('%s', (_, image, ...expected) => {
    expect(states({ ...image, references: [pushed] })).toEqual(expected);
  });

  it('not asked for where a replica is gone, and asked for where one came later', () => {
    const view = viewOf('eastus', 'westus', 'later');
    const members = looked(view.members ?? new Map(), { seen: [], absent: ['westus'] }, at(60));
    const image = anImage({ references: [pushed] });
    expect(goneStates(image, { ...view, members }).map(({ region }) => region)).toEqual(['eastus', 'later']);
  });

  it('absent since the newest answer', () => {
    const image = withAbsent(withAbsent(anImage(), ['westus'], at(9)), ['westus', 'eastus'], at(5));
    expect(image.absent).toEqual({ westus: at(9), eastus: at(5) });
  });
});
