import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellWord } from '../../src/page/shell.ts';

const names = ['rg-spoke-b/db', '$(id)', "it's; rm -rf ~", 'a b', '`id`', '', '-x', '⟨U+202E⟩'];

it('what stands in a command to copy is one word for a shell, and no command of its own', () => {
  const told = execFileSync('sh', ['-c', `printf '%s\\n' ${names.map(shellWord).join(' ')}`], {
    encoding: 'utf8',
  });
  expect(told.split('\n').slice(0, -1)).toEqual(names);
  expect(shellWord('rg-spoke-b/db')).toBe('rg-spoke-b/db');
});
