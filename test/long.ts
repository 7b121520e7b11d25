/** `npm run test:long -- --budget 60`: explores more of what each job may meet than npm run test:faults does, for so many seconds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Command, InvalidArgumentError, Option } from 'commander';

/** One after the other, so that each has the whole machine for its share of the time. */
const explorers = {
  dns: 'test/dns/explorer',
  replication: 'test/replication/explorer',
  routing: 'test/simulation/replica-routing.test.ts',
};

const { budget, only } = new Command('npm run test:long --')
  .description('Explores more interleavings and histories than npm run test:faults does.')
  .option('--budget <seconds>', 'for so long, in equal parts for each explorer', toSeconds, 60)
  .addOption(
    new Option('--only <job>', 'explore one job, for the whole time').choices(Object.keys(explorers)),
  )
  .addHelpText(
    'after',
    '\nExamples:\n  npm run test:long -- --budget 600\n  npm run test:long -- --only replication --budget 3000\n',
  )
  .parse()
  .opts<{ budget: number; only?: keyof typeof explorers }>();

const chosen = only === undefined ? Object.values(explorers) : [explorers[only]];
for (const explorer of chosen) {
  const child = spawn('vitest', ['run', '--config', 'test/faults.config.ts', explorer], {
    stdio: 'inherit',
    env: { ...process.env, EVENKEEL_EXPLORE_SECONDS: String(budget / chosen.length) },
  });
  const [code] = await once(child, 'close');
  if (code !== 0) process.exitCode = 1;
}

function toSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0)) throw new InvalidArgumentError('expected a number of seconds above 0');
  return seconds;
}
