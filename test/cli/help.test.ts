import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runCommand } from './run-command.ts';

/** Names of the commands, as the help of the whole lists them. */
async function commands(): Promise<string[]> {
  const { stdout } = await runCommand(['--help']);
  const [list = ''] = (stdout.split('Commands:\n')[1] ?? '').split('\n\n');
  const names = [...list.matchAll(/^ {2}([a-z]+)/gm)].flatMap(([, name]) => name ?? []);
  return names.filter((name) => name !== 'help');
}

describe('every command', async () => {
  const names = await commands();

  it('is listed', () => {
    expect(names).toContain('wait');
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(names)('%s has help with its exit codes and an example', async (name) => {
    const { exitCode, stdout } = await runCommand([name, '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\nExit codes:\n {2}0 {2}/);
    expect(stdout).toMatch(new RegExp(`\\nExamples?:\\n {2}(?:evenkeel|source <\\(evenkeel) ${name}\\b`));
  });

  it.each(names)('%s is in docs/cli.md', async (name) => {
    const page = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8');
    expect(page).toMatch(new RegExp(`^\\| \\[\`${name}\`\\]\\(`, 'm'));
  });

  it.each(names)('%s refuses an option that it does not know', async (name) => {
    const { exitCode, stderr } = await runCommand([name, '--no-such-option']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("unknown option '--no-such-option'");
  });
});
