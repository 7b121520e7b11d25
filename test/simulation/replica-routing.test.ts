import { describe, expect, it } from 'vitest';
import { allKinds, type Kind } from './routing/incident.ts';
import { type Story, simulate } from './routing/simulate.ts';
import type { Witness } from './routing/witness.ts';

/** Printed with every story, so that it can be told again: `EVENKEEL_SEED=…`. */
const seed = Number(process.env['EVENKEEL_SEED'] ?? 20_261_121);

function tell(name: string, story: Omit<Story, 'seed'>, storySeed = seed): Witness {
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
  ['everything', allKinds],
];

describe('a year of reviews, one a minute, with', () => {
  it.each(stories)('%s keeps its promises', (name, kinds) => {
    const { violations, counts } = tell(name, { kinds, days: 365, registry: { minimumRoutable: 3 } });
    expect(violations).toEqual([]);
    expect(counts.flagged).toBeGreaterThan(5);
    expect(counts.changes).toBeGreaterThan(5);
  });

  it('throttling storms flags nobody', () => {
    const { violations, counts } = tell('throttling storms', { kinds: ['storm'], days: 365 });
    expect(violations).toEqual([]);
    expect(counts).toMatchObject({ flagged: 0, changes: 0 });
  });
});
