import { describe, expect, it } from 'vitest';
import { observe, type ReconcileTarget } from '../../src/dns/observe.ts';
import type { ObservedRecordSet, RecordSetKey } from '../../src/dns/record-set.ts';
import {
  aKey,
  groupId,
  hostOf,
  now,
  ownA,
  ownerMark,
  ownPtr,
  ptrKey,
  recordSet,
  spokeOf,
  zones,
} from './fixtures.ts';
import { InMemoryAzure } from './in-memory-azure.ts';

const web = groupId('web');
const here = '10.1.0.4';
const there = '10.1.0.5';
const before: RecordSetKey = { ...aKey(web), name: 'web-before' };
const deadline = { signal: new AbortController().signal, remainingMs: () => 25_000 };

const targetOf = (named: Partial<ReconcileTarget>): ReconcileTarget => ({
  ...{ group: web, spoke: spokeOf(web), zones, hints: [], recordSets: [] },
  foreignRecords: 'refuse',
  policy: 'sync',
  ...named,
});
const portsOf = (azure: InMemoryAzure) => ({ ...azure.ports, clock: { now: () => now } });

/** What is observed of a group that has its record sets, and others that an event names. */
async function observed(
  named: { readonly hints?: readonly string[]; readonly recordSets?: readonly RecordSetKey[] },
  others: readonly ObservedRecordSet[] = [],
  refused?: RecordSetKey,
) {
  const azure = new InMemoryAzure();
  azure.address(web, here);
  azure.put(ownA(web, here), ownPtr(web, here), ...others);
  azure.before = (call) => {
    if (call.kind === 'read' && call.key.name === refused?.name) throw new Error('the zone is locked');
  };
  const { input } = await observe(targetOf(named), [], portsOf(azure), deadline);
  return input;
}
const keysOf = (slots: readonly { readonly key: RecordSetKey }[]) => slots.map(({ key }) => key);

describe('the observation of a group', () => {
  it('says which of the record sets that an event names could not be read', async () => {
    const { unread, misplaced } = await observed({ recordSets: [before] }, [], before);
    expect(keysOf(unread)).toEqual([before]);
    expect(misplaced).toEqual([]);
  });

  it.each<[what: string, set: ObservedRecordSet, isKnown: boolean]>([
    ['knows the address of its own A record set', ownA(web, there), true],
    [
      'knows none of one that the platform registered',
      { ...ownA(web, there), isAutoRegistered: true },
      false,
    ],
    [
      'knows none of one of another group',
      { ...ownA(web, there), metadata: ownerMark(groupId('api')) },
      false,
    ],
  ])('that is gone %s', async (_, a, isKnown) => {
    const azure = new InMemoryAzure();
    azure.put(a, ownPtr(web, there));
    const { known, input } = await observe(targetOf({}), [], portsOf(azure), deadline);
    expect([known, keysOf(input.old)]).toEqual(isKnown ? [[there], [ptrKey(there)]] : [[], []]);
  });

  const marked = { metadata: ownerMark(web) };
  const oldName = `web-before.${before.zone.name}.`;
  it.each<[what: string, set: ObservedRecordSet, isLeftOver: boolean]>([
    [
      'is left over where it is ours and has the name that went',
      recordSet(ptrKey(there), [oldName], marked),
      true,
    ],
    [
      'is an old one where it is ours and has the name that stays',
      recordSet(ptrKey(there), [`${hostOf(web)}.`], marked),
      false,
    ],
    [
      'is an old one where it has the name that went, and is not ours',
      recordSet(ptrKey(there), [oldName]),
      false,
    ],
  ])('has a PTR of an old address, that %s', async (_, set, isLeftOver) => {
    const { old, misplaced } = await observed({ hints: [there], recordSets: [before] }, [set]);
    expect([keysOf(old), keysOf(misplaced)]).toEqual(isLeftOver ? [[], [set.key]] : [[set.key], []]);
  });
});
