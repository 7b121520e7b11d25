import { Command } from 'commander';
import { parsePort } from './port-argument.ts';

export interface StartArguments {
  readonly once: boolean;
  readonly port: number;
  readonly azurePort: number;
  readonly dnsPort: number;
}

/** @throws nothing: a wrong argument is one line on stderr and the end of the process, as commander does it. */
export function parseStartArguments(argv: readonly string[]): StartArguments {
  return new Command('npm start --')
    .description(
      'Shows evenkeel at work on this machine: a local Azure, a local Functions host, and a story of container groups that come, move and go.',
    )
    .option('--once', 'play the story to its end, check what it left behind, and exit with 0 or 1', false)
    .option('--port <n>', 'of the Functions host; 0 is any free one', parsePort, 0)
    .option('--azure-port <n>', 'of the local Azure; 0 is any free one', parsePort, 0)
    .option('--dns-port <n>', 'of the local DNS, UDP and TCP; 0 is any free one', parsePort, 0)
    .addHelpText('after', '\nExample:\n  npm start -- --port 7071 --dns-port 5353\n')
    .parse([...argv])
    .opts<StartArguments>();
}
