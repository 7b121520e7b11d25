import { describe, expect, it } from 'vitest';
import { initialHistory, isDue, updateVerdict, type VerdictHistory } from '../../src/routing/verdict.ts';
import { minute, minuteMs, minuteText, someRules } from './fixtures.ts';

type Mark = 'B' | 'G' | 'I' | 'b' | 'g';
const healthOfMark = { B: 'bad', G: 'good', I: 'inconclusive', b: 'bad', g: 'good' } as const;
const isMark = (text: string): text is Mark => text in healthOfMark;

/**
 * One review a minute: B bad, G good, I inconclusive; in lower case one that does not count; after `!` a policy holds,
 * and after `-` it no longer does.
 */
function history(text: string, rules = someRules()): { flags: string; last: VerdictHistory } {
  let last = initialHistory(minuteText(0));
  let raises = false;
  let at = 0;
  let flags = '';
  for (const mark of text) {
    if (mark === '!' || mark === '-') raises = mark === '!';
    if (!isMark(mark)) continue;
    const health = healthOfMark[mark];
    const counts = mark === mark.toUpperCase();
    const because = health === 'bad' ? [`${at}`] : [];
    const bad = health === 'bad' ? ['endpoint'] : [];
    const current = { at: minuteText(at), health, because, bad, unrecovered: bad, raises, counts };
    last = updateVerdict(last, current, rules);
    flags += last.verdict.flagged ? 'F' : '.';
    at += 1;
  }
  return { flags, last };
}

describe('a flag', () => {
  it.each([
    ['is raised by the third bad review of the last five', 'BBB', '..F'],
    ['… also with good ones in between', 'BGBGB', '....F'],
    ['… and not by three of the last six', 'BGGBGB', '......'],
    ['is not raised by two', 'BBGGGGG', '.......'],
    [
      'is not raised by inconclusive reviews, which take their place among the last five',
      'BIIBIIB',
      '.......',
    ],
    ['is not raised by reviews that do not count', 'BBbbbb', '......'],
    ['is cleared by five good reviews in a row', 'BBBGGGGG', '..FFFFF.'],
    ['… and not by fewer', 'BBBGGGGBGGGGG', '..FFFFFFFFFF.'],
    ['is not cleared by inconclusive reviews, which end a row', 'BBBGGGGIGGGGG', '..FFFFFFFFFF.'],
    ['… nor by reviews that do not count, which end none', 'BBBGGGGggG', '..FFFFFFF.'],
    ['is not raised again by what led to the last one', 'BBBGGGGGBB', '..FFFFF...'],
  ])('%s: %s', (_, reviews, flags) => {
    expect(history(reviews).flags).toBe(flags);
  });

  it('is not raised again by what led to the last one, however few good reviews clear it', () => {
    expect(history('BBBGGBGBB', someRules({ clear: 1 })).flags).toBe('..F.....F');
  });

  it('waits for a bad review when the rule was relaxed meanwhile', () => {
    const { last } = history('BBGG');
    const rules = someRules({ raise: { bad: 1, of: 5 } });
    const next = { at: minuteText(4), because: [], bad: [], unrecovered: [], raises: false, counts: true };
    expect(updateVerdict(last, { ...next, health: 'good' }, rules).verdict.flagged).toBe(false);
    expect(updateVerdict(last, { ...next, health: 'bad' }, rules).verdict.flagged).toBe(true);
  });

  it('follows the rule of the settings', () => {
    expect(history('BGB', someRules({ raise: { bad: 1, of: 1 }, clear: 1 })).flags).toBe('F.F');
  });
});

describe('the flag of a policy', () => {
  it.each([
    ['is raised by the first review', '!G', 'F'],
    ['… also by one that does not count', '!g', 'F'],
    ['stays as long as the policy holds', '!GGGGGGG', 'FFFFFFF'],
    [
      'is cleared by the first review after it, when the replica was healthy all the time',
      'GGG!GG-G',
      '...FF.',
    ],
    ['… and not by one that does not count', 'GGG!GG-gG', '...FFF.'],
    ['waits for five good reviews when the replica is under repair', '!BBB-GGGGG', 'FFFFFFF.'],
    ['waits for five good reviews of a new replica', '!G-GGGG', 'FFFF.'],
  ])('%s: %s', (_, reviews, flags) => {
    expect(history(reviews).flags).toBe(flags);
  });
});

describe('a verdict', () => {
  it('carries the reviews that led to it', () => {
    const raised = history('GGBGBB').last.verdict;
    expect(raised.since).toBe(minuteText(5));
    expect(raised.reviews.map(({ health }) => health)).toEqual(['good', 'bad', 'good', 'bad', 'bad']);
    expect(raised.reviews.at(-1)?.because).toEqual(['5']);
    const cleared = history('BBBGGGGG').last.verdict;
    expect(cleared.reviews.map(({ at }) => at)).toEqual([3, 4, 5, 6, 7].map(minuteText));
  });

  it('remembers no more reviews than it needs', () => {
    expect(history('G'.repeat(50)).last.reviews).toHaveLength(5);
    expect(history('G'.repeat(50), someRules({ clear: 20 })).last.reviews).toHaveLength(20);
  });
});

describe('a review', () => {
  it.each([
    ['the first one', undefined, true],
    ['one after half an interval', minuteText(-0.5), true],
    ['one that follows more closely', minuteText(-0.49), false],
    ['one at the same time', minuteText(0), false],
    ['one after a clock that was far ahead', minuteText(600), true],
  ])('counts or does not: %s', (_, countedAt, expected) => {
    expect(isDue(countedAt, minute(0), minuteMs)).toBe(expected);
  });
});
