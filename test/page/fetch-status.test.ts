import { describe, expect, it } from 'vitest';
import { fetchProblem } from '../../src/page/fetch-problem.ts';
import { fetchImage, fetchStatus } from '../../src/page/fetch-status.ts';
import { everyHang, hangingServer } from '../support/hanging-server.ts';
import { endings, simulateTime } from '../support/simulated-time.ts';

simulateTime();

describe.each(everyHang)('where the app does not answer to its end: %s', (hang) => {
  it.each([
    ['the status', fetchStatus, { ok: false, problem: fetchProblem('timeout'), retryAfterMs: 0 }],
    ['an image', fetchImage, fetchProblem('timeout')],
  ] as const)('the page waits 20 s for %s', async (_, fetch, outcome) => {
    await using server = await hangingServer(hang);
    const { url, held, dropped } = server;
    const ended = await endings([{ work: fetch(url, undefined), held }]);
    expect(ended).toEqual([{ afterMs: 20_000, outcome: JSON.stringify(outcome) }]);
    await dropped;
  });
});
