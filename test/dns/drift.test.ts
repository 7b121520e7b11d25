import { describe, expect, it } from 'vitest';
import { type DriftFinding, findDrift, trackDrift } from '../../src/dns/drift.ts';
import type { ObservedRecordSet, RecordSetKey } from '../../src/dns/record-set.ts';
import { deadlineIn } from '../../src/lib/deadline.ts';
import { aKey, groupId, hostOf, ownA, ownPtr, ptrKey, recordSet, spokeOf } from './fixtures.ts';
import { InMemoryAzure } from './in-memory-azure.ts';

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

describe('an observation of a group', () => {
  const track = (azure: InMemoryAzure) => trackDrift(web, spokeOf(web), azure.ports, deadlineIn(10_000));
  const base = { hostname: 'web', zone: aKey(web).zone.name, isPtrUnread: false, isNameUnusable: false };

  it('takes three reads, and tells the live address and that of its record', async () => {
    const azure = new InMemoryAzure();
    azure.address(web, '10.1.0.4');
    azure.put(ownA(web, '10.1.0.4'), ownPtr(web, '10.1.0.4', { values: ['x.'] }));
    expect(await track(azure)).toEqual({
      ...base,
      finding: 'ptr_differs',
      liveAddress: '10.1.0.4',
      recordAddress: '10.1.0.4',
    });
    expect(azure.cost).toEqual({ reads: 3, writes: 0, requeueQueue: 0 });
  });

  it('goes by A alone where the PTR cannot be read, and says so', async () => {
    const azure = new InMemoryAzure();
    azure.address(web, '10.1.0.4');
    azure.put(ownA(web, '10.1.0.4', {}, { values: ['10.1.0.4', '10.1.0.5'] }));
    azure.before = (call) => {
      if (call.kind === 'read' && call.key.type === 'PTR') throw new Error('403');
    };
    expect(await track(azure)).toEqual({
      ...base,
      finding: 'drift_detected',
      liveAddress: '10.1.0.4',
      recordAddress: '10.1.0.4,10.1.0.5',
      isPtrUnread: true,
    });
  });

  it.each([
    ['an empty A record set', [recordSet(aKey(web), [])]],
    ['no A record set', []],
  ])('of a group that is gone, with %s, has neither address', async (_, sets) => {
    const azure = new InMemoryAzure();
    azure.put(...sets);
    expect(await track(azure)).toEqual({
      ...base,
      finding: 'no_change',
      liveAddress: null,
      recordAddress: null,
    });
  });
});
