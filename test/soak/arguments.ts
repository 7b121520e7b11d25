import { Command, InvalidArgumentError } from 'commander';

export interface SoakArguments {
  /** How long the load lasts. */
  readonly runMs: number;
  readonly seed: number;
  readonly isJson: boolean;
}

const leastMinutes = 0.75;

/** Parses the arguments. Ends the process after `--help`, and after one line on arguments that are wrong. */
export function parseSoakArguments(argv: readonly string[]): SoakArguments {
  const options = new Command('npm run soak --')
    .description('Runs the built app under load and faults, and fails on growth and on broken promises.')
    .option('--hours <n>', 'how long the load lasts', toNumber)
    .option('--minutes <n>', `the same in minutes, ${leastMinutes} at least; 60 without either`, toNumber)
    .option('--seed <n>', 'of load and faults; drawn and printed without it', toNumber)
    .option('--json', 'print one JSON document at the end, and nothing else', false)
    .addHelpText('after', '\nExample:\n  npm run soak -- --hours 2\n  npm run soak -- --minutes 1 --seed 7\n')
    .parse([...argv])
    .opts<{ hours?: number; minutes?: number; seed?: number; json: boolean }>();
  const minutes =
    options.hours === undefined && options.minutes === undefined
      ? 60
      : (options.hours ?? 0) * 60 + (options.minutes ?? 0);
  return {
    runMs: Math.max(leastMinutes, minutes) * 60_000,
    seed: Math.trunc(options.seed ?? Math.random() * 1e9),
    isJson: options.json,
  };
}

function toNumber(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('Expected a number above 0.');
  return number;
}
