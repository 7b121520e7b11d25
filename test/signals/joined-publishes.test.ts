import { expect, test } from 'vitest';
import { joinedPublishes } from '../../src/signals/joined-publishes.ts';
import type { Signal, SignalPublisher } from '../../src/signals/signal.ts';

const signal = (id: string): Signal => ({ id, type: 'evenkeel.test', source: '/s', subject: 's', data: {} });

interface Call extends PromiseWithResolvers<void> {
  readonly ids: readonly string[];
}

/** A topic whose answers are given by hand. */
function topic() {
  const calls: Call[] = [];
  const publisher: SignalPublisher = {
    publish(signals) {
      const call = { ids: signals.map(({ id }) => id), ...Promise.withResolvers<void>() };
      calls.push(call);
      return call.promise;
    },
  };
  return { calls, publisher, ids: () => calls.map((call) => call.ids) };
}

test('a signal is published at once when nothing is under way', async () => {
  const { calls, publisher, ids } = topic();
  const joined = joinedPublishes(publisher);
  for (const id of ['a', 'b']) {
    const published = joined.publish([signal(id)]);
    calls.at(-1)?.resolve();
    await published;
  }
  expect(ids()).toEqual([['a'], ['b']]);
});

test('signals that come while a call is under way are published by one call after it, in their order', async () => {
  const { calls, publisher, ids } = topic();
  const joined = joinedPublishes(publisher);
  const first = joined.publish([signal('a')]);
  const later = [joined.publish([signal('b')]), joined.publish([signal('c'), signal('d')])];
  expect(ids()).toEqual([['a']]);
  calls[0]?.resolve();
  await first;
  expect(ids()).toEqual([['a'], ['b', 'c', 'd']]);
  const evenLater = joined.publish([signal('e')]);
  calls[1]?.resolve();
  await Promise.all(later);
  calls[2]?.resolve();
  await evenLater;
  expect(ids()).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
});

test('a publish ends only when the call that holds its signals does', async () => {
  const { calls, publisher } = topic();
  const joined = joinedPublishes(publisher);
  const ended: string[] = [];
  const first = joined.publish([signal('a')]).then(() => ended.push('a'));
  const second = joined.publish([signal('b')]).then(() => ended.push('b'));
  calls[0]?.resolve();
  await first;
  expect(ended).toEqual(['a']);
  calls[1]?.resolve();
  await second;
  expect(ended).toEqual(['a', 'b']);
});

test('what waits for a call that fails fails with it, untried, and what comes then is tried', async () => {
  const { calls, publisher, ids } = topic();
  const joined = joinedPublishes(publisher);
  const refused = [joined.publish([signal('a')]), joined.publish([signal('b')])];
  const outcomes = Promise.allSettled(refused);
  calls[0]?.reject(new Error('out of order'));
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(ids()).toEqual([['a']]);
  const again = joined.publish([signal('b')]);
  calls[1]?.resolve();
  await again;
  expect(ids()).toEqual([['a'], ['b']]);
});
