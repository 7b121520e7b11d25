import { describe, expect, it } from 'vitest';
import { type Change, describeChange } from '../../src/dns/change.ts';
import { resultOf } from '../../src/dns/outcome.ts';
import type { BlockedRecordSet } from '../../src/dns/plan.ts';
import { aKey, groupId, ownA, ownPtr, ptrKey, recordSet } from './fixtures.ts';

const web = groupId('web');
const content = (values: readonly string[]) => ({ values, ttlSeconds: 30, metadata: {} });
const createA: Change = { action: 'create', key: aKey(web), to: content(['10.1.0.4']) };
const updateA: Change = { action: 'update', from: ownA(web, '10.1.0.4'), to: content(['10.1.0.7']) };
const stampA: Change = { action: 'update', from: ownA(web, '10.1.0.4'), to: content(['10.1.0.4']) };
const createPtr: Change = { action: 'create', key: ptrKey('10.1.0.4'), to: content(['web.']) };
const deletePtr: Change = { action: 'delete', from: ownPtr(web, '10.1.0.4') };
const deleteA: Change = { action: 'delete', from: ownA(web, '10.1.0.4') };
const blocked: BlockedRecordSet = { reason: 'foreign', recordSet: recordSet(aKey(web), ['10.1.0.9']) };

describe('the result', () => {
  it.each<[string, Change[], BlockedRecordSet[], boolean]>([
    ['nothingToDo', [], [], true],
    ['nothingToDo', [], [], false],
    ['refused', [], [blocked], true],
    ['created', [createA, createPtr], [], true],
    ['created', [createA], [blocked], true],
    ['created', [deletePtr, createA], [], true],
    ['created', [createA, updateA], [], true],
    ['updated', [updateA, deletePtr], [], true],
    ['updated', [stampA, createPtr], [blocked], true],
    ['updated', [deletePtr], [], true],
    ['updated', [updateA, createA], [], true],
    ['removed', [deletePtr, deleteA], [], false],
    ['removed', [deletePtr], [], false],
  ])('is %s after %j with the blocked %j and an address: %s', (result, changes, blocked, hasAddress) => {
    expect(resultOf(changes, blocked, hasAddress)).toBe(result);
  });
});

describe('a change reads', () => {
  it.each([
    ['create A web.spoke-a.internal.contoso.com 10.1.0.4', createA],
    ['update A web.spoke-a.internal.contoso.com 10.1.0.4 -> 10.1.0.7', updateA],
    ['update A web.spoke-a.internal.contoso.com 10.1.0.4 (metadata only)', stampA],
    ['create PTR 4.0.1.10.in-addr.arpa web.', createPtr],
    ['delete PTR 4.0.1.10.in-addr.arpa web.spoke-a.internal.contoso.com.', deletePtr],
    [
      'delete A web.spoke-a.internal.contoso.com (empty)',
      { action: 'delete', from: recordSet(aKey(web), []) },
    ],
  ] as const)('%s', (text, change) => {
    expect(describeChange(change)).toBe(text);
  });
});
