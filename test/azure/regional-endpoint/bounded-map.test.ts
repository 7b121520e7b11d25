import { describe, expect, it } from 'vitest';
import { boundedMap } from '../../../src/azure/regional-endpoint/bounded-map.ts';

describe('a bounded map', () => {
  it('forgets what was not used for the longest time', () => {
    const map = boundedMap<number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.get('a');
    map.set('c', 3);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
  });
});
