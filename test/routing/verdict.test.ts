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
    const current = { at: minuteText(at), health, because, bad, owed: bad, raises, counts };
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
    const next = { at: minuteText(4), because: [], bad: [], owed: [], raises: false, counts: true };
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

  it('remembers of a review which kinds were bad, where any was', () => {
    expect(history('BG').last.reviews).toStrictEqual([
      { at: minuteText(0), health: 'bad', because: ['0'], bad: ['endpoint'] },
      { at: minuteText(1), health: 'good', because: [] },
    ]);
  });

  it('remembers no more reviews than it needs', () => {
    expect(history('G'.repeat(50)).last.reviews).toHaveLength(5);
    expect(history('G'.repeat(50), someRules({ clear: 20 })).last.reviews).toHaveLength(20);
  });
});

describe('the kinds of evidence of a flag', () => {
  const review = (
    before: VerdictHistory,
    at: number,
    {
      bad = [],
      owed = bad,
      raises = false,
      counts = true,
    }: { bad?: string[]; owed?: string[]; raises?: boolean; counts?: boolean },
    rules = someRules({ raise: { bad: 2, of: 3 }, clear: 2 }),
  ) => {
    const health = bad.length > 0 ? 'bad' : 'good';
    const because = bad.map((kind) => `${kind} is bad`);
    const current = { at: minuteText(at), health, because, bad, owed, raises, counts } as const;
    return updateVerdict(before, current, rules);
  };
  const first = initialHistory(minuteText(0));
  const raised = review(review(first, 0, { bad: ['endpoint'] }), 1, { bad: ['lateImages'] });

  it('are all that were bad in the reviews that raised it', () => {
    expect(raised.verdict).toMatchObject({ flagged: true, kinds: ['endpoint', 'lateImages'] });
  });
  it('grow by what is bad while it stands', () => {
    const later = review(raised, 2, { bad: ['provisioning'] });
    expect(later.verdict.kinds).toEqual(['endpoint', 'lateImages', 'provisioning']);
    expect(later.verdict).toMatchObject({ since: raised.verdict.since, flag: raised.verdict.flag });
  });
  it('do not grow by a review that does not count, except by a policy', () => {
    const later = review(raised, 2, { bad: ['provisioning'], raises: true, counts: false });
    expect(later.verdict.kinds).toEqual(['endpoint', 'lateImages', 'policy']);
  });
  it('are, for a policy, also those that were last seen to be bad', () => {
    const { verdict } = review(first, 0, { raises: true, owed: ['endpoint'] });
    expect(verdict.kinds).toEqual(['endpoint', 'policy']);
  });
  it('are kept when it is cleared, because the replica may still be off', () => {
    const cleared = review(review(raised, 2, {}), 3, {});
    expect(cleared.verdict).toMatchObject({ flagged: false, kinds: ['endpoint', 'lateImages'] });
  });
});

describe('two flags', () => {
  const prompt = someRules({ raise: { bad: 1, of: 1 }, clear: 1 });
  const bad = (before: VerdictHistory, at: number, reason: string) => {
    const current = { at: minuteText(at), health: 'bad', because: [reason], bad: ['endpoint'] } as const;
    return updateVerdict(before, { ...current, owed: ['endpoint'], raises: false, counts: true }, prompt);
  };
  const good = (before: VerdictHistory, at: number) => {
    const current = { at: minuteText(at), health: 'good', because: [], bad: [], owed: [] } as const;
    return updateVerdict(before, { ...current, raises: false, counts: true }, prompt);
  };
  it('differ, though the clocks of two instances gave them one time and one reason', () => {
    const first = bad(initialHistory(minuteText(0)), 1.5, '503');
    const second = bad(good(first, 0.5), 1.5, '503');
    expect(second.verdict.since).toBe(first.verdict.since);
    expect(second.verdict.flag).not.toBe(first.verdict.flag);
  });
  it('differ by their reasons', () => {
    const [one, two] = ['503', 'no answer'].map((why) => bad(initialHistory(minuteText(0)), 1, why).verdict);
    expect(one?.flag).not.toBe(two?.flag);
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
