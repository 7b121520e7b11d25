/**
 * `npm run test:mutants -- --budget 600`: changes the sources of the three jobs, one small change at a time, and runs the
 * tests that should notice. Which changes is drawn by a seed. Fails where a job's tests notice fewer than 95 %.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { seededRandom } from '../../local/azure/random.ts';
import { type Mutation, mutationsOf } from './mutations.ts';

const root = join(import.meta.dirname, '../..');
const jobs = ['dns', 'replication', 'routing'] as const;
type Job = (typeof jobs)[number];

/** What a mutation survives last, because they take longest. */
const explorersOf: Readonly<Record<Job, string>> = {
  dns: 'test/dns/explorer',
  replication: 'test/replication/explorer',
  routing: 'test/simulation',
};

const withoutExplorers = ['--exclude', '**/explorer/**', '--exclude', 'test/simulation/**'];

/** A mutation that makes the tests take so long is noticed. */
const limitMs = 180_000;
const wantedShare = 0.95;

const { budget, seed, only, parallel } = new Command('npm run test:mutants --')
  .description('Changes the sources of the three jobs, and sees whether a test notices.')
  .option('--budget <seconds>', 'for so long', toNumber, 600)
  .option('--seed <number>', 'which changes', toNumber, Math.trunc(Math.random() * 1e9))
  .option('--only <path>', 'of the files whose path begins so', 'src/')
  .option('--parallel <number>', 'so many at a time', toNumber, 2)
  .addHelpText('after', '\nExample:\n  npm run test:mutants -- --budget 600 --only src/dns/plan\n')
  .parse()
  .opts<{ budget: number; seed: number; only: string; parallel: number }>();

const jobOf = ({ file }: Mutation): Job | undefined => jobs.find((job) => file.startsWith(`src/${job}/`));

async function allMutations(): Promise<Mutation[]> {
  const found: Mutation[] = [];
  for await (const file of glob(`src/{${jobs.join(',')}}/**/*.ts`, { cwd: root }))
    if (file.startsWith(only)) found.push(...mutationsOf(file, await readFile(join(root, file), 'utf8')));
  return found;
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** Whether all tests pass with a mutation. */
async function passes(mutation: Mutation | undefined, args: readonly string[]): Promise<boolean> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const config = join(root, 'test/mutants/vitest.config.ts');
  const child = spawn(
    process.execPath,
    [vitest, ...args, '--config', config, '--bail', '1', '--passWithNoTests'],
    {
      cwd: root,
      stdio: 'ignore',
      // A group of its own, so that a worker that never ends is ended, too.
      detached: true,
      env: { ...process.env, ...(mutation && { EVENKEEL_MUTATION: JSON.stringify(mutation) }) },
    },
  );
  const kill = () => process.kill(-(child.pid ?? 0), 'SIGKILL');
  const limit = mutation && setTimeout(kill, limitMs);
  const [code] = await once(child, 'close');
  clearTimeout(limit);
  return code === 0;
}

/** The test files that import a source file themselves. */
async function directTests(file: string): Promise<string[]> {
  const found: string[] = [];
  for await (const test of glob('test/**/*.test.ts', { cwd: root })) {
    if (/^test\/(e2e|simulation)\/|\/explorer\//.test(test)) continue;
    if ((await readFile(join(root, test), 'utf8')).includes(`${file.slice('src/'.length)}'`))
      found.push(test);
  }
  return found;
}

async function isNoticed(mutation: Mutation): Promise<boolean> {
  const direct = await directTests(mutation.file);
  if (direct.length > 0 && !(await passes(mutation, ['run', ...direct]))) return true;
  if (!(await passes(mutation, ['related', mutation.file, '--run', ...withoutExplorers]))) return true;
  const job = jobOf(mutation);
  return job !== undefined && !(await passes(mutation, ['run', explorersOf[job]]));
}

const print = (line: string) => process.stdout.write(`${line}\n`);
const endMs = performance.now() + budget * 1000;
const mutations = shuffled(await allMutations(), seededRandom(seed));
if (mutations.length === 0) throw new Error(`--only ${only}: no source of the three jobs has such a path`);
print(`${mutations.length} mutations, seed ${seed}, ${budget} s`);
if (!(await passes(undefined, ['run', ...withoutExplorers])))
  throw new Error('the tests fail without any mutation');

const noticed: Record<Job, number> = { dns: 0, replication: 0, routing: 0 };
const tried: Record<Job, number> = { dns: 0, replication: 0, routing: 0 };
const left = mutations.values();
async function work(): Promise<void> {
  for (const mutation of left) {
    if (performance.now() > endMs) return;
    const isSeen = await isNoticed(mutation);
    const job = jobOf(mutation);
    if (job === undefined) continue;
    tried[job] += 1;
    if (isSeen) noticed[job] += 1;
    else print(await describe(mutation));
  }
}
await Promise.all(Array.from({ length: parallel }, work));

for (const job of jobs) {
  if (tried[job] === 0) continue;
  const share = noticed[job] / tried[job];
  print(`${job}: ${noticed[job]} of ${tried[job]} noticed, ${(100 * share).toFixed(1)} %`);
  if (share < wantedShare) process.exitCode = 1;
}

async function describe({ file, line, start, end, replacement }: Mutation): Promise<string> {
  const source = await readFile(join(root, file), 'utf8');
  return `nobody notices ${file}:${line}: ${source.slice(start, end).replaceAll(/\s+/g, ' ')} -> ${replacement}`;
}

function toNumber(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('expected a number above 0');
  return number;
}
