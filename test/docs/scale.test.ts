import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { monthlyCost } from '../../bench/monthly-cost.ts';
import { root } from './page.ts';

it('the page on scale has the costs that the counts and prices come to', async () => {
  const page = readFileSync(new URL('docs/scale.md', root), 'utf8').split('\n');
  expect((await monthlyCost()).filter((row) => !page.includes(row))).toEqual([]);
});
