import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOf, textProperties } from '../../../src/azure/storage/tables.ts';

const entityOf = (text: string) => ({ etag: 'etag', ...textProperties(text) });

describe('a text in properties', () => {
  it.each([0, 1, 31_999, 32_000, 32_001, 64_000, 100_000])(
    'of %i characters is read as it was written',
    (length) => {
      const text = 'abcdefghij'.repeat(Math.ceil(length / 10)).slice(0, length);
      expect(textOf(entityOf(text))).toBe(text);
    },
  );

  it('is read as it was written, whatever it is', () => {
    const unit = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(unit, fc.nat(9000), (some, times) => {
        const text = some.repeat(times);
        expect(textOf(entityOf(text)) === text).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('fits into each of them', () => {
    const properties = textProperties('é'.repeat(100_000));
    for (const value of Object.values(properties)) expect(value.length).toBeLessThanOrEqual(32_768);
  });

  it('that an entity does not have is empty', () => {
    expect(textOf({ etag: 'etag' })).toBe('');
  });
});
