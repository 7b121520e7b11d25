import { describe, expect, it } from 'vitest';
import {
  ago,
  aKey,
  groupId,
  hostOf,
  hourMs,
  minuteMs,
  now,
  ownA,
  ownPtr,
  ptrKey,
  recordSet,
} from './fixtures.ts';
import { InMemoryAzure } from './in-memory-azure.ts';
import { answersOf, reconcileOnce, writesOf } from './reconcile-once.ts';

const web = groupId('Web');
const here = '10.1.0.4';
const there = '10.1.0.9';
const name = hostOf(web);
const right = [`A ${name} ${here}`, `PTR 4.0.1.10.in-addr.arpa ${name}.`];
const past = (ms: number) => ago(ms).toISOString();

const withGroup = (address = here) => {
  const azure = new InMemoryAzure();
  azure.address(web, address);
  return azure;
};
const settled = (address = here) => {
  const azure = withGroup(address);
  azure.put(ownA(web, address), ownPtr(web, address));
  return azure;
};

describe('a pass costs', () => {
  it('3 reads where everything is right', async () => {
    const azure = settled();
    expect(await reconcileOnce(azure, web)).toMatchObject({
      result: 'nothingToDo',
      attempts: 1,
      changes: [],
    });
    expect(azure.cost).toEqual({ reads: 3, writes: 0, requeueQueue: 0 });
    expect(azure.calls.map(({ kind }) => kind)).toEqual(['read', 'readGroup', 'read']);
  });

  it('2 reads where nothing is left of a group that is gone', async () => {
    const azure = new InMemoryAzure();
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'nothingToDo' });
    expect(azure.cost).toEqual({ reads: 2, writes: 0, requeueQueue: 0 });
  });

  it('4 reads and 2 writes for a creation', async () => {
    const azure = withGroup();
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'created', attempts: 1 });
    expect(azure.cost).toEqual({ reads: 4, writes: 2, requeueQueue: 0 });
    expect(answersOf(azure)).toEqual(right);
  });

  it('5 reads and 3 writes for a move', async () => {
    const azure = settled(there);
    azure.address(web, here);
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'updated', attempts: 1 });
    expect(azure.cost).toEqual({ reads: 5, writes: 3, requeueQueue: 0 });
    expect(answersOf(azure)).toEqual(right);
  });

  it('4 reads and 2 writes for a removal', async () => {
    const azure = settled();
    azure.delete(web);
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'removed', attempts: 1 });
    expect(azure.cost).toEqual({ reads: 4, writes: 2, requeueQueue: 0 });
    expect(answersOf(azure)).toEqual([]);
  });

  it('one read more for each address that is remembered or hinted, and each only once', async () => {
    const azure = withGroup();
    const previous = `10.1.0.5@${past(minuteMs)},10.1.0.6@${past(hourMs)}`;
    azure.put(ownA(web, here, { previous }), ownPtr(web, here));
    await reconcileOnce(azure, web, { hints: ['10.1.0.6', '10.1.0.7', here] });
    expect(azure.cost).toEqual({ reads: 3 + 3, writes: 0, requeueQueue: 0 });
  });

  it("one read more for each set that carries another group's mark, and each owner only once", async () => {
    const api = groupId('api');
    const azure = withGroup();
    azure.put(
      recordSet(aKey(web), [there], { metadata: { evenkeelOwner: api.key } }),
      recordSet(ptrKey(here), ['x.'], { metadata: { evenkeelOwner: api.key } }),
    );
    await reconcileOnce(azure, web);
    expect(azure.cost.reads).toBe(5 + 1);
    const other = withGroup();
    other.put(ownA(web, here), recordSet(ptrKey(here), ['x.'], { metadata: { evenkeelOwner: api.key } }));
    await reconcileOnce(other, web);
    expect(other.cost.reads).toBe(4 + 1);
  });

  it('the same whatever else the zones hold', async () => {
    const azure = settled(there);
    for (let host = 10; host < 200; host++) azure.put(recordSet(ptrKey(`10.1.0.${host}`), [`${name}.`]));
    azure.address(web, here);
    await reconcileOnce(azure, web);
    expect(azure.cost).toEqual({ reads: 5, writes: 3, requeueQueue: 0 });
  });

  it('3 reads and 1 write where no reverse zone is mapped', async () => {
    const b = groupId('web', 'rg-spoke-b');
    const azure = new InMemoryAzure();
    azure.address(b, here);
    expect(await reconcileOnce(azure, b)).toMatchObject({ result: 'created', uncoveredAddress: undefined });
    expect(azure.cost).toEqual({ reads: 3, writes: 1, requeueQueue: 0 });
  });
});

describe('a second invocation', () => {
  it.each<[string, () => InMemoryAzure]>([
    ['a creation', () => withGroup()],
    [
      'a move',
      () => {
        const azure = settled(there);
        azure.address(web, here);
        return azure;
      },
    ],
    [
      'a stop',
      () => {
        const azure = settled();
        azure.groups.set(web.key, { kind: 'unaddressed', reason: 'stopped' });
        return azure;
      },
    ],
    [
      'a removal',
      () => {
        const azure = settled();
        azure.delete(web);
        return azure;
      },
    ],
  ])('after %s writes nothing', async (_, world) => {
    const azure = world();
    await reconcileOnce(azure, web);
    const before = azure.recordSets;
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'nothingToDo' });
    expect(azure.recordSets).toEqual(before);
  });
});

describe('the order of writes', () => {
  it('is A, the PTR of the address, the PTRs of old addresses while the group lives', async () => {
    const azure = settled(there);
    azure.address(web, here);
    await reconcileOnce(azure, web);
    expect(writesOf(azure.calls)).toEqual([
      `update A ${name}`,
      'create PTR 4.0.1.10.in-addr.arpa',
      'delete PTR 9.0.1.10.in-addr.arpa',
    ]);
  });

  it('is the PTRs and then A when the group is gone', async () => {
    const azure = new InMemoryAzure();
    azure.put(
      ownA(web, here, { previous: `${there}@${past(hourMs)}` }),
      ownPtr(web, here),
      ownPtr(web, there),
    );
    await reconcileOnce(azure, web);
    expect(writesOf(azure.calls)).toEqual([
      'delete PTR 4.0.1.10.in-addr.arpa',
      'delete PTR 9.0.1.10.in-addr.arpa',
      `delete A ${name}`,
    ]);
  });

  it('is A, stamped anew, before a PTR that alone is wrong', async () => {
    const azure = withGroup();
    azure.put(ownA(web, here));
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'updated' });
    expect(writesOf(azure.calls)).toEqual([`update A ${name}`, 'create PTR 4.0.1.10.in-addr.arpa']);
    expect(azure.find(aKey(web))?.metadata['evenkeelStamp']).toBe(now.toISOString());
  });

  it('begins only after A was read before the group, and the PTRs after it', async () => {
    const azure = settled(there);
    azure.address(web, here);
    await reconcileOnce(azure, web);
    const kinds = azure.calls.map((call) => (call.kind === 'read' ? `read ${call.key.type}` : call.kind));
    expect(kinds.slice(0, 4)).toEqual(['read A', 'readGroup', 'read PTR', 'read PTR']);
    expect(kinds.at(-1)).toBe('readGroup');
  });
});

describe('the memory', () => {
  it('of A leads to PTRs that an earlier invocation left behind', async () => {
    const azure = withGroup();
    azure.put(
      ownA(web, here, { previous: `${there}@${past(23 * hourMs)}` }),
      ownPtr(web, here),
      ownPtr(web, there),
    );
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'updated' });
    expect(answersOf(azure)).toEqual(right);
  });

  it('is not asked after 24 hours', async () => {
    const azure = withGroup();
    azure.put(
      ownA(web, here, { previous: `${there}@${past(25 * hourMs)}` }),
      ownPtr(web, here),
      ownPtr(web, there),
    );
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'nothingToDo' });
    expect(azure.cost.reads).toBe(3);
  });

  it('holds 8 addresses after many moves', async () => {
    const azure = withGroup('10.1.0.0');
    for (let host = 1; host <= 12; host++) {
      await reconcileOnce(azure, web);
      azure.address(web, `10.1.0.${host}`);
    }
    await reconcileOnce(azure, web);
    const previous = azure.find(aKey(web))?.metadata['evenkeelPrevious']?.split(',') ?? [];
    expect(previous).toHaveLength(8);
    expect(answersOf(azure)).toEqual([`A ${name} 10.1.0.12`, `PTR 12.0.1.10.in-addr.arpa ${name}.`]);
  });

  it('does not keep hints', async () => {
    const azure = settled();
    azure.put(ownA(web, '10.1.0.8'));
    await reconcileOnce(azure, web, { hints: [there] });
    expect(azure.find(aKey(web))?.metadata['evenkeelPrevious']).toBe(`10.1.0.8@${now.toISOString()}`);
  });

  it('keeps what an earlier round of the same invocation touched', async () => {
    const azure = settled(there);
    azure.address(web, '10.1.0.7');
    let isMoved = false;
    azure.before = (call) => {
      if (call.kind !== 'create' || isMoved) return;
      isMoved = true;
      azure.address(web, here);
      // Another writer takes A away, and with it the memory.
      azure.remove(aKey(web));
    };
    expect(await reconcileOnce(azure, web)).toMatchObject({ attempts: 2 });
    expect(answersOf(azure)).toEqual(right);
    expect(azure.find(aKey(web))?.metadata['evenkeelPrevious']).toMatch(/10\.1\.0\.7@.*10\.1\.0\.9@/);
  });
});

describe('hints', () => {
  it('are verified and cleaned, marked or not', async () => {
    const azure = settled();
    azure.put(ownPtr(web, there), recordSet(ptrKey('10.1.0.8'), [`${name}.`]));
    await reconcileOnce(azure, web, { hints: [there, '10.1.0.8', '10.1.0.7'] });
    expect(answersOf(azure)).toEqual(right);
  });

  it('of a group that is gone are cleaned only where the mark is ours', async () => {
    const azure = new InMemoryAzure();
    azure.put(ownPtr(web, there), recordSet(ptrKey('10.1.0.8'), [`${name}.`]));
    await reconcileOnce(azure, web, { hints: [there, '10.1.0.8'] });
    expect(answersOf(azure)).toEqual([`PTR 8.0.1.10.in-addr.arpa ${name}.`]);
  });

  it('that are the live address harm nothing', async () => {
    const azure = settled();
    expect(await reconcileOnce(azure, web, { hints: [here] })).toMatchObject({ result: 'nothingToDo' });
  });

  it('outside every reverse zone cost nothing', async () => {
    const azure = settled();
    await reconcileOnce(azure, web, { hints: ['192.168.0.1'] });
    expect(azure.cost.reads).toBe(3);
  });
});

describe('the re-check of a removal', () => {
  const fresh = (age: number | undefined) => {
    const azure = new InMemoryAzure();
    const a = ownA(web, here, {
      previous: `${there}@${past(hourMs)}`,
      ...(age === undefined ? {} : { age }),
    });
    azure.put(age === undefined ? { ...a, metadata: { evenkeelOwner: web.key } } : a, ownPtr(web, here));
    return azure;
  };

  it('is queued for two minutes later, with every known address, before anything is removed', async () => {
    const azure = fresh(2 * minuteMs - 1);
    await reconcileOnce(azure, web, { hints: ['10.1.0.77'] });
    expect(azure.queue).toMatchObject([
      {
        delayMs: 2 * minuteMs,
        message: { group: { key: web.key }, addresses: [here, there], trigger: 'event' },
      },
    ]);
    expect(azure.calls.map(({ kind }) => kind)).toEqual([
      'read',
      'readGroup',
      'read',
      'read',
      'read',
      'requeue',
      'delete',
      'delete',
      'readGroup',
    ]);
  });

  it('is not needed two minutes after the last stamp', async () => {
    const azure = fresh(2 * minuteMs);
    await reconcileOnce(azure, web);
    expect(azure.queue).toEqual([]);
    expect(answersOf(azure)).toEqual([]);
  });

  it('is needed where the stamp cannot be read', async () => {
    const azure = fresh(undefined);
    await reconcileOnce(azure, web);
    expect(azure.queue).toHaveLength(1);
  });

  it('keeps everything where the queue cannot be reached', async () => {
    const azure = fresh(0);
    const before = azure.recordSets;
    azure.before = ({ kind }) => {
      if (kind === 'requeue') throw new Error('the queue is down');
    };
    await expect(reconcileOnce(azure, web)).rejects.toThrow('the queue is down');
    expect(azure.recordSets).toEqual(before);
  });

  it('is told to be lacking where there is no queue', async () => {
    const azure = fresh(0);
    expect(await reconcileOnce(azure, web, { hasQueue: false })).toMatchObject({
      result: 'removed',
      lacksRecheck: true,
    });
  });

  it('cleans a PTR that was written meanwhile', async () => {
    const azure = fresh(0);
    await reconcileOnce(azure, web);
    azure.put(ownPtr(web, here));
    const [queued] = azure.queue;
    await reconcileOnce(azure, web, { hints: queued?.message.addresses ?? [] });
    expect(answersOf(azure)).toEqual([]);
  });
});

describe('a group', () => {
  it('outside every reverse zone gets its A record set, and the outcome says so', async () => {
    const azure = withGroup('192.168.0.1');
    expect(await reconcileOnce(azure, web)).toMatchObject({
      result: 'created',
      uncoveredAddress: '192.168.0.1',
    });
    expect(answersOf(azure)).toEqual([`A ${name} 192.168.0.1`]);
  });

  it.each(['stopped', 'public', 'gone'] as const)('that is %s keeps no records', async (reason) => {
    const azure = settled();
    azure.groups.set(web.key, { kind: 'unaddressed', reason });
    await reconcileOnce(azure, web);
    expect(answersOf(azure)).toEqual([]);
  });

  it('goes to the longest reverse zone that covers its address', async () => {
    const azure = withGroup('10.2.3.4');
    await reconcileOnce(azure, web);
    expect(azure.recordSets.map(({ key }) => `${key.zone.name} ${key.name}`)).toContain(
      '10.in-addr.arpa 4.3.2',
    );
  });
});
