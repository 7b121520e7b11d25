import { describe, expect, it } from 'vitest';
import { mutationsOf } from './mutations.ts';

const mutants = (source: string) =>
  mutationsOf('src/a.ts', source).map(
    ({ start, end, replacement }) => source.slice(0, start) + replacement + source.slice(end),
  );

describe('the mutations of a source file', () => {
  it.each<[string, string[]]>([
    ['const a = b < c;', ['const a = b <= c;']],
    ['const a = b && c;', ['const a = b || c;']],
    ['const a = !b;', ['const a = (b);']],
    ['const a = b ?? c;', ['const a = (b);']],
    ['const a = b ? 1 : 2;', ['const a = true ? 1 : 2;', 'const a = false ? 1 : 2;']],
    ['send(a);', [';']],
    ['const a = b.some(c);', ['const a = b.every(c);']],
    [
      'const a = (b as C | undefined) === true;',
      ['const a = (b as C | undefined) !== true;', 'const a = (b as C | undefined) === false;'],
    ],
  ])('of %s', (source, expected) => {
    expect(mutants(source)).toEqual(expected);
  });

  it.each(['log.info(a);', 'const a = "b" + c;', 'type A = B extends true ? C : D;', "import a from 'b';"])(
    'leave out %s',
    (source) => expect(mutants(source)).toEqual([]),
  );

  it('name the line', () => {
    expect(mutationsOf('src/a.ts', 'a;\n\nconst b = !c;').map(({ line }) => line)).toEqual([1, 3]);
  });
});
