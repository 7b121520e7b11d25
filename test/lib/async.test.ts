import { describe, expect, it, vi } from 'vitest';
import { inTime, once, serializeByKey, unlessAborted } from '../../src/lib/async.ts';

describe('once', () => {
  it('makes its value at the first call only, also for callers at the same time', async () => {
    const make = vi.fn(async () => ({}));
    const get = once(make);
    const [first, second] = await Promise.all([get(), get()]);
    expect(second).toBe(first);
    expect(await get()).toBe(first);
    expect(make).toHaveBeenCalledTimes(1);
  });

  it('tries again after a failure', async () => {
    const make = vi.fn(async () => 'made').mockRejectedValueOnce(new Error('not now'));
    const get = once(make);
    await expect(get()).rejects.toThrowError('not now');
    expect(await get()).toBe('made');
    expect(await get()).toBe('made');
    expect(make).toHaveBeenCalledTimes(2);
  });
});

describe('unlessAborted', () => {
  const never = new Promise<string>(() => {});

  it('gives the result of the work', async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(signal, Promise.resolve('done'))).toBe('done');
    await expect(unlessAborted(signal, Promise.reject(new Error('failed')))).rejects.toThrowError('failed');
  });

  it('throws the reason of a signal that aborts first', async () => {
    const controller = new AbortController();
    const waiting = unlessAborted(controller.signal, never);
    controller.abort(new Error('no time left'));
    await expect(waiting).rejects.toThrowError('no time left');
  });

  it('throws the reason of a signal that has already aborted', async () => {
    const signal = AbortSignal.abort(new Error('no time left'));
    await expect(unlessAborted(signal, never)).rejects.toThrowError('no time left');
  });
});

describe('inTime', () => {
  it('aborts a call that takes too long', async () => {
    const hanging = inTime(
      1,
      (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    );
    await expect(hanging).rejects.toThrowError('aborted');
  });

  it('ends a call that does not heed its signal when the outer one aborts', async () => {
    const outer = new AbortController();
    let inner: AbortSignal | undefined;
    const hanging = inTime(
      60_000,
      (signal) => {
        inner = signal;
        return new Promise(() => {});
      },
      outer.signal,
    );
    outer.abort(new Error('interrupted'));
    await expect(hanging).rejects.toThrowError('interrupted');
    expect(inner?.aborted).toBe(true);
  });

  it('gives the result of a call that ends in time, and leaves no timer behind', async () => {
    vi.useFakeTimers();
    try {
      let signal: AbortSignal | undefined;
      const result = await inTime(1_000, async (abortSignal) => {
        signal = abortSignal;
        return 'done';
      });
      expect(result).toBe('done');
      expect(vi.getTimerCount()).toBe(0);
      expect(signal?.aborted).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('serializeByKey', () => {
  /** A task that waits until it is ended. */
  function aTask(started: string[], name: string) {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const run = () => {
      started.push(name);
      return promise;
    };
    return { run, end: () => resolve(name), fail: () => reject(new Error(name)) };
  }

  it('runs tasks with one key in turn, and those with another key meanwhile', async () => {
    const started: string[] = [];
    const [first, second, other] = ['first', 'second', 'other'].map((name) => aTask(started, name));
    if (first === undefined || second === undefined || other === undefined) throw new Error('no task');
    const run = serializeByKey();
    const results = [run('a', first.run), run('a', second.run), run('b', other.run)];
    other.end();
    expect(await results[2]).toBe('other');
    expect(started).toEqual(['first', 'other']);
    first.end();
    expect(await results[0]).toBe('first');
    second.end();
    expect(await results[1]).toBe('second');
    expect(started).toEqual(['first', 'other', 'second']);
  });

  it('goes on after a task that fails', async () => {
    const started: string[] = [];
    const [first, second] = [aTask(started, 'first'), aTask(started, 'second')];
    const run = serializeByKey();
    const results = [run('a', first.run), run('a', second.run)];
    first.fail();
    second.end();
    await expect(results[0]).rejects.toThrowError('first');
    expect(await results[1]).toBe('second');
  });
});
