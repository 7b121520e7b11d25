import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { breaker } from '../../src/azure/registry-endpoint/breaker.ts';
import type { Deadline } from '../../src/lib/deadline.ts';
import type { ManifestAnswer, ManifestReader } from '../../src/registries/ports.ts';
import { at, digestNumber, loginServer, minuteMs, noDeadline, push } from './fixtures.ts';
import { InMemoryApp } from './in-memory-app.ts';
import { ScriptedManifests } from './scripted-manifests.ts';

const stalled = 'evenkeel.registry.replicationStalled';
const regions = ['eastus', 'northeurope', 'westus'];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: at(0) });
});
afterEach(() => void vi.useRealTimers());

/** A deadline on simulated time. */
function simulatedDeadline(ms: number): Deadline {
  const end = Date.now() + ms;
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('the time is over')), ms);
  return { signal: controller.signal, remainingMs: () => Math.max(0, end - Date.now()) };
}

/** The endpoint of `hanging` gives no answer for 5 s, which is as long as it is waited for. */
class HangingManifests implements ManifestReader {
  readonly #others = new ScriptedManifests();
  readonly #breaker = breaker(() => new Date());
  asked = 0;
  hanging: string | undefined = 'westus';

  has: ScriptedManifests['has'] = (...content) => this.#others.has(...content);

  async head(...question: Parameters<ScriptedManifests['head']>): Promise<ManifestAnswer> {
    const [, region] = question;
    if (region !== this.hanging) return this.#others.head(...question);
    const silent = { kind: 'unverified', reason: 'no answer in time' } as const;
    if (!this.#breaker.admits(region)) return silent;
    this.asked += 1;
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    this.#breaker.end(region, true);
    return silent;
  }

  confirmAbsence = (...question: Parameters<ScriptedManifests['head']>) => this.head(...question);
  contents = (...question: Parameters<ScriptedManifests['contents']>) => this.#others.contents(...question);
}

/** An app on simulated time, with images that only the first region has. */
async function withStalledImages(count: number) {
  const manifests = new HangingManifests();
  manifests.has('northeurope', {});
  const app = new InMemoryApp(regions, { manifests: () => manifests });
  Object.defineProperty(app, 'nowMs', { get: () => Date.now() });
  const one = app.process();
  for (let index = 0; index < count; index += 1) {
    await one.record(push(1, { digest: digestNumber(index), tag: `v${index}` }));
  }
  await vi.advanceTimersByTimeAsync(11 * minuteMs);
  /** Reviews within 40 s, as the app does each minute. */
  const review = async (process = one) => {
    const reviewed = process.review(simulatedDeadline(40_000));
    await vi.advanceTimersByTimeAsync(minuteMs);
    return reviewed;
  };
  return { app, manifests, one, review };
}

describe('a region that hangs', () => {
  it('delays no report of 400 stalled images, and no count of those that are late elsewhere', async () => {
    const { app, manifests, review } = await withStalledImages(400);
    const { complete, late, uncounted } = await review();
    expect(complete).toBe(true);
    expect(app.signals(stalled)).toHaveLength(400);
    expect(late?.get(loginServer)).toEqual(new Map([['northeurope', 400]]));
    expect(uncounted?.get(loginServer)).toEqual(new Map([['westus', 400]]));
    expect(manifests.asked).toBeLessThan(40);
  });
});

describe('a review that does not come to every image', () => {
  /** Ends the time of a review after some reads of images. */
  const endingAfter = (reads: number) => {
    const controller = new AbortController();
    let read = 0;
    const before = ({ name }: { readonly name: string }) => {
      if (name === 'images.read') read += 1;
      if (read > reads) controller.abort(new Error('the time is over'));
    };
    return { hooks: { before }, deadline: { ...noDeadline, signal: controller.signal } };
  };

  it('leaves the rest to the next, even in another process, and not always the same', async () => {
    const { app, manifests } = await withStalledImages(250);
    manifests.hanging = undefined;
    for (let reviews = 0; reviews < 3; reviews += 1) {
      const { hooks, deadline } = endingAfter(110);
      const { complete } = await app.process(hooks).review(deadline);
      expect(complete).toBe(false);
    }
    expect(app.signals(stalled)).toHaveLength(250);
  });

  it('knows the late images that the last one has found', async () => {
    const { manifests, one, review } = await withStalledImages(60);
    manifests.hanging = undefined;
    manifests.has('westus', {});
    const first = await review();
    expect(first.late?.get(loginServer)?.get('westus')).toBe(60);
    const over = await one.review({ ...noDeadline, signal: AbortSignal.abort() });
    expect(over.complete).toBe(false);
    expect(over.late).toEqual(first.late);
  });

  it('of a new process says that it does not know them', async () => {
    const { app } = await withStalledImages(5);
    const { late } = await app.process().review({ ...noDeadline, signal: AbortSignal.abort() });
    expect(late).toBeUndefined();
  });
});
