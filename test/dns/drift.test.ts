import { describe, expect, it } from 'vitest';
import { type DriftFinding, findDrift } from '../../src/dns/drift.ts';
import type { ObservedRecordSet, RecordSetKey } from '../../src/dns/record-set.ts';
import { aKey, groupId, hostOf, ptrKey, recordSet } from './fixtures.ts';

const web = groupId('web');
const host = hostOf(web);
const slot = (key: RecordSetKey, values: readonly string[] | undefined) => ({
  key,
  observed: values && (recordSet(key, values) satisfies ObservedRecordSet),
});
const absent = undefined;
const uncovered = 'uncovered';

describe('the finding at a group with the address 10.1.0.4', () => {
  it.each<[DriftFinding, readonly string[] | undefined, readonly string[] | undefined | typeof uncovered]>([
    ['first_seen', absent, absent],
    ['first_seen', [], [`${host}.`]],
    ['first_seen', absent, ['other.contoso.com.']],
    ['drift_detected', ['10.1.0.5'], [`${host}.`]],
    ['drift_detected', ['10.1.0.4', '10.1.0.5'], [`${host}.`]],
    ['drift_detected', ['10.1.0.5'], absent],
    ['ptr_missing', ['10.1.0.4'], absent],
    ['ptr_missing', ['10.1.0.4'], []],
    ['ptr_differs', ['10.1.0.4'], ['other.contoso.com.']],
    ['ptr_differs', ['10.1.0.4'], [`${host}.`, 'other.contoso.com.']],
    ['ptr_differs', ['10.1.0.4'], [`${host}.`, `${host}.`]],
    ['no_change', ['10.1.0.4'], [`${host}.`]],
    ['no_change', ['10.1.0.4'], [host.toUpperCase()]],
    ['no_change', ['10.1.0.4'], uncovered],
  ])('is %s when A says %j and the PTR %j', (finding, a, ptr) => {
    const observation = {
      live: { kind: 'addressed', address: '10.1.0.4', isRunning: true },
      hostName: host,
      a: slot(aKey(web), a),
      ptr: ptr === uncovered ? undefined : slot(ptrKey('10.1.0.4'), ptr),
    } as const;
    expect(findDrift(observation)).toBe(finding);
  });
});

describe('the finding at a group without an address', () => {
  it.each<[DriftFinding, readonly string[] | undefined]>([
    ['drift_detected', ['10.1.0.4']],
    ['no_change', absent],
    ['no_change', []],
  ])('is %s when A says %j', (finding, a) => {
    const live = { kind: 'unaddressed', reason: 'gone' } as const;
    expect(findDrift({ live, hostName: host, a: slot(aKey(web), a), ptr: undefined })).toBe(finding);
  });
});
