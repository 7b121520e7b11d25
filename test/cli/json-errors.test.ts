import { describe, expect, it } from 'vitest';
import { runCommand } from './run-command.ts';

/** Every command that takes `--json`, with the arguments that it requires. */
const commands: readonly (readonly string[])[] = [
  ['status'],
  ['wait', 'myregistry/team/app:v1'],
  ['report'],
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
