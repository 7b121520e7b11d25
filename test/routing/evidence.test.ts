import { describe, expect, it } from 'vitest';
import { isCommonCause, lateImagesOf, policyOf, provisioningOf } from '../../src/routing/evidence.ts';
import {
  alive,
  aReplica,
  failing,
  lateImages,
  minute,
  minuteText,
  never,
  off,
  start,
  throttled,
  unknown,
} from './fixtures.ts';

describe('the evidence', () => {
  it('counts the time in a provisioning state from the first review that saw it', () => {
    const updating = aReplica('westus', { provisioningState: 'Updating' });
    const first = provisioningOf(updating, undefined, minuteText(0));
    const second = provisioningOf(updating, first, minuteText(1));
    expect(second.since).toBe(minuteText(0));
    expect(provisioningOf(aReplica('westus'), second, minuteText(2)).since).toBe(minuteText(2));
  });

  it('clips long texts from Azure', () => {
    const chatty = aReplica('westus', { statusMessage: 'x'.repeat(10_000) });
    expect(provisioningOf(chatty, undefined, minuteText(0))).toEqual({
      ...{ state: 'Succeeded', displayStatus: 'Ready', message: `${'x'.repeat(159)}…`, since: minuteText(0) },
    });
  });

  it('counts the late images of a region, unless they are unknown', () => {
    const counts = lateImages({ westus: 4, eastus: 1 }, { japaneast: 2 });
    expect(lateImagesOf(counts, 'japaneast')).toEqual({ late: 0, lateInRegistry: 5, uncounted: 2 });
    expect(lateImagesOf(counts, 'westus')).toEqual({ late: 4, lateInRegistry: 5 });
    expect(lateImagesOf(counts, 'uksouth')).toEqual({ late: 0, lateInRegistry: 5 });
    expect(lateImagesOf(undefined, 'westus')).toBeNull();
  });

  it.each([
    ['before its window', [off('westus', minute(1), minute(9))], null],
    ['from its beginning', [off('westus', minute(0), minute(9))], { routing: 'off', until: minuteText(9) }],
    ['at its end', [off('westus', minute(-9), minute(0))], null],
    ['in another region', [never('eastus')], null],
    [
      'in two windows',
      [off('westus', minute(-1), minute(2)), off('westus', minute(-1), minute(5))],
      { routing: 'off', until: minuteText(5) },
    ],
    [
      'in a window of a region that never routes',
      [off('westus', minute(-1), minute(2)), never('westus')],
      { routing: 'never' },
    ],
  ])('of a policy %s is right', (_, rules, expected) => {
    expect(policyOf(rules, 'westus', start)).toEqual(expected);
  });
});

describe('a common cause', () => {
  it.each([
    ['all of two fail', [failing, failing], true],
    ['all of three fail', [failing, failing, failing], true],
    ['all that can be probed fail', [failing, failing, unknown], true],
    ['one is alive', [failing, failing, alive], false],
    ['one is throttled', [failing, failing, throttled], false],
    ['there is only one', [failing], false],
    ['only one can be probed', [failing, unknown], false],
    ['none can be probed', [unknown, unknown], false],
  ])('when %s: %j', (_, reachabilities, expected) => {
    expect(isCommonCause(reachabilities)).toBe(expected);
  });
});
