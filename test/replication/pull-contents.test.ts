import { describe, expect, it } from 'vitest';
import type { ManifestContents } from '../../src/registries/ports.ts';
import { pullContents } from '../../src/replication/pull-contents.ts';
import { d1, d2, d3 } from './fixtures.ts';

const image = (...blobs: readonly string[]): ManifestContents => ({ kind: 'image', blobs });
const index = (...children: readonly string[]): ManifestContents => ({ kind: 'index', children });
const contents = (known: Readonly<Record<string, ManifestContents>>, closure = true) =>
  pullContents(d1, new Map(Object.entries(known)), closure);

describe('what a pull takes', () => {
  it('is the config and the layers of an image', () => {
    expect(contents({ [d1]: image('config', 'layer') }, false)).toEqual({
      manifests: [],
      blobs: ['config', 'layer'],
      unread: [],
      problem: undefined,
    });
  });

  it('is nothing more than the index itself where no platform is asked for', () => {
    expect(contents({ [d1]: index(d2, d3) }, false)).toMatchObject({ manifests: [], blobs: [], unread: [] });
  });

  it('is every platform and what it holds with the closure, what they share once', () => {
    const known = { [d1]: index(d2, d3), [d2]: image('base', 'a'), [d3]: image('base', 'b') };
    expect(contents(known)).toMatchObject({ manifests: [d2, d3], blobs: ['base', 'a', 'b'] });
  });

  it('follows an index in an index, and ends where one names itself', () => {
    expect(contents({ [d1]: index(d2), [d2]: index(d3, d2), [d3]: image('a') })).toMatchObject({
      manifests: [d2, d3],
      blobs: ['a'],
      problem: undefined,
    });
    expect(contents({ [d1]: index(d1) })).toMatchObject({ manifests: [d1], problem: undefined });
  });

  it('is not known while a manifest is not read', () => {
    expect(contents({})).toMatchObject({ unread: [d1] });
    expect(contents({ [d1]: index(d2, d3), [d2]: image('a') })).toMatchObject({ blobs: ['a'], unread: [d3] });
  });

  it('is followed three deep, and no further', () => {
    const three = { [d1]: index('a'), a: index('b'), b: index('c'), c: image('layer') };
    expect(contents(three)).toEqual({
      manifests: ['a', 'b', 'c'],
      blobs: ['layer'],
      unread: [],
      problem: undefined,
    });
    expect(contents({ ...three, c: index('d') })).toMatchObject({ manifests: ['a', 'b', 'c'], unread: [] });
  });

  it('is at most 128 manifests and 2,000 layers', () => {
    const numbers = (count: number) => Array.from({ length: count }, (_, n) => `${n}`);
    expect(contents({ [d1]: image(...numbers(2_000)) }).problem).toBeUndefined();
    expect(contents({ [d1]: index(...numbers(128)) }).problem).toBeUndefined();
  });

  it.each([
    ['a manifest that names no layers', { [d1]: { kind: 'other' } as const }, /names no layers/],
    ['too many layers', { [d1]: image(...Array.from({ length: 2_001 }, (_, n) => `${n}`)) }, /2000 layers/],
    [
      'too many manifests',
      { [d1]: index(...Array.from({ length: 129 }, (_, n) => `${n}`)) },
      /128 manifests/,
    ],
    [
      'indexes that are nested too deep',
      { [d1]: index('a'), a: index('b'), b: index('c'), c: index('d') },
      /nested more than 3/,
    ],
  ])('can never be known of %s', (_, known, problem) => {
    expect(contents(known).problem).toMatch(problem);
  });
});
