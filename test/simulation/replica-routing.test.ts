import { describe, expect, it } from 'vitest';
import { minuteMs, someRules } from '../routing/fixtures.ts';
import { ablations } from './routing/ablations.ts';
import { allKinds, type Kind } from './routing/incident.ts';
import { type Story, simulate } from './routing/simulate.ts';
import { allowedSkew, type Witness } from './routing/witness.ts';

/** Printed with every story, so that it can be run again: `EVENKEEL_SEED=…`. */
const seed = Number(process.env['EVENKEEL_SEED'] ?? 20_261_121);

function run(name: string, story: Omit<Story, 'seed'>, storySeed = seed): Witness {
  const witness = simulate({ ...story, seed: storySeed });
  const { delays, median, counts } = witness;
  const late =
    delays.length === 0 ? '' : `, flagged after ${median} min (median), ${Math.max(...delays)} min (worst)`;
  const counted = Object.entries(counts).map(([what, count]) => `${what} ${count}`);
  process.stdout.write(`${name}, seed ${storySeed}: ${counted.join(', ')}${late}\n`);
  return witness;
}

const stories: readonly (readonly [name: string, kinds: readonly Kind[]])[] = [
  ['a flapping replica', ['flapping']],
  ['slow decay', ['decay']],
  ['regional outages', ['outage', 'blip']],
  ['outages of the home region', ['homeOutage', 'blip']],
  ['a canary and maintenance windows', ['canary', 'window']],
  ['another writer', ['outage', 'writer', 'byHand']],
  ['lost views and stuck replications', ['blind', 'stuck', 'outage']],
  ['outages that fall silent or are throttled', ['mute', 'masked', 'storm']],
  ['lists and reads that contradict each other', ['discord', 'outage', 'window']],
  ['replicas that go and come back', ['removed', 'rolledBack', 'outage', 'canary']],
  ['seeding', ['seeding', 'outage', 'canary']],
  ['images that cannot be counted', ['uncounted', 'decay', 'lag']],
];

/** What the settings become on the way. */
const otherSettings = [
  { rules: someRules({ mode: 'flag' }) },
  { rules: someRules({ raise: { bad: 2, of: 3 }, clear: 3, changesPerHour: 4 }) },
  { rules: someRules({ raise: { bad: 5, of: 8 }, clear: 8, holdDownMs: 30 * minuteMs }) },
  { registry: { minimumRoutable: 4 } },
];

const longSeconds = Number(process.env['EVENKEEL_EXPLORE_SECONDS']) || undefined;
/** Of each story: a year where there is time for it, and else so many days with twice as much in them. */
const [days, density] = longSeconds === undefined ? [20, 2] : [365, 1];

describe.skipIf(longSeconds === undefined)('with more time, every history that is seen', () => {
  it(
    'keeps its promises, whatever happens and whatever the settings',
    () => {
      const endMs = performance.now() + (longSeconds ?? 0) * 1000;
      for (let story = seed; performance.now() < endMs; story++) {
        const kinds = allKinds.filter((_, index) => story % 3 === 0 || ((story * 7919) >> index) % 2 === 1);
        const rules = {
          raise: story % 2 === 0 ? { bad: 2, of: 3 } : { bad: 3, of: 5 },
          clear: 1 + (story % 6),
          changesPerHour: 1 + (story % 3),
        };
        const clocksDifferBy = story % 5 === 0 ? allowedSkew : 0;
        const registry = { minimumRoutable: 1 + (story % 4) };
        const others = story % 7 < 3 ? { otherSettings } : {};
        const { violations } = run(
          'any',
          { kinds, days: 90, registry, rules, clocksDifferBy, ...others },
          story,
        );
        expect(violations, `seed ${story}`).toEqual([]);
      }
    },
    (longSeconds ?? 0) * 1000 + 60_000,
  );
});

describe(`${days} days of reviews, one a minute, with`, { timeout: 120_000 }, () => {
  it.each(stories)('%s keeps its promises', (name, kinds) => {
    const { violations, counts } = run(name, { kinds, days, density, registry: { minimumRoutable: 3 } });
    expect(violations).toEqual([]);
    expect(counts.flagged).toBeGreaterThan(2);
    expect(counts.changes).toBeGreaterThan(2);
  });

  it('several of them at once keeps its promises, whatever the settings', () => {
    const story = {
      kinds: allKinds,
      days: longSeconds === undefined ? 5 : 73,
      registry: { minimumRoutable: 4 },
    };
    const rules = { raise: { bad: 2, of: 3 }, clear: 3, changesPerHour: 4, contestLimit: 2 };
    const { violations, counts } = run('everything', { ...story, rules });
    expect(violations).toEqual([]);
    expect(counts.changes).toBeGreaterThan(5);
  });

  it('two instances whose clocks differ by five minutes, and whose settings and policies change one after the other, keeps its promises', () => {
    const story = {
      kinds: allKinds,
      days: longSeconds === undefined ? 5 : 73,
      registry: { minimumRoutable: 3 },
    };
    const instances = { clocksDifferBy: allowedSkew, otherSettings };
    const { violations, counts } = run('two instances', { ...story, ...instances });
    expect(violations).toEqual([]);
    expect(counts.changes).toBeGreaterThan(2);
  });

  it('images that cannot be counted flags nobody', () => {
    const { violations, counts } = run('images that cannot be counted', { kinds: ['uncounted'], days });
    expect(violations).toEqual([]);
    expect(counts).toMatchObject({ flagged: 0, changes: 0 });
  });

  it('throttling storms flags nobody', () => {
    const { violations, counts } = run('throttling storms', { kinds: ['storm'], days });
    expect(violations).toEqual([]);
    expect(counts).toMatchObject({ flagged: 0, changes: 0 });
  });
});

describe('a year of reviews would break its promises without the rule that', { timeout: 180_000 }, () => {
  it.each(ablations)(
    '$rule',
    ({ rule, violation, minimumRoutable = 3, days = 365, firstSeed = seed, ...story }) => {
      const registry = { minimumRoutable };
      // Short years, because most show it early. A rule of which one shows nothing has to show in the next.
      for (let year = 0; year < 9; year += 1) {
        const short = { ...story, days: days / 3, registry, until: violation };
        const { violations } = run(`without ${rule}`, short, firstSeed + year);
        if (violations.some((one) => violation.test(one))) return;
      }
      throw new Error('nobody noticed');
    },
  );
});
