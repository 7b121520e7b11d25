/**
 * A process that keeps Vitest and every transformed module in memory. For each mutation that it is sent, it runs the
 * tests whose imports reach the mutated file, and says what they noticed.
 */
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { TestModule, TestSequencer, TestSpecification } from 'vitest/node';
import { createVitest } from 'vitest/node';
import type { Mutation } from './mutations.ts';
import type { Verdict } from './score.ts';

/** What is asked of the process: to run the tests whose imports reach these files, perhaps with a mutation. */
export interface Task {
  readonly files: readonly string[];
  readonly mutation: Mutation | undefined;
  /** The explorers take longest: they see what the other tests do not. */
  readonly tests: 'unit' | 'explorer';
}

const root = join(import.meta.dirname, '../..');

/** Tests that start a host, a browser or another process, or read no source at all, or that test an explorer. */
const others = [
  'test/{e2e,infra,local,cli,contract,delivery,docs,mutants,page,scripts,soak}/**',
  'test/**/explorer/ablations.test.ts',
  'test/imports.test.ts',
];
const isExplorer = (path: string): boolean => /\/explorer\/|^test\/simulation\//.test(path);

let mutation: Mutation | undefined;

/** What each test file took without a mutation, in ms. */
const tookMs = new Map<string, number>();

/** The test files of this run. Vitest itself also remembers those of earlier runs. */
let ended: TestModule[] = [];

class GivenOrder implements TestSequencer {
  sort(files: TestSpecification[]): TestSpecification[] {
    return files;
  }
  shard(files: TestSpecification[]): TestSpecification[] {
    return files;
  }
}

const vitest = await createVitest(
  'test',
  {
    config: false,
    root,
    watch: false,
    include: ['test/**/*.test.ts'],
    exclude: others,
    globalSetup: ['test/storage-setup.ts'],
    testTimeout: 20_000,
    maxWorkers: 1,
    isolate: false,
    bail: 1,
    // What is kept of earlier runs knows nothing of the mutation.
    fsModuleCache: false,
    reporters: [{ onTestModuleEnd: (module) => void ended.push(module) }],
    sequence: { sequencer: GivenOrder },
  },
  {
    plugins: [
      {
        name: 'mutation',
        enforce: 'pre',
        transform(source, id) {
          if (mutation === undefined || id !== join(root, mutation.file)) return null;
          return source.slice(0, mutation.start) + mutation.replacement + source.slice(mutation.end);
        },
      },
    ],
  },
);
await vitest.standalone();

const pathOf = ({ moduleId }: { readonly moduleId: string }): string => relative(root, moduleId);
const costOf = (specification: TestSpecification): number => tookMs.get(pathOf(specification)) ?? 0;

/** Whether a test file imports a source file itself. */
async function isDirect(specification: TestSpecification, file: string): Promise<boolean> {
  const text = await readFile(specification.moduleId, 'utf8');
  return text.includes(`${file.slice('src/'.length)}'`);
}

function verdictOf(modules: readonly TestModule[], errors: readonly unknown[]): Verdict {
  const failed = modules.find((module) => module.state() === 'failed');
  if (failed === undefined)
    return errors.length > 0 ? { kind: 'noticed', by: String(errors[0]) } : { kind: 'unnoticed' };
  const [test] = failed.children.allTests('failed');
  const problems = [...failed.errors(), ...(test?.result().errors ?? [])];
  if (problems.some(({ message }) => / timed out in \d+ms/.test(message))) return { kind: 'time-out' };
  return { kind: 'noticed', by: `${pathOf(failed)}: ${test?.fullName ?? problems[0]?.message}` };
}

/** Every test whose imports reach one of these files. */
async function related(files: readonly string[], tests: Task['tests']): Promise<TestSpecification[]> {
  vitest.config.related = files.map((file) => join(root, file));
  const found = await vitest.getRelevantTestSpecifications();
  return found.filter((one) => isExplorer(pathOf(one)) === (tests === 'explorer'));
}

async function run(specifications: readonly TestSpecification[]): Promise<Verdict> {
  ended = [];
  const { unhandledErrors } = await vitest.runTestSpecifications(
    specifications.toSorted((a, b) => costOf(a) - costOf(b)),
  );
  if (mutation === undefined)
    for (const module of ended) tookMs.set(pathOf(module), module.diagnostic().duration);
  return verdictOf(ended, unhandledErrors);
}

async function perform(task: Task): Promise<Verdict> {
  for (const one of [mutation, task.mutation])
    if (one !== undefined) vitest.invalidateFile(join(root, one.file));
  mutation = task.mutation;
  const all = await related(task.files, task.tests);
  if (mutation === undefined) return run(all);
  const { file } = mutation;
  const areDirect = await Promise.all(all.map((one) => isDirect(one, file)));
  const first = await run(all.filter((_, i) => areDirect[i]));
  return first.kind === 'unnoticed' ? run(all.filter((_, i) => !areDirect[i])) : first;
}

process.on('message', async (task: Task) => process.send?.(await perform(task)));
// Nobody asks any more.
process.on('disconnect', () => process.exit());
