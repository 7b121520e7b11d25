import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Deadline } from '../../src/lib/deadline.ts';
import type { BlobAnswer, ManifestAnswer, ManifestContents } from '../../src/registries/ports.ts';
import type { Region } from '../../src/registries/replica.ts';
import { checkPull, pullMemory } from '../../src/replication/pull-check.ts';
import { isPullable } from '../../src/replication/pull-progress.ts';
import { at, d1, d2, d3, idOf, noDeadline, registry } from './fixtures.ts';

const blobs = (count: number) => Array.from({ length: count }, (_, n) => `blob${n}`);
const there = { kind: 'present' } as const;
const gone = { kind: 'absent' } as const;
const throttled = { kind: 'throttled', by: 'endpoint', retryAfterMs: 1_000 } as const;
const failing = { kind: 'unverified', reason: 'answered 503' } as const;

/** Regions that have everything, unless a test says otherwise. */
function world(contents: Readonly<Record<string, ManifestContents>>) {
  const requests: string[] = [];
  const answers = new Map<string, BlobAnswer>();
  /** By region, what it answers to everything. */
  const conditions = new Map<Region, BlobAnswer>();
  /** Regions whose endpoints never answer for a blob. */
  const silent = new Set<Region>();
  let nowMs = at(0);
  const answer = (region: Region, digest: string): BlobAnswer => {
    requests.push(`${region} ${digest}`);
    return conditions.get(region) ?? answers.get(`${region} ${digest}`) ?? there;
  };
  const ports = {
    manifests: {
      head: async (
        _: unknown,
        region: Region,
        _repository: string,
        digest: string,
      ): Promise<ManifestAnswer> => {
        const found = answer(region, digest);
        return found.kind === 'present' ? { ...found, digest, mediaType: '', sizeBytes: 1 } : found;
      },
      contents: async (_: unknown, region: Region, _repository: string, digest: string) =>
        conditions.has(region) || answers.get(`${region} ${digest}`) === gone ? undefined : contents[digest],
    },
    blobs: {
      hasBlob: async (
        _: unknown,
        region: Region,
        _repository: string,
        digest: string,
        { signal }: Deadline,
      ): Promise<BlobAnswer> => {
        if (!silent.has(region)) return answer(region, digest);
        requests.push(`${region} ${digest}`);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return { kind: 'unverified', reason: 'there was no time left to ask' };
      },
    },
    pulls: pullMemory(),
    now: () => new Date(nowMs),
  };
  return {
    requests,
    answers,
    conditions,
    silent,
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** Asks; returns what was requested meanwhile. */
    async check(
      regions: readonly Region[],
      closure = true,
      episode = 0,
      deadline = noDeadline,
      of = registry,
    ) {
      requests.length = 0;
      const asked = new Map(regions.map((region) => [region, episode]));
      const question = { image: idOf(), regions: asked, closure, registry: of };
      const { states, isCut } = await checkPull(question, ports, deadline);
      return { states: Object.fromEntries(states), isCut, requests: [...requests] };
    },
  };
}

const image = (count: number): ManifestContents => ({ kind: 'image', blobs: blobs(count) });
const whole = (checked: number) => ({ checked, missing: [], unchecked: 0, reason: undefined });

describe('a check of what a pull takes', () => {
  it('asks each region for config and layers, and for nothing twice', async () => {
    const { check } = world({ [d1]: image(2) });
    const first = await check(['eastus', 'westus']);
    expect(first).toMatchObject({ states: { eastus: whole(2), westus: whole(2) }, isCut: false });
    expect(first.requests.toSorted()).toEqual([
      'eastus blob0',
      'eastus blob1',
      'westus blob0',
      'westus blob1',
    ]);
    expect(await check(['eastus', 'westus'])).toMatchObject({ states: { westus: whole(2) }, requests: [] });
  });

  it('asks for the platforms of an index, and for what they hold', async () => {
    const { check } = world({ [d1]: { kind: 'index', children: [d2, d3] }, [d2]: image(1), [d3]: image(2) });
    const { requests } = await check(['eastus']);
    expect(requests).toEqual([`eastus ${d2}`, `eastus ${d3}`, 'eastus blob0', 'eastus blob1']);
  });

  it('names what is missing, and asks for that alone until it is there', async () => {
    const { answers, check } = world({ [d1]: image(3) });
    answers.set('westus blob1', gone);
    expect((await check(['eastus', 'westus'])).states).toMatchObject({
      eastus: whole(3),
      westus: { checked: 3, missing: ['blob1'] },
    });
    expect((await check(['eastus', 'westus'])).requests).toEqual(['westus blob1']);
    answers.delete('westus blob1');
    expect((await check(['eastus', 'westus'])).states).toMatchObject({ westus: whole(3) });
  });

  it('reads the manifests from a region that has them', async () => {
    const { answers, check } = world({ [d1]: { kind: 'index', children: [d2] }, [d2]: image(1) });
    answers.set(`eastus ${d2}`, gone);
    expect((await check(['eastus', 'westus'])).states).toMatchObject({
      eastus: { checked: 1, missing: [d2] },
      westus: whole(1),
    });
  });

  it('says why where no region gives the manifest', async () => {
    const { check } = world({});
    const { states } = await check(['eastus']);
    expect(states['eastus']).toMatchObject({
      checked: 0,
      unchecked: undefined,
      reason: 'a manifest could not be read',
    });
  });

  it('asks a region that throttles for no more than is under way', async () => {
    const { check, conditions } = world({ [d1]: image(50) });
    conditions.set('westus', throttled);
    const { requests, states } = await check(['eastus', 'westus']);
    expect(requests.filter((one) => one.startsWith('westus')).length).toBeLessThanOrEqual(4);
    expect(states['westus']).toMatchObject({ checked: 0, unchecked: 50, reason: 'throttled' });
    expect(states['eastus']).toMatchObject(whole(50));
  });

  it('goes on after a failure or two, and stops at the third', async () => {
    const { answers, check, conditions } = world({ [d1]: image(50) });
    answers.set('eastus blob7', failing);
    conditions.set('westus', failing);
    const { requests, states } = await check(['eastus', 'westus']);
    expect(states['eastus']).toMatchObject({ checked: 49, unchecked: 1, reason: 'answered 503' });
    expect(requests.filter((one) => one.startsWith('westus')).length).toBeLessThanOrEqual(6);
    expect(states['westus']).toMatchObject({ checked: 0, unchecked: 50 });
  });

  it('is bounded, and the next goes on where it ended: 200 layers in 25 regions take two', async () => {
    const { check } = world({ [d1]: image(201) });
    const regions = Array.from({ length: 25 }, (_, n) => `region${n}`);
    const first = await check(regions);
    expect(first.requests).toHaveLength(3_000);
    expect(first).toMatchObject({
      isCut: true,
      states: {
        region7: { checked: 120, unchecked: 81, reason: 'more is asked for with the next question' },
      },
    });
    const second = await check(regions);
    expect(second.requests).toHaveLength(25 * 81);
    expect(second).toMatchObject({ isCut: false, states: { region7: whole(201) } });
  });

  it('is shared by questions for the same image at the same time', async () => {
    const { check, requests } = world({ [d1]: image(3) });
    const both = await Promise.all([check(['eastus']), check(['eastus'])]);
    expect(both.map(({ states }) => states)).toEqual([{ eastus: whole(3) }, { eastus: whole(3) }]);
    expect(requests).toHaveLength(3);
  });

  it('does not call for another at once where it got no answer in all its time', async () => {
    const { check, silent } = world({ [d1]: image(9) });
    silent.add('westus');
    const soonOver = { ...noDeadline, remainingMs: () => 1_000 };
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const checking = check(['westus'], true, 0, soonOver);
    await vi.advanceTimersByTimeAsync(1_000);
    const { isCut, requests, states } = await checking;
    expect(requests).toHaveLength(4);
    expect(states['westus']).toMatchObject({
      ...{ checked: 0, unchecked: 9, reason: 'more is asked for with the next question' },
    });
    expect(isCut).toBe(false);
  });

  it('asks anew for what was seen longer ago than the objective, and ten minutes', async () => {
    const { check, pass } = world({ [d1]: image(1) });
    await check(['eastus']);
    pass(600_000);
    expect((await check(['eastus'])).requests).toEqual([]);
    pass(1);
    expect((await check(['eastus'])).requests).toEqual(['eastus blob0']);
  });

  it.each([
    ['for the objective, where that is longer than ten minutes', 20 * 60_000, 20 * 60_000],
    ['for ten minutes, where the objective is shorter', 5 * 60_000, 10 * 60_000],
  ])('counts what was there %s', async (_, replicationSloMs, forMs) => {
    const { check, pass } = world({ [d1]: image(1) });
    const ask = () => check(['eastus'], true, 0, noDeadline, { ...registry, replicationSloMs });
    await ask();
    pass(forMs);
    expect((await ask()).requests).toEqual([]);
    pass(1);
    expect((await ask()).requests).toEqual(['eastus blob0']);
  });

  it('asks anew after the image was deleted and pushed again', async () => {
    const { check } = world({ [d1]: image(1) });
    await check(['eastus'], true, 0);
    expect((await check(['eastus'], true, 5)).requests).toEqual(['eastus blob0']);
  });

  it('asks for nothing of an index whose platforms are not asked for', async () => {
    const { check } = world({ [d1]: { kind: 'index', children: [d2] } });
    const { states, requests } = await check(['eastus'], false);
    expect(requests).toEqual([]);
    expect(states['eastus'] && isPullable(states['eastus'])).toBe(true);
  });
});
