import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../run-command.ts';

const script = async (shell: string) => (await runCommand(['completion', shell])).stdout;

describe('evenkeel completion bash', () => {
  let bash: string;
  beforeAll(async () => {
    bash = await script('bash');
  });
  /** What bash itself offers after these words. */
  function offered(...words: readonly string[]): string[] {
    const list = ['evenkeel', ...words].map((word) => `'${word}'`).join(' ');
    // What the program itself would print for these names.
    const run = `evenkeel() { echo "$1-$2-$3"; }
${bash}
COMP_WORDS=(${list}); COMP_CWORD=${words.length}; _evenkeel; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', run], { encoding: 'utf8' }).split('\n').filter(Boolean);
  }

  it.each<[readonly string[], readonly string[]]>([
    [['sta'], ['status']],
    [['re'], ['report', 'rehearse', 'reconcile', 'replay']],
    [['wait', '--min'], ['--min-evidence']],
    [['wait', 'myregistry/app:v1', '--min-evidence', 've'], ['verified']],
    [
      ['replay', '--function', 'r'],
      ['reconcileDns', 'receiveRegistryEvent', 'resumeDns'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish', 'powershell'],
    ],
    [['flags', '--registry', 'my'], ['names-registries-my']],
    [['wait', 'myregistry/app:v1', '--regions', 'westus,e'], ['names-regions-westus,e']],
    [['rehearse', ''], ['names-registries-']],
    [['rehearse', '--for', '1h', 'myregistry', 'w'], ['names-regions-w']],
    [['plan', 'rg-spoke-a/'], ['names-groups-rg-spoke-a/']],
    [['groups', '--spoke', ''], ['names-spokes-']],
    [['doctor', '--app', ''], []],
    [['plan', 'rg/web', '--js'], ['--json']],
    [['plan', '--settings', 'package.js'], ['package.json']],
  ])('offers after %j: %j', (words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });
});

describe('evenkeel completion', () => {
  it('describes commands and options to zsh, in quotes', async () => {
    const zsh = await script('zsh');
    expect(zsh).toMatch(/^#compdef evenkeel\n/);
    expect(zsh).toContain("    'status:show the state of the installation and its problems'\n");
    expect(zsh).toMatch(
      /^ {4}plan\) _arguments .*'--settings\[settings of the function app\]:settings:_files'/m,
    );
    expect(zsh).toContain("container group'\\''s");
    expect(zsh).toContain('\ncompdef _evenkeel evenkeel\n');
  });

  it('describes commands and options to fish', async () => {
    const fish = await script('fish');
    expect(fish).toContain("complete -c evenkeel -f -n __fish_use_subcommand -a status -d 'show the state");
    expect(fish).toContain(
      "complete -c evenkeel -n '__fish_seen_subcommand_from wait' -l min-evidence -x -a 'any webhook event verified pullable' -d 'weakest evidence that counts: verified asks each region for the manifest, pullable also for config and layers",
    );
    expect(fish).toContain("-l settings -r -F -d 'settings of the function app'");
  });

  it('asks for names in each shell, and hides the command that gives them', async () => {
    expect(await script('zsh')).toContain(
      "'1:what: _evenkeel_names registries' '2:what: _evenkeel_names regions'",
    );
    expect(await script('fish')).toContain(
      "-l registry -x -a '(evenkeel names registries (commandline -ct) 2>/dev/null)'",
    );
    const powershell = await script('powershell');
    expect(powershell).toContain("Arguments = @(, @(':registries') + , @(':regions'))");
    expect(powershell).toContain("'--min-evidence' = @('any', 'webhook', 'event', 'verified', 'pullable')");
    for (const shell of ['bash', 'zsh', 'fish', 'powershell']) {
      expect(await script(shell)).not.toMatch(/^ *'?names[':)]/m);
    }
    expect((await runCommand(['--help'])).stdout).not.toMatch(/^ {2}names /m);
  });

  it('knows no other shell', async () => {
    const { exitCode, stderr } = await runCommand(['completion', 'tcsh']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Allowed choices are bash, zsh, fish, powershell');
  });
});
