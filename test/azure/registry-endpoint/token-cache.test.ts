import { describe, expect, it } from 'vitest';
import { tokenCache } from '../../../src/azure/registry-endpoint/tokens.ts';
import { jwt } from './jwt.ts';

function cacheAt(startMs: number) {
  let nowMs = startMs;
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { cache: tokenCache(() => new Date(nowMs)), pass };
}

/** The service that gives it. */
const here = 'https://eastus.example/oauth2/token';
const there = 'https://westus.example/oauth2/token';

describe('a token', () => {
  it('is cached until a minute before it expires', async () => {
    const { cache, pass } = cacheAt(0);
    const token = jwt({ exp: 600 });
    expect(await cache.get('a', here, async () => token)).toBe(token);
    pass(539_000);
    expect(cache.held('a')).toBe(token);
    pass(1_000);
    expect(cache.held('a')).toBeUndefined();
  });

  it('is loaded once for concurrent callers', async () => {
    const { cache } = cacheAt(0);
    let loads = 0;
    const load = async () => jwt({ exp: 600, load: ++loads });
    const tokens = await Promise.all([
      cache.get('a', here, load),
      cache.get('a', here, load),
      cache.get('a', here, load),
    ]);
    expect(loads).toBe(1);
    expect(new Set(tokens).size).toBe(1);
  });

  it('is not cached when it names no time of expiry', async () => {
    const { cache } = cacheAt(0);
    expect(await cache.get('a', here, async () => 'opaque')).toBe('opaque');
    expect(cache.held('a')).toBeUndefined();
  });

  it('of one service serves those who have another one', async () => {
    const { cache } = cacheAt(0);
    const token = jwt({ exp: 600 });
    const got = await Promise.all([
      cache.get('a', here, async () => token),
      cache.get('a', there, () => Promise.reject(new Error('is not asked'))),
    ]);
    expect(got).toEqual([token, token]);
  });

  it('is loaded from the own service of each when another service fails, once for each', async () => {
    const { cache } = cacheAt(0);
    let loads = 0;
    const fail = () => Promise.reject(new Error('throttled'));
    const load = async () => jwt({ exp: 600, load: ++loads });
    const got = await Promise.allSettled([
      cache.get('a', here, fail),
      cache.get('a', there, load),
      cache.get('a', there, load),
      cache.get('a', here, fail),
    ]);
    expect(got.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'rejected']);
    expect(loads).toBe(1);
  });

  it('is loaded again after a failure', async () => {
    const { cache } = cacheAt(0);
    await expect(cache.get('a', here, () => Promise.reject(new Error('no')))).rejects.toThrowError('no');
    expect(await cache.get('a', here, async () => 'yes')).toBe('yes');
  });

  it('is dropped when it was refused, and its successor is not', async () => {
    const { cache } = cacheAt(0);
    const [old, next] = [jwt({ exp: 600 }), jwt({ exp: 700 })];
    await cache.get('a', here, async () => old);
    cache.drop('a', old);
    await cache.get('a', here, async () => next);
    cache.drop('a', old);
    expect(cache.held('a')).toBe(next);
  });
});
