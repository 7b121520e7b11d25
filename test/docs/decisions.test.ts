import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pagePaths, readPage, root } from './page.ts';

const records = pagePaths().filter((path) => /^docs\/decisions\/\d{4}-/.test(path));

describe.each(records)('%s', (path) => {
  const text = readFileSync(new URL(path, root), 'utf8');

  it('has a status, a date and the sections of the template', () => {
    expect(text).toMatch(
      /^# \d+\. .+\n\n- Status: (?:proposed|accepted|superseded by \[.+)\n- Date: \d{4}-\d\d-\d\d\n/,
    );
    expect(text.match(/^## .+$/gm)).toEqual(['## Context', '## Decision', '## Consequences']);
  });

  it('is in the index under its number and title', () => {
    const [, number, title] = /^# (\d+)\. (.+)$/m.exec(text) ?? [];
    const [, status] = /^- Status: (\w+)/m.exec(text) ?? [];
    const file = path.slice('docs/decisions/'.length);
    const rows = readPage('docs/decisions/README.md').tables.flatMap((table) => table.rows);
    const cells = rows.map((row) => row.map((cell) => cell.text));
    expect(cells).toContainEqual([number, `[${title}](${file})`, status]);
    expect(Number(file.slice(0, 4))).toBe(Number(number));
  });
});
