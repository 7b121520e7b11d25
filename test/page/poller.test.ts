import { describe, expect, it } from 'vitest';
import { evenStatus } from '../../scripts/status-page/sample-status.ts';
import { fetchProblem } from '../../src/page/fetch-problem.ts';
import {
  type FetchResult,
  intervalMs,
  maxIntervalMs,
  startPoller,
  type View,
} from '../../src/page/poller.ts';
import { parseStatus } from '../../src/status/schema.ts';

const status = parseStatus(evenStatus);
if (status === undefined) throw new Error('the page does not understand the sample');
const good: FetchResult = { ok: true, status };
const bad = (retryAfterMs = 0): FetchResult => ({
  ok: false,
  problem: fetchProblem('notRunning', 503),
  retryAfterMs,
});

/** A poller whose clock stands still, and whose app answers when it is told to. */
function open() {
  const shown: View[] = [];
  const answers: ((asked: FetchResult) => void)[] = [];
  let planned: { readonly ms: number; readonly work: () => void } | undefined;
  let isHidden = false;
  const poller = startPoller({
    fetchStatus: () => new Promise((resolve) => answers.push(resolve)),
    render: (view) => shown.push(view),
    nowMs: () => 1_000,
    schedule(ms, work) {
      const plan = { ms, work };
      planned = plan;
      return () => {
        if (planned === plan) planned = undefined;
      };
    },
    isHidden: () => isHidden,
  });
  return {
    poller,
    asked: () => answers.length,
    view: () => shown.at(-1),
    pause: () => planned?.ms,
    elapse() {
      const work = planned?.work;
      planned = undefined;
      work?.();
    },
    async answer(asked: FetchResult) {
      answers.at(-1)?.(asked);
      await Promise.resolve();
      await Promise.resolve();
    },
    turn(hidden: boolean) {
      isHidden = hidden;
      poller.onVisibilityChange();
    },
  };
}

describe('the page asks', () => {
  it('at once, and again some seconds after each answer', async () => {
    const page = open();
    expect(page.asked()).toBe(1);
    expect(page.pause()).toBeUndefined();
    await page.answer(good);
    expect(page.view()).toMatchObject({ status, receivedAtMs: 1_000, failure: undefined, isFetching: false });
    expect(page.pause()).toBe(intervalMs);
    page.elapse();
    expect(page.asked()).toBe(2);
  });

  it('less and less often while the app does not answer, and as ever when it does', async () => {
    const page = open();
    await page.answer(good);
    const pauses: (number | undefined)[] = [];
    for (let count = 1; count <= 6; count += 1) {
      page.elapse();
      await page.answer(bad());
      pauses.push(page.pause());
      expect(page.view()).toMatchObject({ status, failure: { count, sinceMs: 1_000 } });
    }
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, maxIntervalMs, maxIntervalMs]);
    page.elapse();
    await page.answer(good);
    expect(page.pause()).toBe(intervalMs);
    expect(page.view()?.failure).toBeUndefined();
  });

  it('not sooner than the app wants, and not much later', async () => {
    const page = open();
    await page.answer(bad(30_000));
    expect(page.pause()).toBe(30_000);
    page.elapse();
    await page.answer(bad(3_600_000));
    expect(page.pause()).toBe(maxIntervalMs);
  });

  it('nothing while nobody looks, and at once when somebody does again', async () => {
    const page = open();
    await page.answer(good);
    page.turn(true);
    expect(page.pause()).toBeUndefined();
    page.turn(false);
    expect(page.asked()).toBe(2);
  });

  it('nothing more when it went out of sight while the app was answering', async () => {
    const page = open();
    page.turn(true);
    await page.answer(good);
    expect(page.pause()).toBeUndefined();
    expect(page.view()?.status).toBe(status);
  });

  it('nothing while it is paused, but for what is asked by hand', async () => {
    const page = open();
    await page.answer(good);
    page.poller.pause();
    expect(page.pause()).toBeUndefined();
    page.turn(false);
    expect(page.asked()).toBe(1);
    void page.poller.refresh();
    await page.answer(good);
    expect(page.asked()).toBe(2);
    expect(page.pause()).toBeUndefined();
    page.poller.resume();
    expect(page.asked()).toBe(3);
  });

  it('once with a key that is refused, and again only when a person wants it', async () => {
    const page = open();
    const refused: FetchResult = { ok: false, problem: fetchProblem('keyRefused'), retryAfterMs: 1_000 };
    await page.answer(refused);
    expect(page.pause()).toBeUndefined();
    page.turn(true);
    page.turn(false);
    expect(page.asked()).toBe(1);
    expect(page.view()).toMatchObject({ nextAtMs: undefined, failure: { count: 1, isByHand: false } });
    void page.poller.refresh();
    await page.answer(good);
    expect(page.pause()).toBe(intervalMs);
  });

  it('and tells a failure that somebody waits for from one that nobody asked for', async () => {
    const page = open();
    await page.answer(good);
    page.elapse();
    await page.answer(bad());
    expect(page.view()?.failure?.isByHand).toBe(false);
    void page.poller.refresh();
    await page.answer(bad());
    expect(page.view()?.failure).toMatchObject({ isByHand: true, count: 2 });
  });

  it('one question at a time', () => {
    const page = open();
    void page.poller.refresh();
    void page.poller.refresh();
    expect(page.asked()).toBe(1);
  });
});
