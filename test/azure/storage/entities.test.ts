import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  byPartition,
  keysWithParts,
  partsOf,
  tableKey,
  tableKeyParts,
  textOf,
  textProperties,
} from '../../../src/azure/storage/entities.ts';

// Half a surrogate pair is no text that a name could be.
const text = fc.string({ unit: 'grapheme', maxLength: 30 });
const parts = fc.array(fc.oneof(text, fc.string({ unit: 'binary-ascii', maxLength: 30 })), {
  minLength: 1,
  maxLength: 5,
});

describe('a key of an entity', () => {
  it('gives back the parts that it was made of, whatever they are', () => {
    fc.assert(
      fc.property(parts, (some) => {
        expect(tableKeyParts(tableKey(...some))).toEqual(some);
      }),
    );
  });

  it('contains no character that a key may not hold, and none with a meaning in a filter', () => {
    fc.assert(
      fc.property(parts, (some) => {
        expect(tableKey(...some)).toMatch(/^[\w.~!|-]*$/);
      }),
    );
  });

  it('differs when a part differs, wherever the parts begin and end', () => {
    fc.assert(
      fc.property(parts, parts, (some, others) => {
        fc.pre(JSON.stringify(some) !== JSON.stringify(others));
        expect(tableKey(...some)).not.toBe(tableKey(...others));
      }),
    );
    expect(tableKey('a', 'b')).not.toBe(tableKey('a|b'));
    expect(tableKey('a!7Cb')).not.toBe(tableKey('a|b'));
  });

  it('fits into what the service takes, however long its parts are, and differs when a part differs', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '_', '-'), maxLength: 300 });
    const names = fc.array(name, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(names, names, (some, others) => {
        const key = tableKey(...some);
        expect(key.length).toBeLessThanOrEqual(512);
        expect(key).toMatch(/^[\w.~!|=-]*$/);
        fc.pre(JSON.stringify(some) !== JSON.stringify(others));
        expect(key).not.toBe(tableKey(...others));
      }),
    );
  });

  it('gives its parts back through a property when it has no room for them', () => {
    const long = `${'a/'.repeat(127)}z`;
    const entity = keysWithParts('p', 'time', 'myregistry', long, 'sha256:ab', '7');
    expect(entity.rowKey).toMatch(/^time\|myregistry\|=[0-9a-f]{64}\|sha256!3Aab\|7$/);
    expect(partsOf(entity)).toEqual(['time', 'myregistry', long, 'sha256:ab', '7']);
    expect(partsOf(keysWithParts('p', 'time', 'team/app'))).toEqual(['time', 'team/app']);
    // A row of an earlier version has nothing but its key.
    expect(partsOf({ rowKey: 'time|team!2Fapp' })).toEqual(['time', 'team/app']);
    expect(partsOf({ rowKey: entity.rowKey })).toBeUndefined();
  });

  it('is readable when nothing has to be escaped', () => {
    expect(tableKey('myregistry', 'team/app', 'sha256:ab')).toBe('myregistry|team!2Fapp|sha256!3Aab');
  });
});

describe('a text in the properties of an entity', () => {
  const entityOf = (text: string) => ({ etag: 'etag', ...textProperties(text) });

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

  it('fits into each property', () => {
    const properties = textProperties('é'.repeat(100_000));
    for (const value of Object.values(properties)) expect(value.length).toBeLessThanOrEqual(32_768);
  });

  it('is empty when the entity has none', () => {
    expect(textOf({ etag: 'etag' })).toBe('');
  });
});

describe('keys by partition', () => {
  const keysAt = (partitionKey: string, rowKey: number) => ({ partitionKey, rowKey: String(rowKey) });

  it('stand in groups of one partition, each key once', () => {
    const keys = [keysAt('a', 1), keysAt('b', 1), keysAt('a', 2), keysAt('a', 1)];
    expect(byPartition(keys)).toEqual([[keysAt('a', 1), keysAt('a', 2)], [keysAt('b', 1)]]);
  });

  it('stand in groups of 100 at most', () => {
    const keys = Array.from({ length: 230 }, (_, index) => keysAt('a', index));
    expect(byPartition(keys).map((group) => group.length)).toEqual([100, 100, 30]);
    expect(byPartition(keys).flat()).toEqual(keys);
  });
});
