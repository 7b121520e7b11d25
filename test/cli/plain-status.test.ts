import { Command } from '@commander-js/extra-typings';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { registerStatus } from '../../src/cli/commands/status/command.ts';
import type { CliContext } from '../../src/cli/context.ts';
import { verboseOption } from '../../src/cli/options.ts';
import { plainStatus } from '../../src/cli/plain-status.ts';

describe('a plain command line of status', () => {
  it.each<[args: string[], options: ReturnType<typeof plainStatus>]>([
    [['status'], {}],
    [['status', '--json'], { json: true }],
    [['status', '--app', 'https://a.example'], { app: 'https://a.example' }],
    [
      ['status', '--verbose', '--app', 'https://a.example', '--json'],
      { app: 'https://a.example', json: true },
    ],
    [['status', '--app', 'https://a.example', '--app', 'https://b.example'], { app: 'https://b.example' }],
    [['status', '--app', ''], { app: '' }],
  ])('%j', (args, options) => {
    expect(plainStatus(args)).toEqual(options);
  });

  it.each([
    [[]],
    [['wait']],
    [['--json', 'status']],
    [['status', '--help']],
    [['status', '--watch']],
    [['status', '--every', '5s']],
    [['status', '--app']],
    [['status', '--app', '--json']],
    [['status', '--app=https://a.example']],
    [['status', '--', '--json']],
    [['status', 'spoke-a']],
    [['status', '--js']],
  ])('is not %j, which is left to commander', (args) => {
    expect(plainStatus(args)).toBeUndefined();
  });

  it('gives the options that commander gives', () => {
    const words = fc.constantFrom(
      '--json',
      '--app',
      '--verbose',
      '--watch',
      '--',
      '-',
      '',
      'https://a.example',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 6 }), (options) => {
        const plain = plainStatus(['status', ...options]);
        if (plain === undefined) return;
        const { verbose: _, every, ...parsed } = parsedByCommander(options);
        expect(plain).toEqual(parsed);
        expect(every).toBe('10s');
      }),
    );
  });
});

const none = async () => undefined;
const refuse = async () => Promise.reject(new Error('nothing is run'));
const idle: CliContext = {
  stdin: { readLine: none },
  stdout: process.stdout,
  stderr: process.stderr,
  env: {},
  send: refuse,
  readFile: refuse,
  cache: { read: none, write: none },
  clock: { now: () => new Date(0), sleep: none },
  interrupted: new AbortController().signal,
  isVerbose: false,
};

/** @throws what commander throws, for command lines that it refuses. */
function parsedByCommander(options: readonly string[]): Record<string, unknown> {
  const program = new Command();
  registerStatus(program, idle, () => {});
  const [status] = program.commands;
  if (status === undefined) throw new TypeError('status is not declared');
  const { operands, unknown } = status
    .exitOverride()
    .addOption(verboseOption)
    .parseOptions([...options]);
  expect([...operands, ...unknown]).toEqual([]);
  return status.opts();
}
