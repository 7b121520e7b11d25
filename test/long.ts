/** `npm run test:long -- --budget 60`: the explorer with more crashes and invocations, for so many seconds. */
import { spawn } from 'node:child_process';
import { Command, InvalidArgumentError } from 'commander';

const { budget } = new Command('npm run test:long --')
  .description('Explores more interleavings of the reconciler than npm test does.')
  .option('--budget <seconds>', 'for so long', toSeconds, 60)
  .addHelpText('after', '\nExample:\n  npm run test:long -- --budget 600\n')
  .parse()
  .opts<{ budget: number }>();

const child = spawn('vitest', ['run', '--config', 'test/vitest.config.ts', 'test/dns/explorer'], {
  stdio: 'inherit',
  env: { ...process.env, EVENKEEL_EXPLORE_SECONDS: String(budget) },
});
child.once('close', (code) => {
  process.exitCode = code ?? 1;
});

function toSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0)) throw new InvalidArgumentError('expected a number of seconds above 0');
  return seconds;
}
