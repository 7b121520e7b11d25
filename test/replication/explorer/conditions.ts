import fc from 'fast-check';
import type { Region } from '../../../src/registries/replica.ts';
import { aHistory, aHistoryOfDeletions, type History, home, leaving, regions } from './history.ts';

/** The regions that an entry of `REGISTRIES` names. */
type Selection = 'all' | readonly Region[];

/** Under what evenkeel itself runs. */
export interface Conditions {
  /** How far the clock of each process is ahead, in seconds. */
  readonly clocks: readonly number[];
  /** The calls of storage, counted over all processes, that take effect and whose answer never comes. */
  readonly lostAnswers: readonly number[];
  /** When the settings change, and what they select before and after that. */
  readonly selected: { readonly seconds: number; readonly before: Selection; readonly after: Selection };
}

export const noConditions: Conditions = {
  clocks: [0, 0, 0],
  lostAnswers: [],
  selected: { seconds: 0, before: 'all', after: 'all' },
};

/** Two clocks differ by this much at most. */
const clocksDifferBySeconds = 300;

const someSelection = fc.constantFrom<Selection[]>(
  'all',
  regions.filter((region) => region !== leaving),
  regions.filter((region) => region !== 'westeurope'),
  [home],
);

const someConditions: fc.Arbitrary<Conditions> = fc.record({
  clocks: fc.array(fc.integer({ min: -clocksDifferBySeconds / 2, max: clocksDifferBySeconds / 2 }), {
    minLength: 3,
    maxLength: 3,
  }),
  lostAnswers: fc.array(fc.nat(80), { maxLength: 6 }),
  selected: fc.record({ seconds: fc.nat(1500), before: someSelection, after: someSelection }),
});

/** Several instances whose clocks differ, over storage that times out, with settings that change. */
export const aHistoryUnderConditions: fc.Arbitrary<History> = fc
  .tuple(fc.oneof(aHistory, aHistoryOfDeletions), someConditions)
  .map(([history, conditions]) => ({ ...history, replicas: withoutBlinks(history), conditions }));

/** Two looks by clocks that differ may seem further apart than they are, so nothing that confirms an absence may lie. */
const withoutBlinks = ({ replicas }: History): History['replicas'] => ({
  ...replicas,
  idLies: replicas.idLies.filter(
    (lie) => !replicas.listLies.some(({ from, to }) => from === lie.from && to === lie.to),
  ),
});

/**
 * Whether every process waits for a region of something.
 * @param firstSeconds when it was first seen, by one of their clocks
 * @param seconds when it is judged
 */
export function isAwaited(region: Region, firstSeconds: number, seconds: number, history: History): boolean {
  const { selected } = history.conditions ?? noConditions;
  const isIn = (selection: Selection): boolean => selection === 'all' || selection.includes(region);
  const mayBeFromBefore = firstSeconds < selected.seconds + skewOf(history);
  const isAfter = seconds >= selected.seconds;
  return (!mayBeFromBefore || isIn(selected.before)) && (!isAfter || isIn(selected.after));
}

/**
 * Whether any process may wait for a region of something.
 * @param firstSeconds when it was first seen, by one of their clocks
 * @param seconds when it is judged
 */
export function mayBeAwaited(
  region: Region,
  firstSeconds: number,
  seconds: number,
  history: History,
): boolean {
  const { selected } = history.conditions ?? noConditions;
  const isIn = (selection: Selection): boolean => selection === 'all' || selection.includes(region);
  const isFromBefore = firstSeconds + skewOf(history) < selected.seconds;
  const isAfter = seconds >= selected.seconds;
  return (!isFromBefore || isIn(selected.before)) && isIn(isAfter ? selected.after : selected.before);
}

/** How far the clocks of a history differ at most, in seconds; that of the last reviews is right. */
export const skewOf = ({ conditions = noConditions }: History): number =>
  Math.max(0, ...conditions.clocks) - Math.min(0, ...conditions.clocks);
