import { describe, expect, it } from 'vitest';
import { planAction } from '../../src/routing/plan.ts';
import type { Interlock, ReplicaState } from '../../src/routing/state.ts';
import { aReplicaState, flagged, minuteText, someRules } from './fixtures.ts';

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
