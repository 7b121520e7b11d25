import { describe, expect, it } from 'vitest';
import { applyChanges } from '../../src/dns/apply.ts';
import type { Change } from '../../src/dns/change.ts';
import { RecordSetChangedError } from '../../src/dns/errors.ts';
import type { RecordSetKey } from '../../src/dns/record-set.ts';
import { deadlineIn } from '../../src/lib/deadline.ts';
import { RefusedCallError, UncertainCallError } from '../../src/lib/errors.ts';
import { aKey, groupId, ownA, ptrKey, recordSet } from './fixtures.ts';
import { InMemoryAzure } from './in-memory-azure.ts';

const web = groupId('web');
const to = { values: ['x.'], ttlSeconds: 30, metadata: {} };
const narrow = ptrKey('10.1.0.4');
const wide = ptrKey('10.2.0.4');

/** What is applied of four changes, A last, when the first does not succeed. */
async function applied(key: RecordSetKey, error: Error) {
  const azure = new InMemoryAzure();
  azure.put(ownA(web, '10.1.0.4'));
  const a = azure.find(aKey(web)) ?? recordSet(aKey(web), []);
  azure.before = (call) => {
    if (call.kind === 'create' && call.key === key) throw error;
  };
  const changes: Change[] = [
    { action: 'create', key, to },
    { action: 'create', key: ptrKey('10.1.0.5'), to },
    { action: 'create', key: wide, to },
    { action: 'delete', from: a },
  ];
  const done: string[] = [];
  const note = (change: Change) =>
    void done.push(change.action === 'create' ? change.key.name : change.action);
  const failures = await applyChanges(changes, azure.ports.recordSets, deadlineIn(10_000), note).catch(
    (thrown: unknown) => [`thrown: ${thrown instanceof Error ? thrown.name : thrown}`],
  );
  return { failures, done };
}

describe('changes', () => {
  const lost = new RecordSetChangedError('x');
  const refused = new RefusedCallError('create', 'x', '409');
  const down = new UncertainCallError('create', 'x', '503');
  it.each<[string, RecordSetKey, Error, readonly unknown[], readonly string[]]>([
    ['stop at A', { ...aKey(web), name: 'a' }, refused, ['thrown: RefusedCallError'], []],
    ['stop where a race is lost', narrow, lost, [lost], []],
    [
      'go on at other record sets, but for A, where one is refused',
      narrow,
      refused,
      [refused],
      ['5.0', '4.0.2'],
    ],
    ['go on in other zones, but for A, where one does not answer', narrow, down, [down], ['4.0.2']],
  ])('%s', async (_, key, error, failures, done) => {
    expect(await applied(key, error)).toEqual({ failures, done });
  });
});
