import * as v from 'valibot';

const answerSchema = v.object({ id: v.number(), result: v.optional(v.unknown()) });
const usageSchema = v.object({ usedSize: v.number(), backingStorageSize: v.optional(v.number(), 0) });

/** A process that is asked and does not answer for so long has a busy machine. */
const timeoutMs = 30_000;

/** Where a process says on its standard error that it can be inspected, in answer to `NODE_OPTIONS`. */
export const inspectorLine = /^Debugger listening on (ws:\S+)$/;
export const inspectable = '--inspect=127.0.0.1:0';

/**
 * Collects the garbage of a process, and asks what is left of its heap and its buffers, in MiB.
 * https://chromedevtools.github.io/devtools-protocol/v8/
 * @throws when it does not answer.
 */
export async function heapAfterCollectionMiB(inspectorUrl: string): Promise<number> {
  const socket = new WebSocket(inspectorUrl);
  const answers = new Map<number, (result: unknown) => void>();
  const failed = Promise.withResolvers<never>();
  socket.addEventListener('error', () => failed.reject(new Error(`the inspector at ${inspectorUrl} failed`)));
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = v.parse(answerSchema, JSON.parse(String(data)));
    answers.get(id)?.(result);
  });
  const limit = setTimeout(() => failed.reject(new Error('the inspector did not answer')), timeoutMs);
  const call = (id: number, method: string): Promise<unknown> => {
    const answer = new Promise((resolve) => answers.set(id, resolve));
    socket.send(JSON.stringify({ id, method }));
    return Promise.race([answer, failed.promise]);
  };
  try {
    await Promise.race([new Promise((resolve) => socket.addEventListener('open', resolve)), failed.promise]);
    await call(1, 'HeapProfiler.collectGarbage');
    const { usedSize, backingStorageSize } = v.parse(usageSchema, await call(2, 'Runtime.getHeapUsage'));
    return (usedSize + backingStorageSize) / 2 ** 20;
  } finally {
    clearTimeout(limit);
    socket.close();
  }
}
