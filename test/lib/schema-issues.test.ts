import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { describeIssues, dotPath } from '../../src/lib/schema-issues.ts';

const schema = v.strictObject({
  name: v.optional(v.string()),
  size: v.optional(v.pipe(v.number(), v.minValue(1, 'expected at least 1'))),
  list: v.optional(v.array(v.object({ tag: v.string() }))),
});

function describeIn(value: unknown, values: 'shown' | 'hidden'): string {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) throw new Error('the value is good');
  return describeIssues(parsed.issues, { where: dotPath('body'), values });
}

describe('describeIssues', () => {
  it.each([
    [{ name: 7 }, 'name: expected string, found 7', 'name: expected string, found number'],
    [{ name: null }, 'name: expected string, found null', 'name: expected string, found null'],
    [{ size: '' }, 'size: expected number, found ""', 'size: expected number, found an empty string'],
    [{ size: 'x' }, 'size: expected number, found "x"', 'size: expected number, found string'],
    [{ name: [] }, 'name: expected string, found Array', 'name: expected string, found array'],
    [{ size: 0 }, 'size: found 0, expected at least 1', 'size: expected at least 1'],
    [{ list: [{}] }, 'list.0.tag: expected a value, found nothing', undefined],
    [
      { nmae: 'x' },
      'nmae: found an unknown key, expected a known one; remove it or correct its spelling',
      'nmae: is not a known key; remove it or correct its spelling',
    ],
    [7, 'body: expected Object, found 7', 'body: expected Object, found number'],
  ])('describes %j with its values, and without', (value, shown, hidden = shown) => {
    expect(describeIn(value, 'shown')).toBe(shown);
    expect(describeIn(value, 'hidden')).toBe(hidden);
  });

  it('describes several issues in one sentence', () => {
    expect(describeIn({ name: 'a', size: 0, list: 1 }, 'hidden')).toBe(
      'size: expected at least 1; list: expected Array, found number',
    );
  });
});
