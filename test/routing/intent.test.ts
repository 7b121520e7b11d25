import { describe, expect, it } from 'vitest';
import { changesInLastHour, lastChangeAt, newIntent, withOutcome } from '../../src/routing/intent.ts';
import type { Intent, ReplicaState } from '../../src/routing/state.ts';
import { aReplicaState, minute, minuteText } from './fixtures.ts';

const change = (changes: Partial<Intent> = {}): Intent => ({
  ...{ to: 'disabled', at: minuteText(0), outcome: 'pending' },
  ...changes,
});

describe('a planned change', () => {
  it.each<[string, Intent | undefined, string | undefined]>([
    ['the first one', undefined, undefined],
    ['one that follows another to the same end', change({ outcome: 'failed' }), minuteText(0)],
    ['… and that one a third', change({ outcome: 'notSent', firstAt: minuteText(-9) }), minuteText(-9)],
    ['one after one that took effect', change({ outcome: 'done' }), undefined],
    ['one to the other end', change({ to: 'enabled', outcome: 'failed' }), undefined],
  ])('remembers when it was tried first: %s', (_, before, firstAt) => {
    expect(newIntent('disabled', minuteText(1), before)).toEqual(change({ at: minuteText(1), firstAt }));
  });
});

describe('the outcome of a change', () => {
  const sent = aReplicaState('westus', { intent: change({ detail: 'no answer in time' }) });
  it('keeps what was known of it, unless there is news', () => {
    expect(withOutcome(sent, 'failed').intent?.detail).toBe('no answer in time');
    expect(withOutcome(sent, 'failed', '409').intent?.detail).toBe('409');
  });
  it('is nothing of a replica that was never changed', () => {
    const replica = aReplicaState('westus');
    expect(withOutcome(replica, 'done')).toBe(replica);
  });
});

describe('the last change of a replica', () => {
  it.each<[string, Partial<ReplicaState>, string | undefined]>([
    ['there was none', {}, undefined],
    ['evenkeel’s', { intent: change() }, minuteText(0)],
    ['not one that was never made', { intent: change({ outcome: 'refused' }) }, undefined],
    ['a reversal after it', { intent: change(), reversedAt: minuteText(1) }, minuteText(1)],
    ['evenkeel’s after a reversal', { intent: change(), reversedAt: minuteText(-1) }, minuteText(0)],
  ])('is %s', (_, replica, expected) => {
    expect(lastChangeAt(aReplicaState('westus', replica))).toBe(expected);
  });
});

it('the change budget is for an hour', () => {
  const times = [-61, -60, -59, 0].map(minuteText);
  expect(changesInLastHour(times, minute(0))).toEqual(times.slice(2));
});
