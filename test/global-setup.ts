import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import build from './build-setup.ts';
import { leaksIn } from './e2e/leaks.ts';
import { deployedRoles, roleProblems } from './infra/role-problems.ts';

/** Builds, and looks at what the whole run asked of Azure and printed. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await build();
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-tests-'));
  const journal = join(directory, 'requests.txt');
  process.env['EVENKEEL_REQUEST_JOURNAL'] = journal;
  const hostLines = join(directory, 'host-lines.txt');
  process.env['EVENKEEL_HOST_LINES'] = hostLines;
  return async () => {
    const lines = linesOf(journal);
    const leaks = leaksIn(linesOf(hostLines));
    rmSync(directory, { recursive: true });
    if (leaks.length > 0)
      throw new Error(`lines that tell what no line may tell:\n${leaks.slice(0, 10).join('\n')}`);
    const problems = roleProblems(lines, deployedRoles, await isWhole(project));
    if (problems.length === 0) return;
    throw new Error(`infra/roles.json differs from what the app asked of Azure:\n${problems.join('\n')}`);
  };
}

const linesOf = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];

/** Whether every test of the project ran, and passed: only then has the app asked for all that it can ask for. */
async function isWhole({ vitest }: TestProject): Promise<boolean> {
  if (vitest.config.testNamePattern !== undefined) return false;
  const all = await vitest.globTestSpecifications();
  const ran = vitest.state.getTestModules();
  return ran.length === all.length && ran.every((module) => module.ok());
}
