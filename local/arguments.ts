/** The command lines of `npm start`, `npm run azure` and `npm run host`. */
import { Command, InvalidArgumentError } from 'commander';
import * as v from 'valibot';

const startArguments = v.object({
  once: v.boolean(),
  port: v.number(),
  azurePort: v.number(),
  dnsPort: v.number(),
});
export type StartArguments = v.InferOutput<typeof startArguments>;

/** Ends the process with one line on stderr when the arguments cannot be read, and after `--help`. */
export function parseStartArguments(argv: readonly string[]): StartArguments {
  const command = new Command('npm start --')
    .description(
      'Shows evenkeel at work on this machine: a local Azure, a local Functions host, and a story of container groups that come, move and go.',
    )
    .option('--once', 'play the story to its end, check what it left behind, and exit with 0 or 1', false)
    .option('--port <n>', 'port of the Functions host; 0 is any free one', parsePort, 0)
    .option('--azure-port <n>', 'port of the local Azure; 0 is any free one', parsePort, 0)
    .option('--dns-port <n>', 'port of the local DNS, UDP and TCP; 0 is any free one', parsePort, 0)
    .addHelpText('after', '\nExample:\n  npm start -- --port 7071 --dns-port 5353\n');
  return v.parse(startArguments, command.parse([...argv]).opts());
}

const azureArguments = v.object({
  port: v.number(),
  dataPort: v.number(),
  dnsPort: v.number(),
  blobPort: v.number(),
  queuePort: v.number(),
  tablePort: v.number(),
  storage: v.boolean(),
  deliverTo: v.union([v.string(), v.literal(false)]),
  key: v.optional(v.string()),
  functionKey: v.optional(v.string()),
  duplicates: v.number(),
  delay: v.number(),
});
export type AzureArguments = v.InferOutput<typeof azureArguments>;

/** Ends the process with one line on stderr when the arguments cannot be read, and after `--help`. */
export function parseAzureArguments(argv: readonly string[]): AzureArguments {
  const command = new Command('npm run azure --')
    .description(
      'Simulates on loopback what evenkeel needs of Azure: Resource Manager with container groups, private DNS and container registries, Event Grid, DNS, and storage by Azurite. A port of 0 is any free one.',
    )
    .option('--port <number>', 'port of Resource Manager', parsePort, 7080)
    .option('--data-port <number>', 'port of the data host of registries', parsePort, 0)
    .option('--dns-port <number>', 'port of DNS, UDP and TCP', parsePort, 7053)
    .option('--blob-port <number>', 'port of blob storage', parsePort, 10_000)
    .option('--queue-port <number>', 'port of queue storage', parsePort, 10_001)
    .option('--table-port <number>', 'port of table storage', parsePort, 10_002)
    .option('--no-storage', 'do not start Azurite')
    .option(
      '--deliver-to <url>',
      'Functions host that gets the events, as soon as it is up',
      parseUrl,
      'http://127.0.0.1:7071',
    )
    .option('--no-deliver-to', 'deliver no events')
    .option('--key <key>', 'system key eventgrid_extension of that host, if it checks keys')
    .option('--function-key <key>', 'host or function key of that host for registry webhooks, likewise')
    .option('--duplicates <probability>', 'chance that an event is delivered once more', parseProbability, 0)
    .option('--delay <ms>', 'longest delay of an event; delays reorder events', parseMilliseconds, 0)
    .addHelpText('after', '\nExample:\n  npm run azure -- --deliver-to http://127.0.0.1:7075');
  return v.parse(azureArguments, command.parse([...argv]).opts());
}

const hostArguments = v.object({
  port: v.number(),
  app: v.string(),
  auth: v.boolean(),
  color: v.boolean(),
  queueLease: v.number(),
});
type HostArguments = v.InferOutput<typeof hostArguments>;

/** Ends the process with one line on stderr when the arguments cannot be read, and after `--help`. */
export function parseHostArguments(argv: readonly string[]): HostArguments {
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
  return v.parse(hostArguments, command.parse([...argv]).opts());
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('Expected 0 to 65535.');
  return port;
}

function parseUrl(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new InvalidArgumentError('Expected a URL such as http://127.0.0.1:7071.');
}

function parseProbability(text: string): number {
  if (!/^(0|0?\.\d+)$/.test(text)) throw new InvalidArgumentError('Expected a number from 0 to below 1.');
  return Number(text);
}

function parseMilliseconds(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Expected whole milliseconds.');
  return Number(text);
}

function parseLease(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,3}$/.test(text) || seconds < 1) throw new InvalidArgumentError('Expected 1 to 999.');
  return seconds;
}
