import { expect, it } from 'vitest';
import { jsonText } from '../../../src/cli/output/print-result.ts';

it('JSON holds nothing that a terminal would obey, or would not show, and means the same', () => {
  const document = { name: 'a\u202eb\u009b2Jc\u{e0041}d\u2028e\u007ff', 'k\u200by': 'é שלום 😀' };
  const text = jsonText(document);
  expect(text).toBe('{"name":"a\\u202eb\\u009b2Jc\\udb40\\udc41d\\u2028e\\u007ff","k\\u200by":"é שלום 😀"}');
  expect(JSON.parse(text)).toEqual(document);
});
