import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const queries = readdirSync(new URL('infra/queries/', root)).map((file) => file.replace(/\.kql$/, ''));
const rules = textOf('infra/modules/alerts.bicep');

/** Everything that the app is made of, as text: what a query looks for has to be in it. */
const source = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => textOf(`src/${file}`))
  .join('\n');

/** The starts of log lines that a query looks for. */
const linesIn = (query: string): string[] =>
  [...query.matchAll(/startswith \\?"([^"\\]+) \\?"/g)].flatMap(([, line]) => line ?? []);
/** `logFailure('dns reconciling', …)` writes a line `dns reconciling failed`. */
const isLogged = (line: string): boolean =>
  source.includes(`'${line}'`) ||
  (line.endsWith(' failed') && source.includes(`logFailure('${line.slice(0, -' failed'.length)}'`));

describe('the alert rules', () => {
  it.each(queries)('have a rule, and advice for people, for %s', (name) => {
    expect(rules).toContain(`loadTextContent('../queries/${name}.kql')`);
    expect(rules).toContain(`name: '${name}'`);
    expect(textOf('docs/alerts.md')).toContain(`| \`${name}\` |`);
  });

  it('ask for what there is a query for', () => {
    const asked = [...rules.matchAll(/queries\/([\w-]+)\.kql/g)].map(([, name]) => name);
    expect(asked.toSorted()).toEqual(queries.toSorted());
  });

  it.each(queries)('look in %s for lines that the app writes', (name) => {
    const query = textOf(`infra/queries/${name}.kql`);
    for (const line of linesIn(query)) expect(isLogged(line), line).toBe(true);
    for (const [, error] of query.matchAll(/"(\w+Error)"/g)) expect(source).toContain(`class ${error} `);
  });
});

describe('the workbook', () => {
  it('looks for lines and metrics that the app writes', () => {
    const workbook = textOf('infra/workbook.json');
    const whole = linesIn(workbook).filter((line) => !/^registry (webhook|event)$/.test(line));
    expect(whole.length).toBeGreaterThan(5);
    for (const line of whole) expect(isLogged(line), line).toBe(true);
    const metrics = textOf('src/telemetry/metrics.ts');
    for (const [, name] of workbook.matchAll(/Name == \\"([\w.]+)\\"/g))
      expect(metrics).toContain(`\`${name}\``);
  });
});
