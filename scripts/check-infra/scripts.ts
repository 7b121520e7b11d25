/** Shell and PowerShell scripts: what ShellCheck says of the one, and whether PowerShell parses and runs the other. */
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { filesIn, root } from './files.ts';
import type { Found } from './nuget-tool.ts';
import { exists, linesOf, run } from './program.ts';
import { resultOf, type Step } from './step.ts';

export const shellStep: Step = {
  name: 'shellcheck',
  run: async () => {
    if (!(await exists('shellcheck'))) return { kind: 'leftOut', why: 'there is no shellcheck here' };
    const files = [...filesIn('infra/hooks', '.sh'), '.ci/run'];
    const { code, out } = await run('shellcheck', ['--format=gcc', ...files.map((file) => join(root, file))]);
    const findings = linesOf(out).map((line) => line.replaceAll(`${root}/`, ''));
    return resultOf(code === 0 ? [] : findings, files.join(', '));
  },
};

/** Prints each error of the parser in a line, and nothing of a script that is right. */
const parser = `
  foreach ($path in $args) {
    $errors = $null
    [void][System.Management.Automation.Language.Parser]::ParseFile($path, [ref]$null, [ref]$errors)
    foreach ($e in $errors) { "$path line $($e.Extent.StartLineNumber): $($e.Message)" }
  }`;

export const powerShellStep = (powerShell: Found): Step => ({
  name: 'PowerShell parser',
  run: async () => {
    if ('why' in powerShell) return { kind: 'leftOut', why: powerShell.why };
    const files = filesIn('infra/hooks', '.ps1');
    const paths = files.map((file) => `'${join(root, file)}'`).join(' ');
    const { code, out, err } = await run(powerShell.program, [
      ...['-NoLogo', '-NoProfile', '-NonInteractive', '-Command'],
      `& {${parser}} ${paths}`,
    ]);
    const ended = code === 0 ? [] : [`PowerShell ended with ${code}: ${err}`];
    return resultOf(
      [...linesOf(out).map((line) => line.replaceAll(`${root}/`, '')), ...ended],
      files.join(', '),
    );
  },
});

/** The tests of the hooks, which `npm run test:delivery` runs with `sh` only. */
export const powerShellHooksStep = (powerShell: Found): Step => ({
  name: 'hooks under PowerShell',
  run: async () => {
    if ('why' in powerShell) return { kind: 'leftOut', why: powerShell.why };
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const args = [
      'run',
      '--config',
      join(root, 'test/delivery/vitest.config.ts'),
      'hooks',
      '-t',
      'PowerShell',
    ];
    const { code, out, err } = await run(process.execPath, [vitest, ...args], {
      ...process.env,
      EVENKEEL_HOOKS_POWERSHELL: powerShell.program,
    });
    const passed = /Tests\D*(\d+ passed)/.exec(stripVTControlCharacters(out))?.[1];
    if (code === 0 && passed !== undefined) return resultOf([], passed);
    return resultOf([`the tests ended with ${code}`, ...linesOf(`${out}\n${err}`)], '');
  },
});
