import { describe, expect, it } from 'vitest';
import type { PullContents } from '../../src/replication/pull-contents.ts';
import { isPullable, nextToAsk, pullState, type Seen } from '../../src/replication/pull-progress.ts';

const whole: PullContents = {
  manifests: ['child'],
  blobs: ['config', 'layer'],
  unread: [],
  problem: undefined,
};
const there = (atMs: number): Seen => ({ isThere: true, atMs });
const missing = (atMs: number): Seen => ({ isThere: false, atMs });
const stateOf = (seen: Readonly<Record<string, Seen>>, contents = whole, failure?: string) =>
  pullState(contents, new Map(Object.entries(seen)), 100, failure);

describe('the state of a pull in a region', () => {
  it('is pullable when the region answered for everything, and counts configs and layers', () => {
    const state = stateOf({ child: there(100), config: there(100), layer: there(150) });
    expect(state).toEqual({ checked: 2, missing: [], unchecked: 0, reason: undefined });
    expect(isPullable(state)).toBe(true);
  });

  it('names what is missing, manifests too', () => {
    const state = stateOf({ child: missing(100), config: there(100), layer: missing(100) });
    expect(state).toEqual({ checked: 2, missing: ['child', 'layer'], unchecked: 0, reason: undefined });
    expect(isPullable(state)).toBe(false);
  });

  it('is open while something was not asked for, or too long ago', () => {
    const state = stateOf({ config: there(100), layer: there(99) }, whole, 'throttled');
    expect(state).toEqual({ checked: 1, missing: [], unchecked: 2, reason: 'throttled' });
    expect(isPullable(state)).toBe(false);
  });

  it('is open while a manifest was not read, whatever is known', () => {
    const contents = { ...whole, unread: ['child'] };
    const state = stateOf(
      { child: there(100), config: there(100), layer: there(100) },
      contents,
      'throttled',
    );
    expect(state).toMatchObject({ checked: 2, unchecked: undefined, reason: 'throttled' });
    expect(isPullable(state)).toBe(false);
    expect(stateOf({}, contents).reason).toBe('a manifest could not be read');
  });

  it('is never pullable where the contents cannot be known', () => {
    const contents = { manifests: [], blobs: [], unread: [], problem: 'it has too many layers' };
    expect(stateOf({}, contents)).toMatchObject({ reason: 'it has too many layers' });
    expect(isPullable(stateOf({}, contents))).toBe(false);
  });

  it('is pullable with nothing to ask for', () => {
    expect(isPullable(stateOf({}, { ...whole, manifests: [], blobs: [] }))).toBe(true);
  });
});

describe('what a region is asked for next', () => {
  const next = (seen: Readonly<Record<string, Seen>>) =>
    nextToAsk({ ...whole, blobs: ['a', 'b', 'c', 'd'] }, new Map(Object.entries(seen)), 100);

  it('is what was never asked for, in order', () => {
    expect(next({})).toEqual(['child', 'a', 'b', 'c', 'd']);
  });

  it('leaves out what was there, and ends with what was missing, the longest ago first', () => {
    expect(next({ child: there(100), a: missing(300), b: missing(200), c: there(99) })).toEqual([
      'c',
      'd',
      'b',
      'a',
    ]);
  });
});
