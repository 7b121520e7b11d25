import { Command, InvalidArgumentError } from 'commander';
import * as v from 'valibot';
import { parsePort } from '../port-argument.ts';

const hostArguments = v.object({
  port: v.number(),
  app: v.string(),
  auth: v.boolean(),
  color: v.boolean(),
  queueLease: v.number(),
});
export type HostArguments = v.InferOutput<typeof hostArguments>;

/** Ends the process with a line on what is wrong when the arguments cannot be read, and after `--help`. */
export function parseArgs(argv: readonly string[]): HostArguments {
  const command = new Command('npm run host --')
    .description(
      'Serves the built app on loopback as the Azure Functions runtime would, with its timers and queues.',
    )
    .option('--port <number>', 'port to listen on; 0 is any free one', parsePort, 7071)
    .option('--app <folder>', 'folder that holds host.json and package.json', '.')
    .option('--auth', 'ask for keys, as in Azure; without it everything is open', false)
    .option(
      '--queue-lease <seconds>',
      'how soon a message in hand is seen again after a crash',
      parseLease,
      30,
    )
    .option('--no-color', 'no colours on a terminal')
    .addHelpText('after', '\nExample:\n  npm run host -- --port 7075 --auth');
  return v.parse(hostArguments, command.parse(argv).opts());
}

function parseLease(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,3}$/.test(text) || seconds < 1) throw new InvalidArgumentError('Expected 1 to 999.');
  return seconds;
}
