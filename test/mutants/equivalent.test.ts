import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { equivalenceOf, equivalences } from './equivalent.ts';
import { mutationsOf } from './mutations.ts';

const root = join(import.meta.dirname, '../..');

describe('what no test can notice', () => {
  const entry = {
    file: 'src/a.ts',
    text: 'c = a > b',
    becomes: 'c = a >= b',
    reason: 'they are never equal',
  };
  const known = (file: string, source: string) =>
    mutationsOf(file, source).filter((mutation) => equivalenceOf(mutation, source, [entry]) !== undefined);

  it('is the one change of the one place that an entry names', () => {
    const source = 'const d = a > b;\nconst c = a > b && d;';
    expect(known('src/a.ts', source)).toEqual([
      { file: 'src/a.ts', line: 2, start: 29, end: 30, replacement: '>=' },
    ]);
  });

  it('is not found in another file, nor in a text that has changed', () => {
    expect(known('src/b.ts', 'const c = a > b;')).toEqual([]);
    expect(known('src/a.ts', 'const c = a > d;')).toEqual([]);
  });

  it('still stands in the sources, entry by entry, once', async () => {
    for (const one of equivalences) {
      const source = await readFile(join(root, one.file), 'utf8');
      const matching = mutationsOf(one.file, source).filter(
        (mutation) => equivalenceOf(mutation, source, [one]) !== undefined,
      );
      expect(matching, `${one.file}: ${one.text}`).toHaveLength(1);
      expect(source.split(one.text), `${one.file}: ${one.text}`).toHaveLength(2);
    }
  });
});
