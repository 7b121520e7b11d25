import { describe, expect, it } from 'vitest';
import { planAction, planChanges } from '../../src/routing/plan.ts';
import type { Interlock, ReplicaState } from '../../src/routing/state.ts';
import { aReplicaState, flagged, hourMs, minute, minuteText, someRules } from './fixtures.ts';

const free: Interlock[] = [{ rule: 'holdDown', pass: true, detail: '' }];
const held: Interlock[] = [...free, { rule: 'changeBudget', pass: false, detail: '' }];
const act = (changes: Partial<ReplicaState>, interlocks = free, rules = {}) =>
  planAction(aReplicaState('westus', changes), interlocks, someRules(rules));
const healths = (...all: readonly ReplicaState['health'][]): ReplicaState['reviews'] =>
  all.map((health, at) => ({ at: minuteText(at), health, because: [] }));
const fiveGood = healths('good', 'good', 'good', 'good', 'good');
const ours = { routing: 'disabled', disabledByUs: true, reviews: fiveGood } as const;
const pending: Partial<ReplicaState> = { intent: { to: 'disabled', at: minuteText(0), outcome: 'pending' } };

describe('a replica that is flagged', () => {
  it('is switched off when every interlock passes', () => {
    expect(act(flagged()).do).toBe('switchOff');
  });
  it.each<[string, Partial<ReplicaState>, object]>([
    ['ROUTING_MODE is flag', {}, { mode: 'flag' }],
    ['evenkeel has switched it off', ours, {}],
    ['somebody else has switched it off', { routing: 'disabled' }, {}],
    ['it could not be read by id', { routing: 'unread' }, {}],
    ['Azure does not report whether it is routed', { routing: 'unknown' }, {}],
    ['an earlier change is still in progress', pending, {}],
  ])('is left as it is when %s', (because, changes, rules) => {
    expect(act({ ...flagged(), ...changes }, free, rules)).toEqual({ do: 'nothing', because });
  });
  it('is left as it is when an interlock refuses, which is named', () => {
    expect(act(flagged(), held)).toEqual({
      do: 'nothing',
      because: 'an interlock refuses the change',
      rules: ['changeBudget'],
    });
  });
});

describe('a replica that is not flagged', () => {
  it('is switched on again when evenkeel switched it off and every interlock passes', () => {
    expect(act(ours).do).toBe('switchOn');
  });
  it.each<[string, Partial<ReplicaState>, object]>([
    ['its routing is correct', {}, {}],
    ['its routing is correct', { disabledByUs: true }, {}],
    ['somebody else has switched it off', { routing: 'disabled' }, {}],
    ['ROUTING_MODE is flag', ours, { mode: 'flag' }],
    ['ROUTING_REENABLE is false', ours, { reenable: false }],
    ['it could not be read by id', { ...ours, routing: 'unread' }, {}],
    ['Azure does not report whether it is routed', { ...ours, routing: 'unknown' }, {}],
    ['an earlier change is still in progress', { ...ours, ...pending }, {}],
  ])('is left as it is when %s', (because, changes, rules) => {
    expect(act(changes, free, rules)).toEqual({ do: 'nothing', because });
  });
  it.each<[string, Partial<ReplicaState>]>([
    ['no review was good yet, as of one that has come back', { reviews: [] }],
    ['too few were', { reviews: fiveGood.slice(1) }],
    [
      'one of the last could not see it',
      { reviews: healths('good', 'good', 'inconclusive', 'good', 'good', 'good', 'good') },
    ],
    ['this one does not', { health: 'inconclusive' }],
  ])('is not switched on when %s', (_, changes) => {
    const because = 'what led to its flag was not seen good in the last reviews';
    expect(act({ ...ours, ...changes })).toEqual({ do: 'nothing', because });
  });
  it('is left as it is when an interlock refuses', () => {
    expect(act(ours, held)).toMatchObject({ do: 'nothing', rules: ['changeBudget'] });
  });
});

describe('the changes of several replicas', () => {
  const plan = (replicas: readonly ReplicaState[], recentChanges: readonly string[] = []) =>
    planChanges(replicas, {
      registry: { minimumRoutable: 0 },
      rules: someRules({ changesPerHour: 1, holdDownMs: hourMs }),
      recentChanges,
      ...{ home: 'eastus', isCommonCause: false, controlPlaneError: undefined, now: minute(60) },
    });
  const flaggedAt = (name: string, since: number) => aReplicaState(name, flagged(minuteText(since)));
  const back = (name: string, since: number) =>
    aReplicaState(name, { ...ours, verdict: { ...flagged(minuteText(since)).verdict, flagged: false } });

  it.each<[string, ReplicaState[], string]>([
    ['the oldest flag', [flaggedAt('eastus', 2), flaggedAt('westus', 1)], 'westus'],
    ['… also when it comes first', [flaggedAt('westus', 1), flaggedAt('eastus', 2)], 'westus'],
    ['of two as old the first by name', [flaggedAt('westus', 1), flaggedAt('eastus', 1)], 'eastus'],
    ['one that is switched on', [flaggedAt('eastus', 1), back('westus', 2)], 'westus'],
  ])('begin with %s, and the budget holds the other', (_, replicas, first) => {
    const planned = plan(replicas);
    expect(planned.replicas.map(({ name }) => name)).toEqual(replicas.map(({ name }) => name));
    for (const { name, action, intent } of planned.replicas) {
      if (name === first) expect(intent).toMatchObject({ at: minuteText(60), outcome: 'pending' });
      else expect(action.rules).toEqual(['changeBudget']);
    }
    expect(planned.recentChanges).toEqual([minuteText(60)]);
  });

  it('are none for a replica that is as it should be, which has no interlocks either', () => {
    const replica = aReplicaState('westus', { interlocks: held });
    const { replicas, recentChanges } = plan([replica], [minuteText(59)]);
    expect(replicas).toEqual([
      { ...replica, interlocks: [], action: { do: 'nothing', because: 'its routing is correct' } },
    ]);
    expect(recentChanges).toEqual([minuteText(59)]);
  });
});
