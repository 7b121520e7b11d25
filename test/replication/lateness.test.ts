import { describe, expect, it } from 'vitest';
import type { Fact, Image, Reference } from '../../src/replication/image.ts';
import { type Lateness, latenessOf } from '../../src/replication/lateness.ts';
import { anImage, aReference, at, fact } from './fixtures.ts';

const regions = ['eastus', 'westus'];
const sloMs = 600_000;
/** Evenkeel hears of it when the registry says so, unless it says otherwise. */
const told = (region: string, seconds: number, learnedSeconds = seconds): Fact => ({
  ...fact(region, seconds),
  learnedAtMs: at(learnedSeconds),
});
const pushed = told('eastus', 0);
const stalled = { stalledAtMs: at(601) };

interface Case {
  readonly reference?: Partial<Reference>;
  readonly image?: Partial<Image>;
  readonly seconds?: number;
}

const nowhere: Lateness = { late: [], uncounted: [] };
const inWestus: Lateness = { late: ['westus'], uncounted: [] };
const unknown: Lateness = { late: [], uncounted: ['westus'] };

describe('an image', () => {
  it.each<[string, Lateness, Case]>([
    ['before its objective has passed', nowhere, { seconds: 600 }],
    ['that every region shows', nowhere, { reference: { facts: [pushed, told('westus', 9)] } }],
    ['that a region was asked for after the objective, and does not have', inWestus, { reference: stalled }],
    ['that nobody has asked for yet', unknown, {}],
    [
      'of a region that could not be asked',
      unknown,
      { reference: stalled, image: { unverified: { westus: 'its name does not resolve' } } },
    ],
    [
      'that the region itself reported late',
      inWestus,
      { reference: { facts: [pushed, told('westus', 700)], replicatedAtMs: at(700) }, seconds: 710 },
    ],
    [
      'that the region itself reported late, by event',
      inWestus,
      {
        reference: {
          facts: [pushed, { ...told('westus', 700), evidence: 'event' }],
          replicatedAtMs: at(700),
        },
        seconds: 710,
      },
    ],
    [
      'that it reported late a while ago',
      nowhere,
      { reference: { facts: [pushed, told('westus', 700)], replicatedAtMs: at(700) }, seconds: 1_400 },
    ],
    [
      'that it had in time, and whose report came late',
      nowhere,
      { reference: { facts: [pushed, told('westus', 9, 700)], replicatedAtMs: at(700) }, seconds: 710 },
    ],
    [
      'that was read there late, which shows only when somebody looked',
      nowhere,
      {
        reference: { facts: [pushed, { ...told('westus', 700), evidence: 'verified' }] },
        seconds: 710,
      },
    ],
    [
      'that the region reported at the end of the objective',
      nowhere,
      { reference: { facts: [pushed, told('westus', 600)], replicatedAtMs: at(600) }, seconds: 610 },
    ],
    [
      'that the region reported late, of which evenkeel itself heard a moment ago',
      nowhere,
      {
        reference: { facts: [pushed, told('westus', 700)], firstSeenMs: at(650), replicatedAtMs: at(700) },
        seconds: 710,
      },
    ],
    [
      'that the region reported late ten minutes ago',
      inWestus,
      { reference: { facts: [pushed, told('westus', 700)], replicatedAtMs: at(700) }, seconds: 1_300 },
    ],
    ['that nobody waits for any more', nowhere, { reference: { ...stalled, supersededAtMs: at(650) } }],
  ])('%s is late in %j', (_, lateness, { reference = {}, image = {}, seconds = 700 }) => {
    const references = [aReference({ facts: [pushed], ...reference })];
    const late = latenessOf(anImage({ references, ...image }), () => regions, sloMs, at(seconds));
    expect(late).toEqual(lateness);
  });

  it('is late in a region, and not uncounted, where one of its tags is known to be', () => {
    const references = [
      aReference({ tag: 'v1', facts: [pushed], ...stalled }),
      aReference({ tag: 'v2', facts: [pushed] }),
    ];
    expect(latenessOf(anImage({ references }), () => regions, sloMs, at(700))).toEqual(inWestus);
  });
});
