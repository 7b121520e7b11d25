import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tableKey, tableKeyParts } from '../../../src/azure/storage/tables.ts';

// Half a surrogate pair is no text that a name could be.
const text = fc.string({ unit: 'grapheme', maxLength: 30 });
const parts = fc.array(fc.oneof(text, fc.string({ unit: 'binary-ascii', maxLength: 30 })), {
  minLength: 1,
  maxLength: 5,
});

describe('a key of a table', () => {
  it('gives back the parts that it was made of, whatever they are', () => {
    fc.assert(
      fc.property(parts, (some) => {
        expect(tableKeyParts(tableKey(...some))).toEqual(some);
      }),
    );
  });

  it('holds no character that keys may not hold, nor one that means something in a filter', () => {
    fc.assert(
      fc.property(parts, (some) => {
        expect(tableKey(...some)).toMatch(/^[\w.~!|-]*$/);
      }),
    );
  });

  it('differs where a part differs, wherever the parts begin and end', () => {
    fc.assert(
      fc.property(parts, parts, (some, others) => {
        fc.pre(JSON.stringify(some) !== JSON.stringify(others));
        expect(tableKey(...some)).not.toBe(tableKey(...others));
      }),
    );
    expect(tableKey('a', 'b')).not.toBe(tableKey('a|b'));
    expect(tableKey('a!7Cb')).not.toBe(tableKey('a|b'));
  });

  it('is readable where nothing has to be escaped', () => {
    expect(tableKey('myregistry', 'team/app', 'sha256:ab')).toBe('myregistry|team!2Fapp|sha256!3Aab');
  });
});
