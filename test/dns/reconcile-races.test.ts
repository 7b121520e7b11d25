import { describe, expect, it } from 'vitest';
import { NotConvergedError, RecordSetChangedError } from '../../src/dns/errors.ts';
import { zoneId } from '../../src/dns/record-set.ts';
import { RefusedCallError, ThrottledError, UncertainCallError } from '../../src/lib/errors.ts';
import { aKey, groupId, hostOf, ownA, ownPtr, ptrKey } from './fixtures.ts';
import { type Call, InMemoryAzure } from './in-memory-azure.ts';
import { answersOf, reconcileOnce } from './reconcile-once.ts';

const web = groupId('web');
const here = '10.1.0.4';
const there = '10.1.0.9';
const name = hostOf(web);
const right = [`A ${name} ${here}`, `PTR 4.0.1.10.in-addr.arpa ${name}.`];

const moved = () => {
  const azure = new InMemoryAzure();
  azure.address(web, here);
  azure.put(ownA(web, there), ownPtr(web, there));
  return azure;
};
const removed = () => {
  const azure = new InMemoryAzure();
  azure.put(ownA(web, there), ownPtr(web, there));
  return azure;
};
const isWrite = ({ kind }: Call) => kind === 'create' || kind === 'update' || kind === 'delete';
const describeCall = (call: Call) =>
  isWrite(call) && 'key' in call ? `${call.kind} ${call.key.type} ${call.key.name}` : call.kind;

/** Does something the first `times` times that each write is made. */
function atEachWrite(times: number, act: (call: Call) => void): (call: Call) => void {
  const seen = new Map<string, number>();
  return (call) => {
    if (!isWrite(call)) return;
    const count = seen.get(describeCall(call)) ?? 0;
    seen.set(describeCall(call), count + 1);
    if (count < times) act(call);
  };
}
const fail = (error: Error) => () => {
  throw error;
};

describe.each([
  ['a move', moved, right],
  ['a removal', removed, []],
] as const)('%s', (_, world, end) => {
  it.each([1, 2])('ends well when every write loses its race %i time(s)', async (times) => {
    const azure = world();
    azure.before = atEachWrite(times, fail(new RecordSetChangedError('a set')));
    const outcome = await reconcileOnce(azure, web);
    expect(outcome.attempts).toBeGreaterThan(times);
    expect(answersOf(azure)).toEqual(end);
  });

  it.each([1, 2])(
    'ends well when every record set is written anew %i time(s) by somebody else',
    async (times) => {
      const azure = world();
      azure.before = atEachWrite(times, (call) => {
        if (call.kind === 'update' || call.kind === 'delete') azure.put(call.from);
      });
      await reconcileOnce(azure, web);
      expect(answersOf(azure)).toEqual(end);
    },
  );

  it.each([1, 2])(
    'ends well when the answer to every write is lost %i time(s), and it took effect',
    async (times) => {
      const azure = world();
      azure.after = atEachWrite(times, fail(new UncertainCallError('write', 'zone', 'no answer')));
      await reconcileOnce(azure, web);
      expect(answersOf(azure)).toEqual(end);
    },
  );

  it('is not waited for where another call failed for good', async () => {
    const azure = new InMemoryAzure();
    azure.address(web, here);
    azure.put(ownA(web, here), ownPtr(web, here));
    azure.before = (call) => {
      if (call.kind !== 'read' || call.key.type !== 'PTR') return;
      if (call.key.name === ptrKey('10.1.0.21').name)
        throw new UncertainCallError('read', 'zone', 'no answer');
      if (call.key.name === ptrKey('10.1.0.22').name) throw new Error('403');
    };
    await expect(reconcileOnce(azure, web, { hints: ['10.1.0.21', '10.1.0.22'] })).rejects.toThrow('403');
  });

  it('ends well when the answer to every write is lost, and it took no effect', async () => {
    const azure = world();
    azure.before = atEachWrite(1, fail(new UncertainCallError('write', 'zone', '503')));
    await reconcileOnce(azure, web);
    expect(answersOf(azure)).toEqual(end);
  });

  it('gives up after a bounded number of attempts, and says why', async () => {
    const azure = world();
    azure.before = atEachWrite(Number.POSITIVE_INFINITY, fail(new RecordSetChangedError('a set')));
    const failure = await reconcileOnce(azure, web).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NotConvergedError);
    expect(failure).toMatchObject({ cause: { name: 'RecordSetChangedError' } });
    expect(azure.cost.writes).toBe(12);
  });

  it('leaves a service that is out of order to the next delivery, after half as many attempts', async () => {
    const azure = world();
    azure.before = fail(new UncertainCallError('read', 'zone', '503'));
    await expect(reconcileOnce(azure, web)).rejects.toThrow('not right after 6 attempts');
    expect(azure.cost).toMatchObject({ reads: 6, writes: 0 });
  });

  it('gives up within its time', async () => {
    const azure = world();
    const pauses: number[] = [];
    azure.before = (call) => {
      if (isWrite(call)) throw new UncertainCallError('write', 'zone', '503');
    };
    await expect(reconcileOnce(azure, web, { timeMs: 5_000 }, pauses)).rejects.toThrow(NotConvergedError);
    expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(5_000);
  });

  it('fails at once where a write is refused for good', async () => {
    const azure = world();
    azure.before = (call) => {
      if (isWrite(call)) throw new RefusedCallError('write', 'zone', '400');
    };
    await expect(reconcileOnce(azure, web)).rejects.toThrow(RefusedCallError);
    expect(azure.cost.writes).toBe(1);
  });

  it('is finished by the next invocation wherever the first one stopped', async () => {
    const calls = world();
    await reconcileOnce(calls, web);
    for (let stopAt = 0; stopAt < calls.calls.length; stopAt++) {
      for (const moment of ['before', 'after'] as const) {
        const azure = world();
        let count = 0;
        azure[moment] = () => {
          if (count++ === stopAt) throw new RefusedCallError('the process', 'worker', 'stopped');
        };
        await expect(reconcileOnce(azure, web)).rejects.toThrow('stopped');
        azure[moment] = () => {};
        await reconcileOnce(azure, web);
        expect(answersOf(azure)).toEqual(end);
      }
    }
  });
});

describe('a group that changes while its records are written', () => {
  const onFirst = (kind: Call['kind'], type: 'A' | 'PTR' | undefined, act: () => void) => {
    let isDone = false;
    return (call: Call) => {
      if (isDone || call.kind !== kind || ('key' in call && call.key.type !== type)) return;
      isDone = true;
      act();
    };
  };

  it('has its records follow in the same invocation', async () => {
    const azure = moved();
    azure.address(web, '10.1.0.7');
    azure.after = onFirst('update', 'A', () => azure.address(web, here));
    expect(await reconcileOnce(azure, web)).toMatchObject({ attempts: 2 });
    expect(answersOf(azure)).toEqual(right);
  });

  it('and comes back after a removal has its records again', async () => {
    const azure = removed();
    azure.after = onFirst('delete', 'A', () => azure.address(web, here));
    expect(await reconcileOnce(azure, web)).toMatchObject({ attempts: 2 });
    expect(answersOf(azure)).toEqual(right);
  });

  it('and goes away after a move leaves nothing behind', async () => {
    const azure = moved();
    azure.after = onFirst('create', 'PTR', () => azure.delete(web));
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'removed', attempts: 2 });
    expect(answersOf(azure)).toEqual([]);
    expect(azure.queue).toHaveLength(1);
  });
});

describe('an unknown live state', () => {
  it.each(['unknown', 'notReady'] as const)('(%s) removes nothing and fails', async (kind) => {
    const azure = removed();
    const before = azure.recordSets;
    azure.groups.set(web.key, { kind, detail: 'no answer' });
    await expect(reconcileOnce(azure, web)).rejects.toMatchObject({
      name: 'LiveStateUnknownError',
      isNotReady: kind === 'notReady',
    });
    expect(azure.recordSets).toEqual(before);
    expect(azure.cost).toEqual({ reads: 2, writes: 0, requeueQueue: 0 });
  });

  it('after the writes fails the invocation', async () => {
    const azure = moved();
    azure.after = (call) => {
      if (call.kind === 'create') azure.groups.set(web.key, { kind: 'unknown', detail: '503' });
    };
    await expect(reconcileOnce(azure, web)).rejects.toMatchObject({ name: 'LiveStateUnknownError' });
  });
});

describe('a quota', () => {
  const throttle = (retryAfterMs: number, times = 1) =>
    atEachWrite(times, fail(new ThrottledError('write', zoneId(aKey(web).zone), retryAfterMs)));

  it('that asks for a short wait is waited for', async () => {
    const azure = moved();
    const pauses: number[] = [];
    let isThrottled = false;
    azure.before = (call) => {
      if (call.kind !== 'create' || isThrottled) return;
      isThrottled = true;
      throw new ThrottledError('create', zoneId(call.key.zone), 2_000);
    };
    expect(await reconcileOnce(azure, web, {}, pauses)).toMatchObject({ result: 'updated', attempts: 2 });
    expect(answersOf(azure)).toEqual(right);
    // What the service asked for, and half a second at random.
    expect(pauses).toEqual([2_500]);
    expect(azure.queue).toEqual([]);
  });

  it('that asks for more time than there is sends the group to the queue, with what it touched', async () => {
    const azure = moved();
    azure.before = throttle(30_000);
    const outcome = await reconcileOnce(azure, web, { hints: ['10.1.0.77'] });
    expect(outcome.result).toBe('deferred');
    expect(outcome.dueInMs).toBeGreaterThanOrEqual(30_000);
    const [queued] = azure.queue;
    expect(queued?.delayMs).toBe(outcome.dueInMs);
    expect(queued?.message.group.key).toBe(web.key);
    expect(queued?.message.addresses.toSorted()).toEqual([here, '10.1.0.77', there]);
    await reconcileOnce(azure, web, { hints: queued?.message.addresses ?? [] });
  });

  it('that refuses the first read sends the group to the queue too', async () => {
    const azure = moved();
    azure.before = (call) => {
      if (call.kind === 'read') throw new ThrottledError('read', 'zone', 60_000);
    };
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'deferred', attempts: 1 });
    expect(azure.queue).toMatchObject([{ message: { group: { key: web.key }, addresses: [] } }]);
  });

  it('that refuses a read where nothing is changed has no address looked at again', async () => {
    const azure = new InMemoryAzure();
    azure.address(web, here);
    azure.put(ownA(web, here));
    azure.before = (call) => {
      if (call.kind === 'read' && call.key.type === 'PTR') throw new ThrottledError('read', 'zone', 60_000);
    };
    expect(await reconcileOnce(azure, web)).toMatchObject({ result: 'deferred', changes: [] });
    expect(azure.queue).toMatchObject([{ message: { addresses: [] } }]);
  });

  it('that asks for more time than there is fails the invocation at once without a queue', async () => {
    const azure = moved();
    const pauses: number[] = [];
    azure.before = throttle(30_000);
    await expect(reconcileOnce(azure, web, { hasQueue: false }, pauses)).rejects.toThrow(ThrottledError);
    expect(pauses).toEqual([]);
  });

  it.each([true, false])(
    'that keeps asking for short waits is not waited for beyond the time (queue: %s)',
    async (hasQueue) => {
      const azure = moved();
      const pauses: number[] = [];
      azure.before = throttle(4_000, Number.POSITIVE_INFINITY);
      const end = await reconcileOnce(azure, web, { hasQueue }, pauses).catch((error: unknown) => error);
      expect(end).toMatchObject(hasQueue ? { result: 'deferred' } : { name: 'ThrottledError' });
      expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(25_000);
    },
  );

  it('beyond the time, when the queue fails too, fails the invocation', async () => {
    const azure = moved();
    azure.before = (call) => {
      if (call.kind === 'requeue') throw new Error('the queue is down');
      if (isWrite(call)) throw new ThrottledError('write', 'zone', 30_000);
    };
    await expect(reconcileOnce(azure, web)).rejects.toThrow('the queue is down');
  });
});

describe('two invocations at once', () => {
  it('agree in whatever order their calls are answered', async () => {
    for (const delays of [
      [0, 1],
      [1, 0],
      [3, 1],
      [1, 3],
      [0, 7],
    ]) {
      const azure = moved();
      azure.put(ownPtr(web, here, { values: ['x.'] }));
      const turns = async (count: number) => {
        for (let turn = 0; turn < count; turn++) await Promise.resolve();
      };
      let calls = 0;
      azure.before = () => turns(delays[calls++ % 2] ?? 0);
      await Promise.all([reconcileOnce(azure, web), reconcileOnce(azure, web)]);
      expect(answersOf(azure)).toEqual(right);
      expect(azure.find(ptrKey(here))?.metadata).toEqual({ evenkeelOwner: web.key });
    }
  });
});
