#!/usr/bin/env node
/**
 * Takes the place of `func` of Azure Functions Core Tools in tests: it takes its arguments, prints as it does, and has
 * the local host do its work in a process of its own, as Core Tools has a worker.
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string', default: '7071' }, version: { type: 'boolean' } },
});
const dim = (text) => `\u001b[90m${text}\u001b[0m`;
const fail = (line) => {
  process.stderr.write(`\u001b[31m${line}\u001b[0m\n`);
  process.exit(1);
};

if (values.version) {
  process.stdout.write('4.0.0\n');
  process.exit(0);
}
if (positionals.join() !== 'start') fail(`Unknown action ${positionals.join(' ')}`);
if (process.env.FUNCTIONS_WORKER_RUNTIME !== 'node') fail('Worker runtime cannot be [None].');
if (process.env.AzureFunctionsJobHost__fileWatchingEnabled !== 'false')
  fail('A change of a file restarts the worker.');
if (process.env.FAKE_FUNC_FAILS !== undefined) fail(process.env.FAKE_FUNC_FAILS);

process.stdout.write(
  '\nAzure Functions Core Tools\nCore Tools Version:       4.0.0\nFunction Runtime Version: 4.1037.0\n\n',
);

// The address is taken before the functions are served.
const early = createServer((_request, response) =>
  response.setHeader('connection', 'close').end('{"state": "Initialized"}'),
);
early.listen(Number(values.port), '127.0.0.1');
early.once('error', () => fail(`Port ${values.port} is unavailable. Close the process using that port.`));
let asked = 0;
early.on('request', () => {
  asked += 1;
  // A kept connection would hold up the end of this server.
  if (asked === 2 && process.env.FAKE_FUNC_HANGS === undefined) early.close(startHost).closeAllConnections();
});

function startHost() {
  const host = fileURLToPath(new URL('../../node_modules/.cache/evenkeel-host/main.js', import.meta.url));
  const args = [host, '--port', values.port, '--app', process.cwd()];
  const worker = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  createInterface({ input: worker.stdout }).on('line', (line) => {
    if (line.startsWith('evenkeel host ready')) {
      process.stdout.write('\nFor detailed output, run func with --verbose flag.\n');
    } else {
      process.stdout.write(`${line.replace(/^\[[^\]]*\]/, dim)}\n`);
    }
  });
  process.on('SIGINT', () => worker.kill('SIGTERM'));
  worker.once('close', (code) => process.exit(code ?? 1));
}
