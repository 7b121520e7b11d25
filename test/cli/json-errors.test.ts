import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { codes, failureLines, failureOf } from '../../src/cli/failure.ts';
import { NotSignedInError, UncertainCallError } from '../../src/lib/errors.ts';
import { runCommand } from './run-command.ts';

/** Every command that takes `--json`, with the arguments that it requires. */
const commands: readonly (readonly string[])[] = [
  ['status'],
  ['wait', 'myregistry/team/app:v1'],
  ['report'],
  ['images'],
  ['groups'],
  ['history', 'web.spoke-a.internal.contoso.com'],
  ['flags'],
  ['rehearse', 'myregistry', 'westus', '--for', '1h'],
  ['plan', 'rg-spoke-a/web', '--subscription', 's'],
  ['reconcile', 'rg-spoke-a/web', '--subscription', 's', '--yes'],
  ['audit'],
  ['prune'],
  ['doctor'],
  ['replay'],
];

async function errorOf(args: readonly string[], run: Parameters<typeof runCommand>[1] = {}) {
  const { exitCode, stdout, stderr } = await runCommand(args, run);
  return { exitCode, document: JSON.parse(stdout), stderr };
}

describe('with --json, an error is one document on stdout and one line on stderr', () => {
  it('that names every command', async () => {
    const { stdout } = await runCommand(['--help']);
    const [list = ''] = (stdout.split('Commands:\n')[1] ?? '').split('\n\n');
    const names = [...list.matchAll(/^ {2}([a-z]+)/gm)].flatMap(([, name]) => name ?? []);
    const withJson = names.filter((name) => name !== 'help' && name !== 'completion');
    expect(commands.map(([name]) => name).sort()).toEqual(withJson.sort());
  });

  it.each(commands.map((command) => [command[0], command] as const))(
    'of %s, for an option that it does not know',
    async (_, command) => {
      const message = expect.stringContaining("unknown option '--no-such-option'");
      const { exitCode, document, stderr } = await errorOf([...command, '--no-such-option', '--json']);
      expect(exitCode).toBe(1);
      expect(document).toEqual({ error: { code: 'argumentBad', message } });
      expect(stderr).toMatch(/^✖ .*\n$/);
    },
  );

  it.each(commands.map((command) => [command[0], command] as const))(
    'of %s, for settings that are missing or bad',
    async (_, command) => {
      const env = { DNS_ZONE_MAP: '{', EVENKEEL_APP: 'http://10.0.0.1' };
      const { exitCode, document, stderr } = await errorOf([...command, '--json'], { env });
      expect(exitCode).toBe(1);
      expect(document).toEqual({ error: { code: 'settingBad', message: expect.any(String) } });
      expect(stderr).toBe(`✖ ${document.error.message}\n`);
    },
  );

  it.each([
    ['an argument that is missing', ['wait', '--json'], 'argumentBad', /missing required argument 'image'/],
    ['an argument that cannot be used', ['wait', 'x', '--json'], 'argumentBad', /names no repository/],
    ['a command that there is none of', ['wiat', '--json'], 'argumentBad', /unknown command 'wiat'/],
    ['an option of no command', ['--json'], 'argumentBad', /unknown option '--json'/],
    [
      'an app that cannot be reached',
      ['status', '--app', 'http://127.0.0.1:1', '--json'],
      'appNotAnswered',
      /cannot be reached/,
    ],
  ])('for %s', async (_, args, code, message) => {
    const { exitCode, document } = await errorOf(args);
    expect(exitCode).toBe(1);
    expect(document).toEqual({ error: { code, message: expect.stringMatching(message) } });
  });

  it('for an interruption', async () => {
    const interrupted = AbortSignal.abort(143);
    const run = { interrupted, env: { EVENKEEL_APP: 'http://127.0.0.1:1' } };
    const { exitCode, document, stderr } = await errorOf(['status', '--json'], run);
    expect(exitCode).toBe(143);
    expect(document).toEqual({ error: { code: 'interrupted', message: 'interrupted' } });
    expect(stderr).toBe('interrupted\n');
  });
});

describe('no document is printed', () => {
  it.each([
    ['for people', ['status', '--app', 'http://127.0.0.1:1']],
    ['after --, where --json is no option', ['wait', '--', '--json']],
  ])('%s', async (_, args) => {
    const { exitCode, stdout } = await runCommand(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });

  it('beside help', async () => {
    const { exitCode, stdout } = await runCommand(['wait', '--json', '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Usage: evenkeel wait/);
  });
});

describe('the code of an error', () => {
  it('is one of those that are documented', async () => {
    const page = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8');
    const [, table = ''] = page.split('### Errors as JSON');
    const documented = [...(table.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` \|/gm)].map(
      ([, code]) => code,
    );
    // `regionNotExpected` is of wait alone, and `groupMissing` of plan.
    const all = new Set([
      ...Object.values(codes),
      'argumentBad',
      'interrupted',
      'failed',
      'regionNotExpected',
      'groupMissing',
    ]);
    expect(documented.toSorted()).toEqual([...all].toSorted());
  });

  it('is that of the sign-in, wherever that failed', () => {
    const cause = new NotSignedInError();
    const error = new UncertainCallError('read A', 'the zone', 'no answer', { cause });
    expect(failureOf(error)).toEqual({ code: 'notSignedIn', message: cause.message });
  });

  it('is known of no other error, whose message is one line', () => {
    expect(failureOf(new RangeError('a\nb'))).toEqual({ code: 'failed', message: 'a b' });
    expect(failureOf(new DOMException('The operation was aborted', 'TimeoutError'))).toEqual({
      code: 'timedOut',
      message: 'no answer in time: try again',
    });
  });
});

describe('what led to an error', () => {
  it.each([
    [['--verbose'], {}],
    [[], { DEBUG: '1' }],
  ])('is told with %j and %j, below its line', async (flags, env) => {
    const { stderr } = await runCommand(['status', '--app', 'http://127.0.0.1:1', ...flags], { env });
    expect(stderr).toMatch(
      /^✖ the app cannot be reached: .*\n {2}error AppCallError: .*\n {2}caused by Error: /,
    );
    expect(stderr).toMatch(/\n *at .*app-client\.ts/);
  });

  it('is told of an aggregate with each of its parts, and of a circle once', () => {
    const parts = new AggregateError([new Error('one'), new Error('two')], 'both');
    const error = new Error('outer', { cause: parts });
    Object.assign(parts, { cause: error });
    const stderr = { write: () => {} };
    const text = failureLines(error, { stderr, env: {}, isVerbose: true });
    expect(text.split('\n').slice(0, 5)).toEqual([
      '✖ outer',
      '  error Error: outer',
      '  caused by AggregateError: both',
      '  caused by Error: one',
      '  caused by Error: two',
    ]);
  });

  it('is not told otherwise', async () => {
    const { stderr } = await runCommand(['status', '--app', 'http://127.0.0.1:1']);
    expect(stderr).toMatch(/^✖ the app cannot be reached: .*\n$/);
  });
});
