import { describe, expect, it } from 'vitest';
import { flaggedReplica, replica } from '../../scripts/status-page/sample-parts.ts';
import {
  commandWarning,
  interlockSummary,
  replicaState,
  suggestedCommand,
} from '../../src/page/replica-state.ts';

describe('a replica on the page', () => {
  it.each([
    ['ok', true, false, 'routed', 'off'],
    ['ok', false, false, 'off', 'on'],
    ['ok', null, false, 'unknown', 'off'],
    ['flagged', true, false, 'flagged', 'off'],
    ['flagged', false, false, 'flagged, off', 'on'],
    ['flagged', null, false, 'flagged', 'off'],
    ['flagged', true, true, 'contested', 'off'],
  ] as const)('that is %s, routed %s, contested %s, is "%s", and the command is to put it %s', (...given) => {
    const [verdict, routed, contested, words, command] = given;
    expect(replicaState({ verdict, routed, contested }).label).toBe(words);
    expect(suggestedCommand({ routed })).toBe(command);
  });

  it('says which interlocks hold a change, or would', () => {
    const { interlocks } = flaggedReplica('myregistry', 'westus');
    const held = { interlocks: [...interlocks], verdict: 'flagged' as const, disabledByUs: false };
    expect(interlockSummary(held)).toBe('Held by 1 of 7 interlocks');
    expect(interlockSummary({ ...held, verdict: 'ok', disabledByUs: true })).toBe(
      'Held by 1 of 7 interlocks',
    );
    expect(interlockSummary({ ...held, verdict: 'ok' })).toBe('1 of 7 interlocks would refuse a change');
    expect(interlockSummary({ ...held, disabledByUs: true })).toBe('1 of 7 interlocks would refuse a change');
    const { interlocks: none } = replica('myregistry', 'westus');
    expect(interlockSummary({ ...held, interlocks: [...none] })).toBe('Every interlock passes');
  });

  it('warns of a command that an interlock refuses, and names the interlock', () => {
    const { interlocks } = flaggedReplica('myregistry', 'westus');
    const held = { interlocks: [...interlocks], verdict: 'flagged', awaits: [] };
    expect(commandWarning(held, 'off')).toMatch(
      /^Do not run this yet. One interlock refuses it: [A-Z][a-z -]+ \(/,
    );
    expect(commandWarning({ ...held, interlocks: [] }, 'off')).toBeUndefined();
    expect(commandWarning({ ...held, verdict: 'ok' }, 'off')).toBeUndefined();
  });

  it('warns of putting back what is flagged, or what was not seen to be good', () => {
    const awaits = ['its regional endpoint has to answer 200 or 401'];
    const one = { interlocks: [], verdict: 'ok', awaits };
    expect(commandWarning({ ...one, verdict: 'flagged' }, 'on')).toContain('The replica is flagged');
    expect(commandWarning(one, 'on')).toBe(`Do not run this yet: ${awaits[0]}.`);
    expect(commandWarning({ ...one, awaits: [] }, 'on')).toBeUndefined();
  });
});
