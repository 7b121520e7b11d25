import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import * as v from 'valibot';

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const violations = v.array(
  v.object({ id: v.string(), help: v.string(), nodes: v.array(v.object({ html: v.string() })) }),
);

/**
 * What is not accessible in a page as it stands, one line each. https://github.com/dequelabs/axe-core
 * @param contrast Whether colours are looked at, which takes most of the time.
 */
export async function inaccessible(page: Page, contrast = true): Promise<string[]> {
  // Evaluated from outside the page, where its policy does not reach.
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(source);
  const options = { resultTypes: ['violations'], rules: { 'color-contrast': { enabled: contrast } } };
  const found = v.parse(
    violations,
    await page.evaluate(`axe.run(${JSON.stringify(options)}).then(({ violations }) => violations)`),
  );
  return found.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
}
