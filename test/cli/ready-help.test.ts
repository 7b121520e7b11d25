import { describe, expect, it } from 'vitest';
import { helpTexts } from '../../src/cli/help-texts.ts';
import { readyHelp } from '../../src/cli/ready-help.ts';
import { runCommand } from './run-command.ts';

const texts = await helpTexts();
const widest = Math.max(...texts.plain.split('\n').map((line) => line.length));
const pipe = { write: () => {} };
const terminal = (columns: number) => ({ ...pipe, isTTY: true, columns });

describe('the help that a build keeps', () => {
  it.each([['--help'], ['-h']])('is what %s prints to a pipe', async (flag) => {
    expect(readyHelp([flag], pipe, {}, texts)).toBe((await runCommand([flag])).stdout);
  });

  it.each([
    ['with colours', {}],
    ['without, if those are refused', { NO_COLOR: '1' }],
  ])('is what a terminal shows that just has room, %s', async (_, env) => {
    const { stdout } = await runCommand(['--help'], { terminal: { columns: widest, rows: 50 }, env });
    expect(readyHelp(['--help'], terminal(widest), env, texts)).toBe(stdout);
  });

  it('is not for a terminal in which it must be wrapped', () => {
    expect(readyHelp(['--help'], terminal(widest - 1), {}, texts)).toBeUndefined();
  });

  it.each([[[]], [['status', '--help']], [['help']], [['--help', 'status']]])(
    'is not for another command line: %j',
    (args) => expect(readyHelp(args, pipe, {}, texts)).toBeUndefined(),
  );
});
