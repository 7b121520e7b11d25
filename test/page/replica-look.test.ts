import { describe, expect, it } from 'vitest';
import { flaggedReplica, replica } from '../../scripts/status-page/sample-parts.ts';
import { holdingWords, replicaLook, wantedCommand } from '../../src/page/replica-look.ts';

describe('a replica on the page', () => {
  it.each([
    ['ok', true, false, 'routed', 'off'],
    ['ok', false, false, 'off', 'on'],
    ['ok', null, false, 'not known', 'off'],
    ['flagged', true, false, 'flagged', 'off'],
    ['flagged', false, false, 'flagged, off', 'on'],
    ['flagged', null, false, 'flagged', 'off'],
    ['flagged', true, true, 'contested', 'off'],
  ] as const)('that is %s, routed %s, contested %s, is "%s", and the command is to put it %s', (...given) => {
    const [verdict, routed, fight, words, command] = given;
    expect(replicaLook({ verdict, routed, fight }).words).toBe(words);
    expect(wantedCommand({ routed })).toBe(command);
  });

  it('says which interlocks hold a change, or would', () => {
    const { interlocks } = flaggedReplica('myregistry', 'westus');
    const held = { interlocks: [...interlocks], verdict: 'flagged' as const, disabledByUs: false };
    expect(holdingWords(held)).toBe('Held by 1 of 7 interlocks');
    expect(holdingWords({ ...held, verdict: 'ok', disabledByUs: true })).toBe('Held by 1 of 7 interlocks');
    expect(holdingWords({ ...held, verdict: 'ok' })).toBe('1 of 7 interlocks would refuse a change');
    expect(holdingWords({ ...held, disabledByUs: true })).toBe('1 of 7 interlocks would refuse a change');
    const { interlocks: none } = replica('myregistry', 'westus');
    expect(holdingWords({ ...held, interlocks: [...none] })).toBe('Every interlock passes');
  });
});
