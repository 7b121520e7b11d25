import { describe, expect, it } from 'vitest';
import { ZoneMissingError } from '../../src/dns/errors.ts';
import {
  MissingPermissionError,
  RefusedCallError,
  ThrottledError,
  UncertainCallError,
} from '../../src/lib/errors.ts';
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
import { type Call, InMemoryAzure } from './in-memory-azure.ts';
import { answersOf, reconcileOnce, writesOf } from './reconcile-once.ts';

const web = groupId('web');
const api = groupId('api');
const [here, there] = ['10.1.0.4', '10.1.0.9'] as const;
const name = hostOf(web);
const reverseZone = 'the reverse zone';

const isReverse = (call: Call) => 'key' in call && call.key.type === 'PTR';
/** Every call to the reverse zone, or every write to it, ends so. */
function withTrouble(
  error: () => Error,
  kinds: readonly Call['kind'][] = ['read', 'create', 'update', 'delete'],
) {
  const azure = new InMemoryAzure();
  azure.before = (call) => {
    if (isReverse(call) && kinds.includes(call.kind)) throw error();
  };
  return azure;
}

const troubles: readonly [string, () => Error][] = [
  [
    'is forbidden',
    () => new MissingPermissionError('read PTR', reverseZone, 'Reader', '403 AuthorizationFailed'),
  ],
  ['is missing', () => new ZoneMissingError(reverseZone)],
  ['does not answer', () => new UncertainCallError('read PTR', reverseZone, 'no answer in time')],
  ['answers 503', () => new UncertainCallError('read PTR', reverseZone, '503 ServiceUnavailable')],
];

describe('forward never waits for reverse: while a zone', () => {
  it.each(troubles)('%s, a new group gets its A record set, and the invocation fails', async (_, error) => {
    const azure = withTrouble(error);
    azure.address(web, here);
    await expect(reconcileOnce(azure, web)).rejects.toThrow();
    expect(answersOf(azure)).toEqual([`A ${name} ${here}`]);
  });

  it.each(troubles)(
    '%s, a group that moved has its new address and keeps its old one in mind',
    async (_, error) => {
      const azure = withTrouble(error);
      azure.put(ownA(web, there), ownPtr(web, there));
      azure.address(web, here);
      await expect(reconcileOnce(azure, web)).rejects.toThrow();
      expect(azure.find(aKey(web))).toMatchObject({
        values: [here],
        metadata: { evenkeelPrevious: `${there}@${now.toISOString()}` },
      });
    },
  );

  it('is missing, the A record set of a group that is gone goes, and that is all there is to do', async () => {
    const azure = withTrouble(() => new ZoneMissingError(reverseZone));
    azure.put(ownA(web, here));
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'removed' });
    expect(azure.recordSets).toEqual([]);
  });

  it.each(troubles.filter(([trouble]) => trouble !== 'is missing'))(
    '%s, the A record set of a group that is gone stays, because it alone knows the PTR',
    async (_, error) => {
      const azure = withTrouble(error);
      azure.put(ownA(web, here), ownPtr(web, here));
      await expect(reconcileOnce(azure, web)).rejects.toThrow();
      expect(azure.recordSets).toHaveLength(2);
    },
  );

  it('is throttled, A is right at once and the PTR waits in the queue for that zone alone', async () => {
    const azure = withTrouble(() => new ThrottledError('read PTR', reverseZone, 60_000));
    azure.put(ownA(web, there), ownPtr(web, there));
    azure.address(web, here);
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'deferred', dueInMs: 60_000 });
    expect(azure.find(aKey(web))?.values).toEqual([here]);
    expect(azure.queue).toMatchObject([{ message: { group: { key: web.key }, addresses: [there, here] } }]);
  });

  it('throttles writes only, A is right and the PTR waits', async () => {
    const azure = withTrouble(() => new ThrottledError('create PTR', reverseZone, 60_000), ['create']);
    azure.address(web, here);
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'deferred' });
    expect(answersOf(azure)).toEqual([`A ${name} ${here}`]);
  });
});

describe('a PTR record set of another group', () => {
  it.each(['notReady', 'unknown'] as const)(
    'whose state is %s keeps no A from being written',
    async (kind) => {
      const azure = new InMemoryAzure();
      const theirs = recordSet(ptrKey(here), [`${hostOf(api)}.`], { metadata: ownerMark(api) });
      azure.put(theirs);
      azure.address(web, here);
      azure.groups.set(api.key, { kind, detail: 'it has no address yet (provisioning state Repairing)' });
      await expect(reconcileOnce(azure, web)).rejects.toMatchObject({ name: 'LiveStateUnknownError' });
      expect(answersOf(azure)).toEqual([`A ${name} ${here}`, `PTR 4.0.1.10.in-addr.arpa ${hostOf(api)}.`]);
    },
  );

  it('that cannot be read at an old address holds up no other old address', async () => {
    const azure = new InMemoryAzure();
    azure.address(web, here);
    azure.put(ownA(web, there, { previous: `10.1.0.8@${ago(minuteMs).toISOString()}` }));
    azure.put(ownPtr(web, there), ownPtr(web, '10.1.0.8'));
    azure.before = (call) => {
      if (call.kind === 'read' && call.key.name === '8.0')
        throw new UncertainCallError('read PTR', 'x', 'no answer');
    };
    await expect(reconcileOnce(azure, web)).rejects.toThrow();
    expect(answersOf(azure)).toEqual([
      `A ${name} ${here}`,
      `PTR 4.0.1.10.in-addr.arpa ${name}.`,
      `PTR 8.0.1.10.in-addr.arpa ${name}.`,
    ]);
  });
});

describe('a PTR record set that can never be written', () => {
  it('has A written once within a minute, however many events come', async () => {
    const azure = withTrouble(
      () => new RefusedCallError('create PTR', reverseZone, '409 ScopeLocked'),
      ['create'],
    );
    azure.put(ownA(web, here));
    azure.address(web, here);
    for (const _ of [1, 2, 3]) await expect(reconcileOnce(azure, web)).rejects.toThrow('ScopeLocked');
    expect(writesOf(azure.calls).filter((write) => write.includes(' A '))).toHaveLength(1);
  });

  it('holds up neither the cleaning of an old one nor A', async () => {
    const azure = withTrouble(
      () => new RefusedCallError('create PTR', reverseZone, '409 ScopeLocked'),
      ['create'],
    );
    azure.put(ownA(web, there), ownPtr(web, there));
    azure.address(web, here);
    await expect(reconcileOnce(azure, web)).rejects.toThrow('ScopeLocked');
    expect(answersOf(azure)).toEqual([`A ${name} ${here}`]);
  });

  it('keeps the A record set of a group that is gone', async () => {
    const azure = withTrouble(
      () => new RefusedCallError('delete PTR', reverseZone, '409 ScopeLocked'),
      ['delete'],
    );
    azure.put(ownA(web, here), ownPtr(web, here));
    await expect(reconcileOnce(azure, web)).rejects.toThrow('ScopeLocked');
    expect(azure.recordSets).toHaveLength(2);
  });
});

describe('a failure at A', () => {
  it('decides, whatever goes wrong at the PTR beside it', async () => {
    const azure = new InMemoryAzure();
    azure.address(web, here);
    azure.before = (call) => {
      if (call.kind === 'create') throw new ThrottledError('create A', 'the forward zone', 30_000);
      if (isReverse(call)) throw new MissingPermissionError('read PTR', reverseZone, 'Reader', '403');
    };
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'deferred', dueInMs: 30_000 });
  });
});

describe('refuse', () => {
  it('leaves a right A without a mark alone, and has its PTR written', async () => {
    const azure = new InMemoryAzure();
    azure.put(recordSet(aKey(web), [here]));
    azure.address(web, here);
    const outcome = await reconcileOnce(azure, web, { foreignRecords: 'refuse' });
    expect(outcome).toMatchObject({ result: 'updated', blocked: [] });
    expect(azure.find(aKey(web))?.metadata).toEqual({});
    expect(answersOf(azure)).toEqual([`A ${name} ${here}`, `PTR 4.0.1.10.in-addr.arpa ${name}.`]);
  });

  it('leaves a right PTR without a mark alone, which is no conflict', async () => {
    const azure = new InMemoryAzure();
    azure.put(ownA(web, here), recordSet(ptrKey(here), [`${name}.`]));
    azure.address(web, here);
    const outcome = await reconcileOnce(azure, web, { foreignRecords: 'refuse' });
    expect(outcome).toMatchObject({ result: 'nothingToDo', blocked: [] });
  });
});

describe('a group that shows neither address nor network', () => {
  it('keeps its records where it has some: it is unknown, and the invocation fails', async () => {
    const azure = new InMemoryAzure();
    azure.put(ownA(web, here), ownPtr(web, here));
    azure.groups.set(web.key, { kind: 'unaddressed', reason: 'noNetwork' });
    await expect(reconcileOnce(azure, web)).rejects.toMatchObject({ name: 'LiveStateUnknownError' });
    expect(azure.recordSets).toHaveLength(2);
  });

  it.each([
    ['no mark', recordSet(aKey(web), [here])],
    ['the mark of another group', recordSet(aKey(web), [here], { metadata: ownerMark(api) })],
  ])('is accepted with nothing to do where its A record set carries %s', async (_, a) => {
    const azure = new InMemoryAzure();
    azure.put(a);
    azure.groups.set(web.key, { kind: 'unaddressed', reason: 'noNetwork' });
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'nothingToDo' });
    expect(azure.recordSets).toHaveLength(1);
  });

  it('is accepted with nothing to do where it has none', async () => {
    const azure = new InMemoryAzure();
    azure.groups.set(web.key, { kind: 'unaddressed', reason: 'noNetwork' });
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'nothingToDo' });
  });
});

describe('a group whose record set is taken', () => {
  it('is checked again at every address that the set knows of', async () => {
    const azure = new InMemoryAzure();
    const twin = groupId('web', 'RG-TWIN');
    azure.put(
      ownA(
        web,
        there,
        { previous: `10.1.0.8@${ago(minuteMs).toISOString()}` },
        {
          metadata: {
            evenkeelOwner: twin.key,
            evenkeelPrevious: `10.1.0.8@${ago(minuteMs).toISOString()}`,
          },
        },
      ),
    );
    azure.address(web, here);
    await reconcileOnce(azure, web);
    expect(azure.queue).toMatchObject([
      { message: { group: { key: twin.key }, addresses: [there, '10.1.0.8'] } },
    ]);
  });
});
