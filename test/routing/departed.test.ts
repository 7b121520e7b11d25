import { describe, expect, it } from 'vitest';
import {
  departedAfter,
  goneReplicas,
  inheritedReplica,
  rollbackProblems,
} from '../../src/routing/departed.ts';
import type { Departed, ReplicaState } from '../../src/routing/state.ts';
import { aReplicaState, flagged, minute, minuteText } from './fixtures.ts';

const day = 24 * 60;
const at = (minutes: number) => ({ at: minuteText(-minutes) });
/** A replica in westus that departed now, and is remembered for nothing. */
const departed = (changes: Partial<Departed>, replica: Partial<ReplicaState> = {}): Departed => ({
  ...{ at: minuteText(0), wasRolledBack: false },
  replica: aReplicaState('westus', replica),
  ...changes,
});
const ours = { disabledByUs: true };
const change = (to: 'enabled' | 'disabled', outcome: 'pending' | 'done') => ({
  intent: { to, outcome, at: minuteText(-1) },
});
const rolledBack = { wasRolledBack: true };
const now = minute(0);

describe('a replica that is gone', () => {
  it('was found neither by id nor in the list, twice in a row', () => {
    const replicas = [undefined, 0, 1, 2, 3].map((absences) => aReplicaState('westus', { absences }));
    expect(goneReplicas(replicas).map(({ absences }) => absences)).toEqual([2, 3]);
  });

  it.each<[string, Departed, ReplicaState[], boolean]>([
    ['nothing of it is ours', departed({}), [], false],
    ['evenkeel switched it off', departed({}, ours), [], true],
    ['… 30 days ago less a minute', departed(at(30 * day - 1), ours), [], true],
    ['… 30 days ago', departed(at(30 * day), ours), [], false],
    ['… and it is back', departed({}, ours), [aReplicaState('westus', { name: 'WestUS' })], false],
    [
      '… and the region has another one',
      departed({}, ours),
      [aReplicaState('westus', { name: 'west2' })],
      true,
    ],
    ['evenkeel may have switched it off', departed({}, change('disabled', 'pending')), [], true],
    ['evenkeel may have switched it on', departed({}, change('enabled', 'pending')), [], false],
    ['it was switched on again', departed({}, change('disabled', 'done')), [], false],
    ['its creation was rolled back', departed(rolledBack), [], true],
    ['… 7 days ago less a minute', departed({ ...rolledBack, ...at(7 * day - 1) }), [], true],
    ['… 7 days ago', departed({ ...rolledBack, ...at(7 * day) }), [], false],
    ['… and another region has a replica', departed(rolledBack), [aReplicaState('eastus')], true],
    [
      '… and its region has a replica',
      departed(rolledBack),
      [aReplicaState('eastus'), aReplicaState('westus', { name: 'west2' })],
      false,
    ],
  ])('is remembered or not: %s', (_, before, present, isKept) => {
    expect(departedAfter([before], [], present, now)).toEqual(isKept ? [before] : []);
  });

  it('is remembered without its flag, its reviews and its absences', () => {
    const gone = aReplicaState('westus', { ...ours, ...flagged(), absences: 2 });
    expect(departedAfter([], [gone], [], now)).toEqual([
      {
        ...{ at: minuteText(0), wasRolledBack: false },
        replica: {
          ...gone,
          verdict: { ...gone.verdict, flagged: false },
          reviews: [],
          absences: undefined,
        },
      },
    ]);
  });

  it('was rolled back when it was never complete', () => {
    const gone = aReplicaState('westus', { isBeingCreated: true });
    expect(departedAfter([], [gone], [], now)).toMatchObject([{ wasRolledBack: true }]);
  });
});

describe('a replica that has come back', () => {
  it.each<[string, Departed, string, boolean]>([
    ['is known by its name, whatever the casing', departed({}, ours), 'WESTUS', true],
    ['is another one under another name', departed({}, ours), 'westus2', false],
    ['is new after 30 days', departed(at(30 * day), ours), 'westus', false],
    ['is new where nothing was ours', departed(rolledBack), 'westus', false],
  ])('%s', (_, before, name, isKnown) => {
    expect(inheritedReplica([before], { name }, now)).toEqual(isKnown ? before.replica : undefined);
  });
});

describe('a creation that was rolled back', () => {
  const failed = { lastProvisioning: { state: 'Creating', since: minuteText(0), message: 'no address' } };
  it('is a problem that names the known causes, and what Azure said', () => {
    expect(rollbackProblems([departed(rolledBack, failed), departed({}, ours)], now)).toEqual([
      expect.stringMatching(/^the replica westus in westus was being created and is gone.*: no address$/),
    ]);
    const { message: _, ...silent } = failed.lastProvisioning;
    for (const lastProvisioning of [silent, undefined])
      expect(rollbackProblems([departed(rolledBack, { lastProvisioning })], now)).toEqual([
        expect.stringMatching(/addresses of a private endpoint$/),
      ]);
  });
  it('is a problem for a week', () => {
    const before = departed({ ...rolledBack, ...at(7 * day) });
    expect(rollbackProblems([before], now)).toEqual([]);
    expect(rollbackProblems([before], minute(-1))).toHaveLength(1);
  });
});
