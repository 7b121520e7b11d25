import { describe, expect, it } from 'vitest';
import type { Kind } from './routing/incident.ts';
import { Operators } from './routing/rehearsals.ts';
import { simulate } from './routing/simulate.ts';

/** Printed with every story, so that it can be run again: `EVENKEEL_SEED=…`. */
const seed = Number(process.env['EVENKEEL_SEED'] ?? 20_261_121);
/** Of five replicas: while one is rehearsed, all the others have to serve. */
const minimumRoutable = 4;

/** What hides an outage also hides the next one in its region, so that those are not crowded. */
const paceOf = (kinds: readonly Kind[], months: number) =>
  kinds.includes('mute') ? { days: 30 * months, density: 1 } : { days: 7.5 * months, density: 4 };

function run(name: string, kinds: readonly Kind[], months: number, goesOn = false) {
  const pace = paceOf(kinds, months);
  const operators = new Operators({ ...pace, seed, minimumRoutable, goesOn });
  const { violations, counts } = simulate({
    ...pace,
    ...{ kinds, seed },
    registry: { minimumRoutable },
    without: operators,
  });
  const all = { ...counts, ...operators.counts };
  const counted = Object.entries(all).map(([what, count]) => `${what} ${count}`);
  process.stdout.write(`rehearsals and ${name}, seed ${seed}: ${counted.join(', ')}\n`);
  return { violations: [...violations, ...operators.violations], counts: all };
}

const stories: readonly (readonly [name: string, kinds: readonly Kind[]])[] = [
  ['regional outages', ['outage', 'blip']],
  ['outages of the home region', ['homeOutage', 'blip']],
  ['lost views, and lists that contradict reads', ['blind', 'discord', 'storm']],
  ['outages that fall silent or are throttled', ['mute', 'masked']],
  ['other writers and other policies', ['writer', 'byHand', 'canary', 'window']],
  ['replicas that go, come back and are seeded', ['removed', 'rolledBack', 'seeding', 'outage']],
];

describe('rehearsals of months that meet', { timeout: 180_000 }, () => {
  it.each(stories)('%s keeps its promises', (name, kinds) => {
    const { violations, counts } = run(name, kinds, kinds.includes('homeOutage') ? 2 : 1);
    expect(violations).toEqual([]);
    expect(counts.begun).toBeGreaterThan(2);
    expect(counts.ended).toBeGreaterThan(1);
  });

  it('outages ends some of them early', () => {
    const { counts } = run('outages', ['outage'], 3);
    expect(counts.endedEarly).toBeGreaterThan(1);
    expect(counts.moved + counts.cancelled).toBeGreaterThan(1);
  });

  it('outages would leave too few replicas if none ended early', () => {
    const { violations } = run('outages, and nobody ends them', ['outage'], 3, true);
    expect(violations.filter((one) => /goes on with [0-3] others/.test(one))).not.toEqual([]);
  });
});
