import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SortedMap } from '../../../local/azure/sorted-map.ts';

describe('a sorted map', () => {
  it('holds what a plain map holds, and walks it in order from any key on', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const change = fc.record({ key, value: fc.option(fc.nat(9), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(change), key, (changes, from) => {
        const sorted = new SortedMap<number>();
        const plain = new Map<string, number>();
        for (const { key: at, value } of changes) {
          if (value === undefined) expect(sorted.delete(at)).toBe(plain.delete(at));
          else {
            sorted.set(at, value);
            plain.set(at, value);
          }
        }
        const inOrder = [...plain].toSorted(([one], [other]) => (one < other ? -1 : 1));
        expect([...sorted.entriesAfter()]).toEqual(inOrder);
        expect([...sorted.entriesAfter(from)]).toEqual(inOrder.filter(([at]) => at > from));
        expect(sorted.size).toBe(plain.size);
      }),
    );
  });
});
