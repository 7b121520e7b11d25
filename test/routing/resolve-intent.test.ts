import { describe, expect, it } from 'vitest';
import type { Replica } from '../../src/registries/replica.ts';
import { stampOf, tagName } from '../../src/routing/ownership-tag.ts';
import { resolveIntent } from '../../src/routing/resolve-intent.ts';
import type { Intent, ReplicaState } from '../../src/routing/state.ts';
import { aReplica, aReplicaState, flagged, minute, minuteText, someRules } from './fixtures.ts';

const rules = someRules();
const at = minuteText(0);
const toOff = (outcome: Intent['outcome']): Partial<ReplicaState> => ({
  intent: { to: 'disabled', at, outcome },
});
const toOn = (outcome: Intent['outcome']): Partial<ReplicaState> => ({
  disabledByUs: true,
  intent: { to: 'enabled', at, outcome },
});
const on: Partial<Replica> = {};
const off: Partial<Replica> = { globalRouting: 'disabled' };
const stamped: Partial<Replica> = { ...off, tags: { [tagName]: stampOf({ to: 'disabled', at }) } };
const busy: Partial<Replica> = { provisioningState: 'Updating' };
const soon = minute(0.5);
const later = minute(1);

const resolved = (before: Partial<ReplicaState>, seen: Partial<Replica>, now = later) =>
  resolveIntent(aReplicaState('westus', before), aReplica('westus', seen), rules, now);

describe('the last change', () => {
  it.each<[string, Partial<ReplicaState>, Partial<Replica>, Date, string, boolean]>([
    ['took effect before its run crashed', toOff('pending'), stamped, soon, 'done', true],
    ['took effect after no answer', toOff('uncertain'), stamped, soon, 'done', true],
    ['came to its end after it was accepted', toOff('running'), off, soon, 'done', true],
    ['is in progress', toOff('running'), busy, later, 'running', false],
    ['may still be made by its run', toOff('pending'), on, soon, 'pending', false],
    ['may still be made: clocks differ', toOff('pending'), on, minute(0.74), 'pending', false],
    ['was never sent', toOff('pending'), on, later, 'notSent', false],
    [
      'was never sent, once the time of its run and the difference of two clocks are over',
      ...([toOff('pending'), on, minute(0.75), 'notSent', false] as const),
    ],
    ['had no effect', toOff('uncertain'), on, later, 'failed', false],
    ['failed at Azure', toOff('running'), { provisioningState: 'Failed' }, later, 'failed', false],
    ['was somebody else’s', toOff('pending'), off, later, 'notSent', false],
    ['may be somebody else’s while its run may still make it', toOff('pending'), off, soon, 'pending', false],
    ['came late', toOff('notSent'), stamped, later, 'done', true],
    ['was not made, and somebody else made one', toOff('notSent'), off, later, 'notSent', false],
    ['was made', toOff('done'), off, later, 'done', false],
    [
      'stays pending while Azure does not report whether the replica is routed',
      toOff('pending'),
      { globalRouting: 'unknown' },
      later,
      'pending',
      false,
    ],
    ['switched it on', toOn('pending'), on, soon, 'done', false],
    ['switched it on, late', toOn('notSent'), on, later, 'done', false],
    ['did not switch it on', toOn('uncertain'), stamped, later, 'failed', true],
    ['did not switch it on: it was never sent', toOn('pending'), stamped, later, 'notSent', true],
  ])('%s', (_, before, seen, now, outcome, disabledByUs) => {
    const { replica } = resolved(before, seen, now);
    expect(replica.intent?.outcome).toBe(outcome);
    expect(replica.disabledByUs).toBe(disabledByUs);
    expect(replica.reversals).toBe(0);
  });

  it('is reported once', () => {
    const first = resolved(toOff('pending'), stamped);
    expect(first.resolutions).toEqual(['finished']);
    expect(resolveIntent(first.replica, aReplica('westus', stamped), rules, later).resolutions).toEqual([]);
  });
});

describe('a replica that evenkeel switched off', () => {
  const ours = { ...flagged(), disabledByUs: true, ...toOff('done') };
  it('stays ours when somebody removes the tag', () => {
    expect(resolved(ours, off).replica).toMatchObject({ disabledByUs: true, reversals: 0 });
  });
  it('is reversed when it is routed again, and is no longer ours', () => {
    const { replica, resolutions } = resolved(ours, on);
    expect(resolutions).toEqual(['reversed']);
    expect(replica).toMatchObject({ disabledByUs: false, reversals: 1, reversedAt: minuteText(1) });
    expect(resolved(replica, on).resolutions).toEqual([]);
  });
  it('is also reversed between the acceptance of a change and the next review', () => {
    const { replica, resolutions } = resolved({ ...flagged(), ...toOff('running') }, on);
    expect(resolutions).toEqual(['failed', 'reversed']);
    expect(replica).toMatchObject({ disabledByUs: false, reversals: 1 });
    // It had only been slow.
    expect(resolveIntent(replica, aReplica('westus', stamped), rules, later).replica.disabledByUs).toBe(true);
  });
  it.each<[string, Intent['outcome'], Partial<Replica>, Date, string[]]>([
    ['was not accepted', 'uncertain', on, later, ['failed']],
    ['failed at Azure', 'running', { provisioningState: 'Failed' }, later, ['failed']],
    ['may still come', 'running', on, soon, []],
  ])('is not reversed by a change that %s', (_, outcome, seen, now, expected) => {
    const { replica, resolutions } = resolved({ ...flagged(), ...toOff(outcome) }, seen, now);
    expect(resolutions).toEqual(expected);
    expect([replica.reversals, replica.reversedAt]).toEqual([0, undefined]);
  });
  it('is not reversed when Azure does not report whether it is routed', () => {
    expect(resolved(ours, { globalRouting: 'unknown' }).replica).toMatchObject({
      disabledByUs: true,
      reversals: 0,
    });
  });
  it('belongs to whoever switches it on after its flag was cleared', () => {
    const { replica, resolutions } = resolved({ disabledByUs: true, ...toOff('done') }, on);
    expect(resolutions).toEqual([]);
    expect(replica).toMatchObject({ disabledByUs: false, reversals: 0, reversedAt: minuteText(1) });
  });
});

describe('a contest', () => {
  const reversedTwice = { ...flagged(), disabledByUs: true, reversals: 2, ...toOff('done') };
  const contested = resolved(reversedTwice, { lastModifiedBy: 'terraform' });
  const resume = (value: string): Partial<Replica> => ({ tags: { 'EVENKEEL:globalrouting': value } });
  it('begins with the last reversal that the setting allows, and names the last writer', () => {
    expect(contested.resolutions).toEqual(['reversed', 'contested']);
    expect(contested.replica.contested).toEqual({ since: minuteText(1), lastModifiedBy: 'terraform' });
  });
  it('begins once, however often the replica is reversed then', () => {
    const again = { ...contested.replica, disabledByUs: true };
    expect(resolved(again, on).resolutions).toEqual(['reversed']);
  });
  it('is what a resume ends, and nothing else', () => {
    const { replica, resolutions } = resolved({ ...flagged(), reversals: 2 }, resume('resume'));
    expect(resolutions).toEqual([]);
    expect([replica.reversals, replica.resumedBy]).toEqual([2, undefined]);
  });
  it('continues until an operator writes resume into the tag', () => {
    expect(resolved(contested.replica, on).replica.contested).toBeDefined();
    const { replica, resolutions } = resolved(contested.replica, resume('resume-1'));
    expect(resolutions).toEqual(['resumed']);
    expect(replica).toMatchObject({ reversals: 0, contested: undefined });
  });
  it('is not ended by the same value again, which infrastructure code may keep writing', () => {
    const { replica } = resolved(contested.replica, resume('resume-1'));
    const again = { ...replica, reversals: 3, contested: { since: minuteText(9) } };
    expect(resolved(again, resume('resume-1')).resolutions).toEqual([]);
    expect(resolved(again, resume('Resume-2')).resolutions).toEqual(['resumed']);
  });
});
