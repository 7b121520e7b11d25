import { describe, expect, it } from 'vitest';
import { describeChange } from '../../../src/dns/change.ts';
import { planOwnerRemoval } from '../../../src/dns/prune/plan-removal.ts';
import type { ObservedRecordSet, ZoneId } from '../../../src/dns/record-set.ts';
import { aKey, groupId, hostOf, now, ownA, ownerMark, ptrKey, recordSet } from '../fixtures.ts';

const web = groupId('web');
const here = '10.1.0.4';
const there = '10.2.0.9';
const name = hostOf(web);
const a = ownA(web, here);
const ptr = (...values: readonly string[]): ObservedRecordSet =>
  recordSet(ptrKey(here), values, { metadata: { ...ownerMark(web), note: 'kept' } });

const zone = (reverse: string): ZoneId => ({ subscriptionId: 's', resourceGroup: 'rg', name: reverse });
function planned(recordSets: readonly ObservedRecordSet[], unreadZones: readonly ZoneId[] = []) {
  const { changes, left } = planOwnerRemoval({ owner: web, recordSets, unreadZones, now });
  return {
    changes: changes.map(describeChange),
    left: left.map(({ recordSet: { key }, reason }) => `${key.type}: ${reason}`),
  };
}

const deleteA = `delete A ${name} ${here}`;
const deletePtr = (values: string) => `delete PTR 4.0.1.10.in-addr.arpa ${values}`;

describe('the removal of the record sets of one owner', () => {
  it('takes PTR record sets first and A last, in whatever order they were found', () => {
    const expected = { changes: [deletePtr(`${name}.`), deleteA], left: [] };
    expect(planned([a, ptr(`${name}.`)])).toEqual(expected);
    expect(planned([ptr(`${name}.`), a])).toEqual(expected);
  });

  it.each<[string, readonly string[], string]>([
    ['the only name, whatever it is', ['other.example.'], deletePtr('other.example.')],
    ['no name', [], deletePtr('(empty)')],
  ])('deletes a PTR with %s', (_, values, change) => {
    expect(planned([ptr(...values)]).changes).toEqual([change]);
  });

  it('deletes a PTR that has only names of A record sets of the owner', () => {
    const second = recordSet({ ...aKey(web), name: 'blue' }, [here], { metadata: ownerMark(web) });
    const values = [`${name}.`, `BLUE.${aKey(web).zone.name}.`];
    expect(planned([a, second, ptr(...values)]).changes[0]).toMatch(/^delete PTR /);
  });

  it('takes its name out of a PTR that others share, and its mark with it', () => {
    const from = ptr(`${name}.`, 'web.other.example.');
    const { changes, left } = planOwnerRemoval({ owner: web, recordSets: [a, from], unreadZones: [], now });
    expect(left).toEqual([]);
    expect(changes[0]).toEqual({
      action: 'update',
      from,
      to: { values: ['web.other.example.'], ttlSeconds: from.ttlSeconds, metadata: { note: 'kept' } },
    });
    expect(changes.map(describeChange)[1]).toBe(deleteA);
  });

  it('goes by the name of the group where no A record set is left that says it', () => {
    const { changes } = planned([ptr(`WEB.old.example.`, 'db.old.example.')]);
    expect(changes).toEqual([
      'update PTR 4.0.1.10.in-addr.arpa WEB.old.example. db.old.example. -> db.old.example.',
    ]);
  });

  it.each([
    ['none begins with the name of the group', ['db.old.example.', 'api.old.example.']],
    ['two begin with the name of the group', ['web.old.example.', 'web.new.example.']],
  ])('leaves a PTR of several names when %s, and A with it', (_, values) => {
    const onlyPtr = planned([ptr(...values)]);
    expect(onlyPtr.changes).toEqual([]);
    expect(onlyPtr.left).toEqual([expect.stringContaining('PTR: it holds several names')]);
    const elsewhere = recordSet({ ...aKey(web), name: 'blue' }, [here], { metadata: ownerMark(web) });
    expect(planned([elsewhere, ptr(...values)])).toEqual({
      changes: [],
      left: [onlyPtr.left[0], 'A: a PTR record set of its owner has to go first'],
    });
  });

  it.each([
    ['the address that A points at', ownA(web, here), '1.10.in-addr.arpa'],
    [
      'an address that A remembers',
      ownA(web, here, { previous: `${there}@${now.toISOString()}` }),
      '2.10.in-addr.arpa',
    ],
  ])('leaves A when a zone could not be read that covers %s', (_, set, unread) => {
    expect(planned([set], [zone(unread)])).toEqual({
      changes: [],
      left: [`A: its PTR may be in ${unread}, which could not be read`],
    });
    expect(planned([set], [zone('168.192.in-addr.arpa')])).toEqual({ changes: [deleteA], left: [] });
  });
});
