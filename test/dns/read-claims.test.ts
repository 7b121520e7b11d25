import { describe, expect, it } from 'vitest';
import { claimReader } from '../../src/dns/read-claims.ts';
import type { ObservedRecordSet } from '../../src/dns/record-set.ts';
import { aKey, groupId, ownA, ownerMark, ownPtr, ptrKey, recordSet, zones } from './fixtures.ts';
import { InMemoryAzure } from './in-memory-azure.ts';

const owner = groupId('web');
const elsewhere = groupId('web', 'rg-not-mapped');
const noLabel = groupId('a_b');
const here = '10.1.0.4';
const deadline = { signal: new AbortController().signal, remainingMs: () => 25_000 };

describe('the claim on a record set whose owner shows no address and no network', () => {
  /** What is read of a set, in a world that has it and others. */
  async function claimOn(set: ObservedRecordSet, others: readonly ObservedRecordSet[] = [], of = owner) {
    const azure = new InMemoryAzure();
    azure.put(set, ...others);
    azure.groups.set(of.key, { kind: 'unaddressed', reason: 'noNetwork' });
    const live = { kind: 'addressed', address: here, isRunning: true } as const;
    const read = claimReader(groupId('api'), live, zones, azure.ports, deadline);
    return read({ key: set.key, observed: azure.find(set.key) });
  }

  it.each<[what: string, set: ObservedRecordSet, others: readonly ObservedRecordSet[]]>([
    ['is its own A record set', ownA(owner, here), []],
    ['is a PTR, while its own A record set is there', ownPtr(owner, here), [ownA(owner, here)]],
  ])('is not known where it %s', async (_, set, others) => {
    await expect(claimOn(set, others)).rejects.toThrow('it shows no address and no network');
  });

  it.each<[what: string, set: ObservedRecordSet, others: readonly ObservedRecordSet[], of: typeof owner]>([
    ['is a PTR, and its own A record set is not there', ownPtr(owner, here), [], owner],
    [
      'is an A record set under another name, whatever is there under its own',
      { ...ownA(owner, here), key: { ...aKey(owner), name: 'web-before' } },
      [ownA(owner, here)],
      owner,
    ],
    ['is of a group whose name is no DNS label', ownPtr(noLabel, here), [ownA(noLabel, here)], noLabel],
    [
      'is of a group that the zone map does not cover',
      recordSet(ptrKey(here), ['web.example.com.'], { metadata: ownerMark(elsewhere) }),
      [],
      elsewhere,
    ],
  ])('is none where it %s', async (_, set, others, of) => {
    expect((await claimOn(set, others, of)).claimedSet).toBeUndefined();
  });
});
