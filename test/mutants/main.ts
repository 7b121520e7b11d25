/**
 * `npm run test:mutants -- --budget 600`: changes the sources of the three jobs, one small change at a time, and runs the
 * tests that should notice. Which changes is drawn by a seed. Fails where a job's tests notice fewer than 95 %.
 */
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { seededRandom } from '../../local/azure/random.ts';
import { draw, type Job, jobOf, jobs } from './draw.ts';
import { equivalenceOf } from './equivalent.ts';
import { type Mutation, mutationsOf } from './mutations.ts';
import { describeScore, isEnough, scores, type Verdict } from './score.ts';
import { TesterProcess } from './tester-process.ts';

const root = join(import.meta.dirname, '../..');

/** The tests of the parts take a few seconds, and the explorers most of a minute on a busy machine. */
const limitMs = { unit: 60_000, explorer: 180_000, untouched: 600_000 };

const command = new Command('npm run test:mutants --')
  .description('Changes the sources of the three jobs, and sees whether a test notices.')
  .option('--budget <seconds>', 'for so long, after the tests have passed without a change', toNumber, 600)
  .option('--seed <number>', 'which changes', toNumber, Math.trunc(Math.random() * 1e9))
  .option('--only <path>', 'of the files whose path begins so', 'src/')
  .option('--parallel <number>', 'so many at a time', toNumber, 2)
  .option('--list <file>', 'also write the changes that nobody notices there')
  .addHelpText('after', '\nExample:\n  npm run test:mutants -- --budget 600 --only src/dns/plan\n')
  .parse();
const { budget, seed, only, parallel, list } = command.opts<{
  budget: number;
  seed: number;
  only: string;
  parallel: number;
  list?: string;
}>();

/** The sources of the jobs, or those of them that `--only` names. */
async function sources(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const file of glob(`src/{${jobs.join(',')}}/**/*.ts`, { cwd: root }))
    if (file.startsWith(only)) found.set(file, await readFile(join(root, file), 'utf8'));
  return found;
}

const print = (line: string) => process.stdout.write(`${line}\n`);
const startMs = performance.now();
const secondsSinceStart = () => Math.round((performance.now() - startMs) / 1000);
const textOf = await sources();
const sourceOf = ({ file }: Mutation): string => textOf.get(file) ?? '';
const files = [...textOf.keys()].toSorted();
const all = files.flatMap((file) => mutationsOf(file, textOf.get(file) ?? ''));
if (all.length === 0)
  command.error(`error: --only ${only}: nothing to change in dns, replication or routing`);
const mutations = draw(
  all.filter((mutation) => equivalenceOf(mutation, sourceOf(mutation)) === undefined),
  seededRandom(seed),
);
print(
  `${mutations.length} mutations, and ${all.length - mutations.length} that no test can notice; seed ${seed}, ${budget} s`,
);

/** The lines of what nobody notices. */
const survivors: string[] = [];
const results: { readonly job: Job; readonly verdict: Verdict }[] = [];
const left = mutations.values();

function describe({ file, line, start, end, replacement }: Mutation): string {
  const before = textOf.get(file)?.slice(start, end).replaceAll(/\s+/g, ' ');
  return `${file}:${line}: ${before} -> ${replacement}`;
}

/**
 * Has a tester read the tests of these files and learn what each takes, and says how long that took, in ms. Throws when
 * they fail.
 */
async function warmUp(tester: TesterProcess, of: readonly string[]): Promise<number> {
  const beganMs = performance.now();
  const untouched = await tester.ask({ files: of, mutation: undefined, tests: 'unit' }, limitMs.untouched);
  if (untouched.kind !== 'unnoticed')
    throw new Error(`the tests fail without any mutation: ${JSON.stringify(untouched)}`);
  return performance.now() - beganMs;
}

/** Tests mutations until the time is over. What is under way then is finished. */
async function work(tester: TesterProcess): Promise<void> {
  await warmUp(tester, files);
  print(`the tests pass without a mutation, in ${secondsSinceStart()} s`);
  const untilSeconds = secondsSinceStart() + budget;
  for (const mutation of left) {
    const job = jobOf(mutation);
    if (job === undefined) continue;
    if (secondsSinceStart() > untilSeconds) return;
    if (!tester.isRunning) await warmUp(tester, [mutation.file]);
    const verdict = await judge(tester, mutation);
    results.push({ job, verdict });
    if (verdict.kind === 'unnoticed') survivors.push(describe(mutation));
    const noticed = results.filter(({ verdict: { kind } }) => kind !== 'unnoticed').length;
    if (verdict.kind === 'unnoticed') print(`nobody notices ${describe(mutation)}`);
    else if (verdict.kind === 'time-out') print(`no end with ${describe(mutation)}`);
    if (results.length % 25 === 0)
      print(`${noticed} of ${results.length} noticed in ${secondsSinceStart()} s`);
  }
}

/** What the tests of the parts make of a mutation, and the explorers of what those let pass. */
async function judge(tester: TesterProcess, mutation: Mutation): Promise<Verdict> {
  const task = { files: [mutation.file], mutation };
  let verdict = await tester.ask({ ...task, tests: 'unit' }, limitMs.unit);
  if (verdict.kind === 'time-out') {
    // On a busy machine that says little: once more, in proportion to what they take without the mutation.
    const untouchedMs = await warmUp(tester, [mutation.file]);
    verdict = await tester.ask({ ...task, tests: 'unit' }, Math.max(limitMs.unit, 2 * untouchedMs));
  }
  return verdict.kind === 'unnoticed'
    ? tester.ask({ ...task, tests: 'explorer' }, limitMs.explorer)
    : verdict;
}

const testers = Array.from({ length: parallel }, () => new TesterProcess());
const stop = () => {
  for (const tester of testers) tester.stop();
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.once('exit', stop);
await Promise.all(testers.map(work));
stop();

for (const [job, score] of scores(results)) {
  print(describeScore(job, score));
  if (!isEnough(score)) process.exitCode = 1;
}
if (list !== undefined) await writeFile(list, survivors.map((line) => `${line}\n`).join(''));

function toNumber(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('expected a number above 0');
  return number;
}
