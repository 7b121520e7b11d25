import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordSetAdapters } from '../../src/azure/arm/record-sets.ts';
import { RecordSetChangedError, ZoneMissingError } from '../../src/dns/errors.ts';
import type { ObservedRecordSet, RecordSetContent, RecordSetKey } from '../../src/dns/record-set.ts';
import { deadlineIn } from '../../src/lib/deadline.ts';
import { type Target, targets } from './target.ts';

/** What the reconciler relies on, and nothing else: each case is an assumption of its protocol. */
describe.each(targets())('record sets of $name', ({ open }) => {
  let target: Target;
  let adapters: ReturnType<typeof recordSetAdapters>;
  const created: RecordSetKey[] = [];

  beforeAll(async () => {
    target = await open();
    adapters = recordSetAdapters(target.access);
  });
  afterAll(async () => {
    for (const key of created) {
      const left = await read(key);
      if (left !== undefined) await adapters.writer.delete(left, soon());
    }
    await target.close();
  });

  const soon = () => deadlineIn(20_000);
  const read = (key: RecordSetKey) => adapters.reader.read(key, soon());
  const content: RecordSetContent = {
    values: ['10.1.0.4'],
    ttlSeconds: 30,
    metadata: { evenkeelOwner: '/subscriptions/s/x', evenkeelPrevious: '10.1.0.3@2026-11-21T12:00:00.000Z' },
  };
  const place = (purpose: string, type: RecordSetKey['type'] = 'A'): RecordSetKey => {
    const key: RecordSetKey = { zone: target.zone, type, name: target.scratchName(purpose) };
    created.push(key);
    return key;
  };
  const put = async (purpose: string): Promise<ObservedRecordSet> => {
    const key = place(purpose);
    await adapters.writer.create(key, content, soon());
    return existing(key);
  };
  const existing = async (key: RecordSetKey): Promise<ObservedRecordSet> => {
    const found = await read(key);
    if (found === undefined) throw new Error(`${key.name} was not written`);
    return found;
  };

  it('tell an absent record set from a missing zone', async () => {
    expect(await read(place('absent'))).toBeUndefined();
    const zone = { ...target.zone, name: 'no-such-zone.internal.contoso.com' };
    await expect(read({ zone, type: 'A', name: 'web' })).rejects.toThrow(ZoneMissingError);
  });

  it('keep values, TTL and metadata as they were written', async () => {
    expect(await put('kept')).toMatchObject({ ...content, isAutoRegistered: false });
  });

  it('keep PTR record sets likewise', async () => {
    const key = place('ptr', 'PTR');
    const values = ['web.spoke-a.internal.contoso.com.'];
    await adapters.writer.create(key, { ...content, values }, soon());
    expect((await existing(key)).values.map((name) => name.replace(/\.?$/, '.'))).toEqual(values);
  });

  it('are not created twice', async () => {
    const { key } = await put('twice');
    await expect(adapters.writer.create(key, content, soon())).rejects.toThrow(RecordSetChangedError);
  });

  it('get another ETag with every write, even of the same content', async () => {
    const first = await put('rotated');
    await adapters.writer.update(first, content, soon());
    expect((await existing(first.key)).etag).not.toBe(first.etag);
  });

  it('are updated and deleted on their present ETag only', async () => {
    const first = await put('guarded');
    await adapters.writer.update(first, { ...content, values: ['10.1.0.5'] }, soon());
    await expect(adapters.writer.update(first, content, soon())).rejects.toThrow(RecordSetChangedError);
    await expect(adapters.writer.delete(first, soon())).rejects.toThrow(RecordSetChangedError);
    expect((await existing(first.key)).values).toEqual(['10.1.0.5']);
  });

  it('are not brought back by an update of what was deleted', async () => {
    const first = await put('gone');
    await adapters.writer.delete(first, soon());
    await expect(adapters.writer.update(first, content, soon())).rejects.toThrow(RecordSetChangedError);
    expect(await read(first.key)).toBeUndefined();
  });

  it('show up in a listing of their type', async () => {
    const { key } = await put('listed');
    const names: string[] = [];
    for await (const page of adapters.lister.list(target.zone, 'A', soon()))
      names.push(...page.map((set) => set.key.name));
    expect(names).toContain(key.name);
  });
});
