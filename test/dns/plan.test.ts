import { describe, expect, it } from 'vitest';
import { describeChange } from '../../src/dns/change.ts';
import { type PlanInput, planChanges, type Slot } from '../../src/dns/plan.ts';
import {
  fullName,
  type ObservedRecordSet,
  type RecordSetKey,
  recordSetId,
} from '../../src/dns/record-set.ts';
import {
  ago,
  aKey,
  groupId,
  hostOf,
  minuteMs,
  now,
  ownA,
  ownerMark,
  ownPtr,
  ptrKey,
  recordSet,
} from './fixtures.ts';

const web = groupId('web');
const api = groupId('api');
const here = '10.1.0.4';
const there = '10.1.0.9';
const host = `${hostOf(web)}.`;
const name = hostOf(web);

const slot = (key: RecordSetKey, observed?: ObservedRecordSet): Slot => ({ key, observed });
const aSlot = (observed?: ObservedRecordSet) => slot(aKey(web), observed);
const ptrSlot = (address: string, observed?: ObservedRecordSet) => slot(ptrKey(address), observed);

/** A live group at `here` whose records are right. */
const input = (overrides: Partial<PlanInput> = {}): PlanInput => ({
  groupKey: web.key,
  hostName: name,
  formerHostNames: [],
  address: here,
  ttlSeconds: 30,
  foreignRecords: 'overwrite',
  foreignRecordsAtA: overrides.foreignRecords ?? 'overwrite',
  policy: 'sync',
  a: aSlot(ownA(web, here)),
  ptr: ptrSlot(here, ownPtr(web, here)),
  old: [],
  misplaced: [],
  unread: [],
  touched: [],
  claimed: new Set(),
  now,
  ...overrides,
});
const planned = (overrides: Partial<PlanInput>) => planChanges(input(overrides)).changes.map(describeChange);
const blocked = (overrides: Partial<PlanInput>) =>
  planChanges(input(overrides)).blocked.map(({ reason, recordSet: { key } }) => `${reason} ${key.type}`);
const claimTo = (...keys: readonly RecordSetKey[]) => new Set(keys.map(recordSetId));

const theirA = recordSet(aKey(web), [there], { metadata: ownerMark(api) });
const foreignA = (address: string) => recordSet(aKey(web), [address]);
const theirPtr = recordSet(ptrKey(here), [`${hostOf(api)}.`], { metadata: ownerMark(api) });

const createA = `create A ${name} ${here}`;
const stampA = `update A ${name} ${here} (metadata only)`;
const moveA = `update A ${name} ${there} -> ${here}`;
const createPtr = `create PTR 4.0.1.10.in-addr.arpa ${host}`;

describe('while the group lives', () => {
  it.each<[string, Partial<PlanInput>, string[]]>([
    ['creates A, then the PTR', { a: aSlot(), ptr: ptrSlot(here) }, [createA, createPtr]],
    ['creates A where only A is absent', { a: aSlot() }, [createA]],
    ['leaves what is right alone', {}, []],
    ['stamps a right A anew before it creates the PTR', { ptr: ptrSlot(here) }, [stampA, createPtr]],
    ['moves A', { a: aSlot(ownA(web, there)) }, [moveA]],
    ['moves A, then creates the PTR', { a: aSlot(ownA(web, there)), ptr: ptrSlot(here) }, [moveA, createPtr]],
    ['writes a wrong time to live anew', { a: aSlot(ownA(web, here, {}, { ttlSeconds: 60 })) }, [stampA]],
    [
      'leaves one address of several',
      { a: aSlot(ownA(web, here, {}, { values: [here, there] })) },
      [`update A ${name} ${here} ${there} -> ${here}`],
    ],
    [
      'fills an empty A',
      { a: aSlot(ownA(web, here, {}, { values: [] })) },
      [`update A ${name} (empty) -> ${here}`],
    ],
    ['adopts a right foreign A', { a: aSlot(foreignA(here)) }, [stampA]],
    ['replaces a wrong foreign A', { a: aSlot(foreignA(there)) }, [moveA]],
    ["takes another group's A over that has no claim to it", { a: aSlot(theirA) }, [moveA]],
    [
      "leaves another group's A that has a claim to it",
      { a: aSlot(theirA), claimed: claimTo(aKey(web)) },
      [],
    ],
    [
      'leaves a foreign A under refuse, even a right one',
      { a: aSlot(foreignA(here)), foreignRecords: 'refuse' },
      [],
    ],
    ["leaves the platform's A", { a: aSlot(ownA(web, there, {}, { isAutoRegistered: true })) }, []],
    ['writes A only where no reverse zone covers the address', { a: aSlot(), ptr: undefined }, [createA]],
    [
      'stamps A and adopts a right foreign PTR',
      { ptr: ptrSlot(here, recordSet(ptrKey(here), [host])) },
      [stampA, `update PTR 4.0.1.10.in-addr.arpa ${host} (metadata only)`],
    ],
    [
      'lets its name stand alone in the PTR of its address',
      { ptr: ptrSlot(here, ownPtr(web, here, { values: [host, 'other.contoso.com.'] })) },
      [stampA, `update PTR 4.0.1.10.in-addr.arpa ${host} other.contoso.com. -> ${host}`],
    ],
    [
      'keeps the names of others in the PTR of its address where the policy takes none away',
      {
        policy: 'upsert-only',
        ptr: ptrSlot(here, ownPtr(web, here, { values: ['other.contoso.com.', host] })),
      },
      [],
    ],
    [
      'adds its name to those of others where the policy takes none away',
      { policy: 'upsert-only', ptr: ptrSlot(here, ownPtr(web, here, { values: ['other.contoso.com.'] })) },
      [stampA, `update PTR 4.0.1.10.in-addr.arpa other.contoso.com. -> other.contoso.com. ${host}`],
    ],
    [
      'leaves a foreign A at a name from a tag, and writes the PTR',
      {
        a: aSlot(foreignA(here)),
        foreignRecordsAtA: 'refuse',
        ptr: ptrSlot(here, recordSet(ptrKey(here), ['x.'])),
      },
      [`update PTR 4.0.1.10.in-addr.arpa x. -> ${host}`],
    ],
    [
      "takes another group's PTR over that has no claim to it",
      { ptr: ptrSlot(here, theirPtr) },
      [stampA, `update PTR 4.0.1.10.in-addr.arpa ${hostOf(api)}. -> ${host}`],
    ],
    [
      'compares host names without casing and final dot',
      { ptr: ptrSlot(here, ownPtr(web, here, { values: [name.toUpperCase()] })) },
      [],
    ],
  ])('%s', (_, overrides, changes) => {
    expect(planned(overrides)).toEqual(changes);
  });

  it.each<[string, Partial<PlanInput>, string[]]>([
    ["another group's A with a claim", { a: aSlot(theirA), claimed: claimTo(aKey(web)) }, ['claimed A']],
    ['a foreign A under refuse', { a: aSlot(foreignA(there)), foreignRecords: 'refuse' }, ['foreign A']],
    ["the platform's A", { a: aSlot(ownA(web, there, {}, { isAutoRegistered: true })) }, ['platform A']],
    [
      "another group's PTR with a claim",
      { ptr: ptrSlot(here, theirPtr), claimed: claimTo(ptrKey(here)) },
      ['claimed PTR'],
    ],
    [
      'a foreign PTR under refuse',
      { ptr: ptrSlot(here, recordSet(ptrKey(here), ['x.'])), foreignRecords: 'refuse' },
      ['foreign PTR'],
    ],
    [
      "the platform's PTR",
      { ptr: ptrSlot(here, ownPtr(web, here, { isAutoRegistered: true })) },
      ['platform PTR'],
    ],
  ])('reports %s as an blocked', (_, overrides, reported) => {
    expect(blocked(overrides)).toEqual(reported);
  });

  it('moves A although the PTR of its address is an blocked', () => {
    expect(
      planned({ a: aSlot(ownA(web, there)), ptr: ptrSlot(here, theirPtr), claimed: claimTo(ptrKey(here)) }),
    ).toEqual([moveA]);
  });

  it('does nothing at all when A is an blocked', () => {
    const overrides = {
      a: aSlot(foreignA(there)),
      ptr: ptrSlot(here),
      old: [ptrSlot(there, ownPtr(web, there))],
    };
    expect(planned({ ...overrides, foreignRecords: 'refuse' })).toEqual([]);
  });

  it('remembers what A shows, what it remembers and what earlier attempts touched', () => {
    const previous = `10.1.0.7@${ago(minuteMs).toISOString()}`;
    const [change] = planChanges(
      input({ a: aSlot(ownA(web, there, { previous })), touched: ['10.1.0.8'] }),
    ).changes;
    if (change?.action !== 'update') throw new Error('no update');
    expect(change.to.metadata).toEqual({
      evenkeelOwner: web.key,
      evenkeelPrevious: `10.1.0.7@${ago(minuteMs).toISOString()},10.1.0.8@${now.toISOString()},${there}@${now.toISOString()}`,
      evenkeelStamp: now.toISOString(),
    });
    expect(change.to.ttlSeconds).toBe(30);
  });

  it('keeps the metadata of others', () => {
    const metadata = { ...ownerMark(web), team: 'payments' };
    const [change] = planChanges(input({ a: aSlot(ownA(web, there, {}, { metadata })) })).changes;
    if (change?.action !== 'update') throw new Error('no update');
    expect(change.to.metadata).toMatchObject({ team: 'payments' });
  });
});

const oldPtr = 'PTR 9.0.1.10.in-addr.arpa';
const others = 'other.contoso.com.';

describe('at an old address of a live group', () => {
  const atOld = (observed?: ObservedRecordSet) => ({ old: [ptrSlot(there, observed)] });
  const foreign = (...values: string[]) => recordSet(ptrKey(there), values);
  const theirs = (...values: string[]) => recordSet(ptrKey(there), values, { metadata: ownerMark(api) });

  it.each<[string, Partial<PlanInput>, string[]]>([
    ['does nothing where there is no PTR', atOld(), []],
    ['deletes our PTR', atOld(ownPtr(web, there)), [`delete ${oldPtr} ${host}`]],
    ['deletes our empty PTR', atOld(ownPtr(web, there, { values: [] })), [`delete ${oldPtr} (empty)`]],
    [
      'takes our name out and leaves those of others',
      atOld(ownPtr(web, there, { values: [host, others] })),
      [`update ${oldPtr} ${host} ${others} -> ${others}`],
    ],
    [
      'takes our name out in whatever spelling',
      atOld(foreign(name.toUpperCase(), others)),
      [`update ${oldPtr} ${name.toUpperCase()} ${others} -> ${others}`],
    ],
    ['leaves our PTR that names others only', atOld(ownPtr(web, there, { values: [others] })), []],
    ['deletes a foreign PTR that names us only', atOld(foreign(host)), [`delete ${oldPtr} ${host}`]],
    ['leaves a foreign PTR that names others', atOld(foreign(others)), []],
    ['leaves an empty foreign PTR', atOld(foreign()), []],
    ['leaves a foreign PTR under refuse', { ...atOld(foreign(host)), foreignRecords: 'refuse' }, []],
    [
      "takes our name out of another group's PTR without a claim",
      atOld(theirs(host, others)),
      [`update ${oldPtr} ${host} ${others} -> ${others}`],
    ],
    [
      "leaves another group's PTR with a claim",
      { ...atOld(theirs(host, others)), claimed: claimTo(ptrKey(there)) },
      [],
    ],
    ["leaves the platform's PTR", atOld(ownPtr(web, there, { isAutoRegistered: true })), []],
  ])('%s', (_, overrides, changes) => {
    expect(planned(overrides)).toEqual(changes);
  });

  it.each<[string, Partial<PlanInput>, string[]]>([
    [
      'a foreign PTR that names us, under refuse',
      { ...atOld(foreign(host)), foreignRecords: 'refuse' },
      ['foreign PTR'],
    ],
    ['no foreign PTR that does not name us', { ...atOld(foreign(others)), foreignRecords: 'refuse' }, []],
    ["not another group's PTR with a claim", { ...atOld(theirs(host)), claimed: claimTo(ptrKey(there)) }, []],
    ["not the platform's PTR", atOld(ownPtr(web, there, { isAutoRegistered: true })), []],
  ])('reports %s', (_, overrides, reported) => {
    expect(blocked(overrides)).toEqual(reported);
  });

  it('drops the mark of a PTR that names others only, and keeps their metadata', () => {
    const metadata = { ...ownerMark(web), team: 'payments' };
    const [change] = planChanges(
      input(atOld(ownPtr(web, there, { values: [host, others], metadata, ttlSeconds: 7 }))),
    ).changes;
    if (change?.action !== 'update') throw new Error('no update');
    expect(change.to).toEqual({ values: [others], ttlSeconds: 7, metadata: { team: 'payments' } });
  });

  it("leaves another group's mark at the PTR that it takes our name out of", () => {
    const [change] = planChanges(input(atOld(theirs(host, others)))).changes;
    expect(change).toMatchObject({ to: { values: [others], metadata: ownerMark(api) } });
  });

  it('writes A first, then the PTR of the address, then those of old addresses', () => {
    const overrides = { a: aSlot(ownA(web, there)), ptr: ptrSlot(here), ...atOld(ownPtr(web, there)) };
    expect(planned(overrides)).toEqual([moveA, createPtr, `delete ${oldPtr} ${host}`]);
  });
});

describe('where none of its record sets belongs', () => {
  const before = { ...aKey(web), name: 'before' };
  const oldA = recordSet(before, [there], { metadata: ownerMark(web) });
  const elsewhere = (...values: readonly string[]) => ownPtr(web, there, { values });
  const inZone = (label: string) => `${label}.${aKey(web).zone.name}.`;
  const updated = (from: string, to: string) => [`update ${oldPtr} ${from} -> ${to}`];

  it.each<[string, readonly ObservedRecordSet[], string[]]>([
    [
      'deletes a PTR of one name, and A after it',
      [oldA, elsewhere('x.')],
      [`delete ${oldPtr} x.`, `delete A ${fullName(before)} ${there}`],
    ],
    ['deletes an empty PTR', [elsewhere()], [`delete ${oldPtr} (empty)`]],
    [
      'takes its own name out of a PTR of several',
      [elsewhere(host, 'x.', inZone('api'))],
      updated(`${host} x. ${inZone('api')}`, `x. ${inZone('api')}`),
    ],
    [
      'takes the only name of its zone out of a PTR of several',
      [elsewhere('x.', inZone('gone'))],
      updated(`x. ${inZone('gone')}`, 'x.'),
    ],
    [
      'takes only its mark from a PTR of which no name is known',
      [elsewhere(inZone('a'), inZone('b'))],
      [`update ${oldPtr} ${inZone('a')} ${inZone('b')} (metadata only)`],
    ],
  ])('%s', (_, sets, changes) => {
    expect(planned({ misplaced: sets.map((set) => slot(set.key, set)) })).toEqual(changes);
  });

  it('leaves A as long as a PTR could not be read', () => {
    const unread = [{ key: ptrKey(there), error: new Error('no answer') }];
    expect(planned({ misplaced: [slot(before, oldA)], unread })).toEqual([]);
    const removal = { address: undefined, ptr: undefined, a: aSlot(ownA(web, there)) };
    expect(planned({ ...removal, unread })).toEqual([]);
  });

  it('does nothing where there is none any more', () => {
    expect(planned({ misplaced: [slot(before)] })).toEqual([]);
  });
});

describe('when the group is gone', () => {
  const gone = (overrides: Partial<PlanInput> = {}): Partial<PlanInput> => ({
    address: undefined,
    ptr: undefined,
    a: aSlot(ownA(web, there)),
    old: [ptrSlot(there, ownPtr(web, there))],
    ...overrides,
  });
  const deleteA = `delete A ${name} ${there}`;
  const deletePtr = `delete ${oldPtr} ${host}`;

  it.each<[string, Partial<PlanInput>, string[]]>([
    ['deletes PTRs first and A last', gone(), [deletePtr, deleteA]],
    ['deletes A where no PTR is left', gone({ old: [ptrSlot(there)] }), [deleteA]],
    ['deletes a hinted PTR of ours where A is absent', gone({ a: aSlot() }), [deletePtr]],
    ['does nothing where nothing is left', gone({ a: aSlot(), old: [] }), []],
    [
      'leaves a foreign A, even one that is right for nobody',
      gone({ a: aSlot(foreignA(there)), old: [] }),
      [],
    ],
    ["leaves another group's A", gone({ a: aSlot(theirA), old: [] }), []],
    [
      "leaves the platform's A",
      gone({ a: aSlot(ownA(web, there, {}, { isAutoRegistered: true })), old: [] }),
      [],
    ],
    [
      'leaves a foreign PTR that names us',
      gone({ old: [ptrSlot(there, recordSet(ptrKey(there), [host]))] }),
      [deleteA],
    ],
    [
      "leaves another group's PTR that names us",
      gone({ old: [ptrSlot(there, recordSet(ptrKey(there), [host], { metadata: ownerMark(api) }))] }),
      [deleteA],
    ],
    [
      'leaves the names of others in our PTR',
      gone({ old: [ptrSlot(there, ownPtr(web, there, { values: [host, others] }))] }),
      [`update ${oldPtr} ${host} ${others} -> ${others}`, deleteA],
    ],
  ])('%s', (_, overrides, changes) => {
    expect(planned(overrides)).toEqual(changes);
    expect(blocked(overrides)).toEqual([]);
  });
});
