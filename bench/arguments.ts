import { Command, InvalidArgumentError } from 'commander';
import * as v from 'valibot';

const sizes = v.object({
  images: v.number(),
  open: v.number(),
  fillSeconds: v.number(),
  prices: v.optional(v.string()),
});
/** The sizes of the ledgers to measure, and the file with the prices to go by. */
export type BenchSizes = v.InferOutput<typeof sizes>;

export interface BenchArguments {
  /** Part of the name of a benchmark; empty for all benchmarks. */
  readonly wanted: string;
  readonly sizes: BenchSizes;
}

/** Parses the arguments. Ends the process after `--help`, and after one line on arguments that are wrong. */
export function parseBenchArguments(argv: readonly string[]): BenchArguments {
  const command = new Command('npm run bench --')
    .description('Runs every benchmark, or those whose name contains the argument.')
    .argument('[name]', 'part of a name', '')
    .option('--images <n>', 'finished images in the large ledger', parseCount, 20_000)
    .option('--fill-seconds <n>', 'the longest time that writing them may take', parseCount, 240)
    .option('--open <n>', 'unfinished images that are reviewed', parseCount, 1_000)
    .option('--prices <file>', 'prices of monthly-cost in USD by meter, as JSON')
    .addHelpText('after', '\nExample:\n  npm run bench -- ledger-size --images 1000000 --fill-seconds 1800')
    .parse([...argv]);
  return { wanted: command.args[0] ?? '', sizes: v.parse(sizes, command.opts()) };
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,7}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1.');
  return Number(text);
}
