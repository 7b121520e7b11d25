import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sweepOnThread } from '../../../src/dns/audit/sweep-thread.ts';

const scriptOf = (code: string) => new URL(`data:text/javascript,${encodeURIComponent(code)}`);

describe('a sweep on a thread of its own', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => vi.useRealTimers());

  it.each([
    ['waits for ever', 'setInterval(() => {}, 1000)'],
    ['is busy for ever', 'for (;;);'],
  ])('that %s is stopped after its time', async (_, code) => {
    const sweeping = sweepOnThread(scriptOf(code), undefined, 60_000);
    const ended = expect(sweeping).rejects.toThrow('the sweep did not end within its 60 s, and was stopped');
    await vi.advanceTimersByTimeAsync(75_000);
    await ended;
  });

  it('that is still within its time may report', async () => {
    const report = {
      startedAt: '2026-11-21T12:00:00.000Z',
      finishedAt: '2026-11-21T12:00:01.000Z',
      complete: true,
      unread: [],
      spokes: [],
      findings: [],
      sharedAddresses: [],
      unmapped: [],
      strips: {},
    };
    const code = `import { parentPort } from 'node:worker_threads'; parentPort.postMessage(${JSON.stringify(report)})`;
    const [set, cleared] = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'clearTimeout')];
    const sweeping = sweepOnThread(scriptOf(code), undefined, 60_000);
    const index = set.mock.calls.findIndex(([, delayMs]) => delayMs === 75_000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await sweeping).toEqual(report);
    // It would keep the process from ending.
    expect(cleared).toHaveBeenCalledWith(set.mock.results[index]?.value);
    vi.restoreAllMocks();
  });

  it('that ends without a report fails', async () => {
    await expect(sweepOnThread(scriptOf(''), undefined, 60_000)).rejects.toThrow('without a report');
  });

  it('that fails says why', async () => {
    const failing = scriptOf("throw new Error('no zone answers')");
    await expect(sweepOnThread(failing, undefined, 60_000)).rejects.toThrow('no zone answers');
  });

  it('that reports what is no report fails, and its thread ends though it has something left to do', async () => {
    const terminate = vi.spyOn(Worker.prototype, 'terminate');
    const code =
      "import { parentPort } from 'node:worker_threads'; parentPort.postMessage('even'); setInterval(() => {}, 1000)";
    await expect(sweepOnThread(scriptOf(code), undefined, 60_000)).rejects.toThrow(
      'something that is no report',
    );
    expect(terminate).toHaveBeenCalledTimes(1);
    vi.restoreAllMocks();
  });
});
