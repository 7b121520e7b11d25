import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { lackingFeatures } from '../../scripts/lacking-features.ts';
import { buildStatusPage, oldestBrowsers } from '../../scripts/status-page/build.ts';

describe('what a script uses and an old browser lacks', () => {
  it.each([
    ['Map.groupBy([], String)', ['Map.groupBy: chrome 117, edge 117, firefox 119, safari 17.4']],
    ['AbortSignal.any([])', ['AbortSignal.any: chrome 116, edge 116, firefox 124, safari 17.4']],
    ['words.union(others)', ['.union(): chrome 122, edge 122, firefox 127, safari 17']],
    ['new Intl.DurationFormat()', ['Intl.DurationFormat: chrome 129, edge 129, firefox 136']],
    ['navigation.union', []],
    ['[2, 1].toSorted(); new URL("/", location.href); structuredClone(1)', []],
  ])('in %s', (script, lacking) => {
    expect(lackingFeatures(script, oldestBrowsers)).toEqual(lacking);
  });
});

it('the status page uses nothing that the oldest browsers lack', async () => {
  const { page } = await buildStatusPage();
  const [, script = ''] = /<script>([\s\S]*)<\/script>/.exec(page.html) ?? [];
  expect(script.length).toBeGreaterThan(10_000);
  expect(lackingFeatures(script, oldestBrowsers).map(nameOf)).toEqual([
    // A method of valibot's own schemas.
    '.fallback()',
    // Preact looks for it first.
    '.moveBefore()',
  ]);
});

/** A built file and all that it loads. What earlier builds left beside them is not among these. */
function loadedFrom(file: URL, found: Set<string> = new Set()): string[] {
  if (found.has(file.href)) return [];
  found.add(file.href);
  const chunks = readFileSync(file, 'utf8').matchAll(/["'](\.{1,2}\/[\w./-]+\.[cm]?js)["']/g);
  const others = Array.from(chunks, ([, path = '']) => new URL(path, file)).filter((one) => existsSync(one));
  return [fileURLToPath(file), ...others.flatMap((one) => loadedFrom(one, found))];
}

it('the command uses nothing that Node.js 20 lacks, but for what it brings along', () => {
  const files = loadedFrom(new URL('../../bin/evenkeel.js', import.meta.url));
  expect(files.map((file) => basename(file))).toEqual(
    expect.arrayContaining(['run-plain-status.cjs', 'run-app-command.cjs', 'run-command-line.mjs']),
  );
  const lacking = files.flatMap((file) => lackingFeatures(readFileSync(file, 'utf8'), { nodejs: '20.3.0' }));
  expect([...new Set(lacking.map(nameOf))].sort()).toEqual([
    // A method of a package that has the name of a newer one.
    '.setItem()',
    // src/cli/node20.ts
    'Map.groupBy',
    'Promise.withResolvers',
    // The Azure SDKs look for them first.
    'Symbol.asyncDispose',
    'Symbol.dispose',
  ]);
});

const nameOf = (lacking: string): string => lacking.split(':')[0] ?? lacking;
