/** Calls `make` at the first call and keeps its result. Calls it again only after a failure. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

/**
 * The result of the promise, unless the signal aborts first. The work itself goes on: others share it.
 * @throws the reason of the signal.
 */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/**
 * Aborts a call that takes too long, and ends then even if the call does not heed the signal. Frequent calls use it in
 * place of `AbortSignal.timeout`, whose timer outlives the call and costs a tenth of it.
 *
 * @param outer a signal that ends the call earlier, with its own reason.
 * @throws a `DOMException` named `TimeoutError`.
 */
export async function inTime<T>(
  timeoutMs: number,
  run: (abortSignal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const controller = new AbortController();
  const ended = Promise.withResolvers<never>();
  const end = (reason: unknown) => {
    controller.abort(reason);
    ended.reject(reason);
  };
  const endWithOuter = () => end(outer?.reason);
  outer?.addEventListener('abort', endWithOuter, { once: true });
  if (outer?.aborted) endWithOuter();
  const timer = setTimeout(() => end(new DOMException('no answer in time', 'TimeoutError')), timeoutMs);
  try {
    return await Promise.race([ended.promise, run(controller.signal)]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', endWithOuter);
  }
}

/** Whether an error says that the time of a call was over: {@link inTime} throws such, and the SDKs of Azure. */
export const isLate = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');

/** Runs tasks with the same key one after the other, and tasks with different keys concurrently. */
export function serializeByKey(): <T>(key: string, task: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (key, task) => {
    const before = last.get(key) ?? Promise.resolve();
    const turn = before.then(task, task);
    last.set(key, turn);
    const leave = () => {
      if (last.get(key) === turn) last.delete(key);
    };
    turn.then(leave, leave);
    return turn;
  };
}

/**
 * Runs items with the same key together: those that come while others are run wait, and are run at once after them.
 * @param run gives a result for each item, in their order. When it throws, none of them has one.
 * @returns the result of one item.
 */
export function batchByKey<Item, Result>(
  run: (items: readonly Item[]) => Promise<readonly PromiseSettledResult<Result>[]>,
): (key: string, item: Item) => Promise<Result> {
  interface Waiting extends Pick<PromiseWithResolvers<Result>, 'resolve' | 'reject'> {
    readonly item: Item;
  }
  const waiting = new Map<string, Waiting[]>();

  async function runAll(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await run(batch.map(({ item }) => item));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const result = results[index];
        if (result?.status === 'fulfilled') resolve(result.value);
        else reject(result?.reason);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async function drain(key: string): Promise<void> {
    for (let batch = waiting.get(key) ?? []; batch.length > 0; batch = waiting.get(key) ?? []) {
      waiting.set(key, []);
      await runAll(batch);
    }
    waiting.delete(key);
  }

  return (key, item) => {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const others = waiting.get(key);
    if (others === undefined) {
      waiting.set(key, [{ item, resolve, reject }]);
      void drain(key);
    } else {
      others.push({ item, resolve, reject });
    }
    return promise;
  };
}
