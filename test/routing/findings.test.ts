import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isCommonCause, lateImagesOf, policyOf, provisioningOf } from '../../src/routing/evidence.ts';
import {
  findingsOf,
  findingTable,
  healthOf,
  raisesAtOnce,
  reasonsOf,
  stuckAfterMs,
} from '../../src/routing/findings.ts';
import type { Evidence } from '../../src/routing/state.ts';
import {
  alive,
  aReplica,
  failing,
  minute,
  minuteText,
  never,
  off,
  start,
  throttled,
  unknown,
} from './fixtures.ts';

const provisioned = { state: 'Succeeded', since: minuteText(0) };
const evidence = (changes: Partial<Evidence> = {}): Evidence => ({
  provisioning: provisioned,
  reachability: alive,
  lateImages: { late: 0, lateInRegistry: 0 },
  policy: null,
  ...changes,
});
const inState = (state: string, minutes = 0): Partial<Evidence> => ({
  provisioning: { state, since: minuteText(-minutes) },
});
const late = (count: number, lateInRegistry: number): Partial<Evidence> => ({
  lateImages: { late: count, lateInRegistry },
});
const stuckMinutes = stuckAfterMs / 60_000;

describe('a review', () => {
  it.each<[string, Partial<Evidence>, string]>([
    ['good', {}, 'provisioned'],
    ['good', inState('Updating', stuckMinutes - 1), 'updating'],
    ['inconclusive', inState('Creating', stuckMinutes - 1), 'creatingOrDeleting'],
    ['inconclusive', inState('Deleting'), 'creatingOrDeleting'],
    ['bad', inState('Creating', stuckMinutes), 'stuck'],
    ['bad', inState('Updating', stuckMinutes), 'stuck'],
    ['bad', inState('Failed'), 'failed'],
    ['good', inState('Canceled'), 'otherState'],
    ['inconclusive', { provisioning: null }, 'unread'],
    ['good', { reachability: alive }, 'alive'],
    ['good', { reachability: throttled }, 'throttled'],
    ['bad', { reachability: failing }, 'unreachable'],
    ['good', { reachability: unknown }, 'endpointUnknown'],
    ['inconclusive', { ...inState('Updating'), reachability: unknown }, 'endpointUnknown'],
    ['bad', { provisioning: null, reachability: failing }, 'unreachable'],
    ['good', late(0, 9), 'onTime'],
    ['good', late(2, 2), 'someLate'],
    ['good', late(3, 7), 'someLate'],
    ['bad', late(3, 6), 'mostLate'],
    ['good', { lateImages: null }, 'lateImagesUnknown'],
    ['good', { policy: { routing: 'never' } }, 'never'],
    ['good', { policy: { routing: 'off', until: minuteText(9) } }, 'maintenanceWindow'],
  ])('is %s after %j, which is found to be %s', (health, changes, kind) => {
    const findings = findingsOf(evidence(changes), start);
    expect(findings.map((finding) => finding.kind)).toContain(kind);
    expect(healthOf(findings)).toBe(health);
    expect(raisesAtOnce(findings)).toBe(kind === 'never' || kind === 'maintenanceWindow');
  });

  it('tells what speaks against the replica in sentences, with the causes of a stuck replication', () => {
    const bad = evidence({ ...inState('Creating', 40), ...late(4, 5), reachability: failing });
    expect(reasonsOf(findingsOf(bad, start))).toEqual([
      expect.stringMatching(/stuck.*permission on a private endpoint.*out of addresses: Creating, since/),
      'its regional endpoint is unavailable: 503',
      'it is falling behind on images: 4 of the 5 late images in the registry',
    ]);
    expect(reasonsOf(findingsOf(evidence({ reachability: throttled, ...late(1, 1) }), start))).toEqual([]);
  });
});

describe('docs/replica-evidence.md', () => {
  it('shows the table that the code works by', () => {
    const text = readFileSync(new URL('../../docs/replica-evidence.md', import.meta.url), 'utf8');
    const table = text.slice(text.indexOf('| evidence |')).split('\n\n', 1).join('');
    const rows = table.split('\n').slice(2);
    const expected = Object.values(findingTable).map(
      ({ evidence: kind, seen, effect, says }) => `| ${kind} | ${seen} | ${effect} | ${says} |`,
    );
    expect(rows).toEqual(expected);
  });
});

describe('the evidence', () => {
  it('counts the time in a provisioning state from the first review that saw it', () => {
    const updating = aReplica('westus', { provisioningState: 'Updating' });
    const first = provisioningOf(updating, undefined, minuteText(0));
    const second = provisioningOf(updating, first, minuteText(1));
    expect(second.since).toBe(minuteText(0));
    expect(provisioningOf(aReplica('westus'), second, minuteText(2)).since).toBe(minuteText(2));
  });

  it('keeps long texts of others short', () => {
    const chatty = aReplica('westus', { statusMessage: 'x'.repeat(10_000) });
    expect(provisioningOf(chatty, undefined, minuteText(0)).message?.length).toBeLessThan(200);
  });

  it('knows late images of a region only where somebody could tell', () => {
    const counts = new Map([
      ['westus', 4],
      ['eastus', 1],
    ]);
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
  ])('of policy %s is right', (_, rules, expected) => {
    expect(policyOf(rules, 'westus', start)).toEqual(expected);
  });
});

describe('a common cause', () => {
  it.each([
    ['all of two fail', [failing, failing], true],
    ['all of three fail', [failing, failing, failing], true],
    ['all fail that can be asked', [failing, failing, unknown], true],
    ['one is alive', [failing, failing, alive], false],
    ['one is throttled', [failing, failing, throttled], false],
    ['there is only one', [failing], false],
    ['only one can be asked', [failing, unknown], false],
    ['none can be asked', [unknown, unknown], false],
  ])('when %s: %j', (_, reachabilities, expected) => {
    expect(isCommonCause(reachabilities)).toBe(expected);
  });
});
