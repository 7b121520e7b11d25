import { Command, InvalidArgumentError } from 'commander';
import * as v from 'valibot';
import { parsePort } from '../port-argument.ts';

const azureArguments = v.object({
  port: v.number(),
  dnsPort: v.number(),
  blobPort: v.number(),
  queuePort: v.number(),
  tablePort: v.number(),
  storage: v.boolean(),
  deliverTo: v.optional(v.string()),
  key: v.optional(v.string()),
  functionKey: v.optional(v.string()),
  duplicates: v.number(),
  delay: v.number(),
});
export type AzureArguments = v.InferOutput<typeof azureArguments>;

/** Ends the process with a line on what is wrong when the arguments cannot be read, and after `--help`. */
export function parseAzureArguments(argv: readonly string[]): AzureArguments {
  const command = new Command('npm run azure --')
    .description(
      'Simulates on loopback what evenkeel needs of Azure: Resource Manager with container groups, private DNS and container registries, Event Grid, DNS, and storage by Azurite. A port of 0 is any free one.',
    )
    .option('--port <number>', 'of Resource Manager', parsePort, 7080)
    .option('--dns-port <number>', 'of DNS, UDP and TCP', parsePort, 7053)
    .option('--blob-port <number>', 'of Azurite', parsePort, 10_000)
    .option('--queue-port <number>', 'of Azurite', parsePort, 10_001)
    .option('--table-port <number>', 'of Azurite', parsePort, 10_002)
    .option('--no-storage', 'without Azurite')
    .option('--deliver-to <url>', 'Functions host whose functions get the events, as soon as it is up', toUrl)
    .option('--key <key>', 'system key eventgrid_extension of that host, where it checks keys')
    .option('--function-key <key>', 'host or function key for the webhooks of registries, likewise')
    .option('--duplicates <probability>', 'of an event to be delivered once more', toProbability, 0)
    .option('--delay <ms>', 'longest delay of an event, which reorders them', toMilliseconds, 0)
    .addHelpText('after', '\nExample:\n  npm run azure -- --port 7080 --deliver-to http://127.0.0.1:7071');
  return v.parse(azureArguments, command.parse(argv).opts());
}

function toUrl(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new InvalidArgumentError('Expected a URL such as http://127.0.0.1:7071.');
}

function toProbability(text: string): number {
  if (!/^(0|0?\.\d+)$/.test(text)) throw new InvalidArgumentError('Expected a number from 0 to below 1.');
  return Number(text);
}

function toMilliseconds(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Expected whole milliseconds.');
  return Number(text);
}
