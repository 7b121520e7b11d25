import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { afterEach, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { evenStatus } from '../../scripts/status-page/sample-status.ts';
import { replication } from './commands/wait/fixtures.ts';
import { scriptedApp } from './scripted-app.ts';

const bin = fileURLToPath(new URL('../../bin/evenkeel.js', import.meta.url));
const replicated = { status: 200, body: replication('replicated', ['eastus+webhook']) };
const zone = {
  forwardZone: 'a.internal.contoso.com',
  zoneSubscriptionId: 's',
  zoneResourceGroup: 'rg',
};
const DNS_ZONE_MAP = JSON.stringify({ 'rg-a': zone });

describe('the built command', () => {
  const running: ChildProcess[] = [];
  afterEach(() => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
  });
  /** Starts the file itself, as a shell does. */
  function start(...args: string[]) {
    const child = spawn(bin, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    running.push(child);
    return { child, stdout: text(child.stdout), stderr: text(child.stderr), exit: once(child, 'exit') };
  }

  it('waits, tells, and ends by itself', async () => {
    await using app = await scriptedApp({ status: 404, headers: { 'retry-after': '0' } }, replicated);
    const { stdout, stderr, exit } = start('wait', 'myregistry/team/app:v1', '--app', app.url);
    expect((await exit)[0]).toBe(0);
    expect(await stdout).toMatch(/✔ myregistry\/team\/app:v1 \(sha256:\w{12}\) is in eastus, after \d+s\n$/);
    expect(await stderr).toBe('');
  });

  it('reads the zone map without what Node.js 20 lacks', async () => {
    const older = 'data:text/javascript,delete Map.groupBy; delete Promise.withResolvers';
    const env = { ...process.env, DNS_ZONE_MAP: '{"rg-a":{"forwardZone":"x y"}}' };
    const child = spawn(process.execPath, ['--import', older, bin, 'prune'], { env });
    running.push(child);
    const [stderr, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^✖ DNS_ZONE_MAP\["rg-a"\]\.forwardZone: found "x y"/);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends at %s with %i, in the middle of a question', async (signal, exitCode) => {
    const asked = Promise.withResolvers<void>();
    const forEver = { status: 200, during: () => new Promise(() => asked.resolve()) };
    await using app = await scriptedApp(forEver);
    const { child, stderr, exit } = start('wait', 'myregistry/team/app:v1', '--app', app.url);
    await asked.promise;
    child.kill(signal);
    expect((await exit)[0]).toBe(exitCode);
    expect(await stderr).toMatch(/^interrupted after \d+s\n$/);
  });

  it('ends at once, too, while it rests between two questions', async () => {
    const asked = Promise.withResolvers<void>();
    const busy = { status: 503, headers: { 'retry-after': '600' }, during: asked.resolve };
    await using app = await scriptedApp(busy);
    const { child, exit } = start('wait', 'myregistry/team/app:v1', '--app', app.url);
    child.stdout?.on('data', (chunk) => {
      if (String(chunk).includes('503')) child.kill('SIGINT');
    });
    expect((await exit)[0]).toBe(130);
  });

  it('ends at once, too, while it waits for an answer at the terminal', async () => {
    const module = new URL('../../src/cli/process-context.ts', import.meta.url).href;
    const program = `
      import { processContext } from ${JSON.stringify(module)};
      const answer = processContext().stdin.readLine();
      process.kill(process.pid, 'SIGINT');
      console.log(await answer);
      process.exit();
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    running.push(child);
    expect(await text(child.stdout)).toBe('undefined\n');
  });

  it('ends with its own work, and not with that of the Azure CLI that it asked for a token', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'evenkeel-az-'));
    // Whoever reads from it waits until somebody writes.
    const asked = join(folder, 'asked');
    execFileSync('mkfifo', [asked]);
    await writeFile(join(folder, 'az'), `#!/bin/sh\necho $$ > ${asked}\nexec sleep 600\n`, { mode: 0o755 });
    const env = {
      DNS_ZONE_MAP,
      AZURE_TOKEN_CREDENTIALS: 'AzureCliCredential',
      PATH: `${folder}:${process.env['PATH']}`,
    };
    const child = spawn(process.execPath, [bin, 'audit'], { env, cwd: '/' });
    running.push(child);
    const exit = once(child, 'exit');
    const az = Number(await readFile(asked, 'utf8'));
    try {
      child.kill('SIGINT');
      expect((await exit)[0]).toBe(130);
    } finally {
      process.kill(az);
      await rm(folder, { recursive: true });
    }
  });

  it.each([['plan', 'rg-a/web', '--subscription', 's'], ['audit']])(
    'says in one line that nobody is signed in: %s',
    async (...args) => {
      const env = {
        DNS_ZONE_MAP,
        // One credential of the chain, and nothing of it on the path: no call leaves this machine.
        AZURE_TOKEN_CREDENTIALS: 'AzureCliCredential',
        PATH: '/nowhere',
      };
      const child = spawn(process.execPath, [bin, ...args, '--json'], { env, cwd: '/' });
      running.push(child);
      const [stdout, stderr, [exitCode]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'exit'),
      ]);
      expect(stderr).toMatch(/^✖ Not signed in to Azure: run az login, or .*managed identity\n$/);
      expect(JSON.parse(stdout)).toEqual({ error: { code: 'notSignedIn', message: expect.any(String) } });
      expect(exitCode).toBe(1);
    },
  );

  it('says so in one line below the checks of doctor, and none of them tells the chain of credentials', async () => {
    const env = { AZURE_TOKEN_CREDENTIALS: 'AzureCliCredential', PATH: '/nowhere' };
    const child = spawn(process.execPath, [bin, 'doctor', '--app', 'http://127.0.0.1:1'], { env, cwd: '/' });
    running.push(child);
    const [stdout, stderr, [exitCode]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    expect(stderr).toMatch(/^✖ Not signed in to Azure: run az login, or .*\n$/);
    expect(stdout).toContain('? Clocks: could not run: not signed in to Azure\n');
    expect(stdout).not.toMatch(/Credential/);
    // There are no settings here, either, which is something to mend.
    expect(exitCode).toBe(3);
  });

  it('watches the status until Ctrl-C, which ends it without a word', async () => {
    await using app = await scriptedApp({ status: 200, body: evenStatus });
    const { child, stdout, stderr, exit } = start('status', '--watch', '--json', '--app', app.url);
    child.stdout?.once('data', () => child.kill('SIGINT'));
    expect((await exit)[0]).toBe(130);
    expect(JSON.parse(await stdout)).toEqual(evenStatus);
    expect(await stderr).toBe('');
  });

  /** Runs a command to its end. Tells what it printed, and what it made Node.js load of its own. */
  const tellLoaded = async (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const onExit =
      'data:text/javascript,process.on("exit",()=>process.stderr.write(process.moduleLoadList.join("\\n")))';
    const child = spawn(process.execPath, ['--import', onExit, bin, ...args], {
      env: { ...process.env, ...env },
    });
    running.push(child);
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { stdout, loaded: stderr.split('\n').map((line) => line.replace(/^NativeModule /, '')) };
  };

  it('asks Resource Manager without all that Node.js has for fetch, which takes long to load', async () => {
    await using azure = await scriptedApp({ status: 200, body: { value: [] } });
    const entry = { forwardZone: 'a.example', reverseZones: [], zoneResourceGroup: 'rg' };
    const { stdout, loaded } = await tellLoaded(['groups'], {
      ARM_ENDPOINT: azure.url,
      DNS_ZONE_MAP: JSON.stringify({ 's/rg': entry }),
    });
    expect(stdout).toMatch(/no container group/i);
    expect(loaded).toContain('http');
    expect(loaded).not.toContain('internal/deps/undici/undici');
  });

  it('loads nothing for a status that takes Node.js long to load', async () => {
    await using app = await scriptedApp({ status: 200, body: evenStatus });
    const { stdout, loaded } = await tellLoaded(['status', '--app', app.url]);
    expect(stdout).toMatch(/^✔ All good/);
    expect(loaded).toContain('http');
    const slow = ['internal/deps/undici/undici', 'tls', 'child_process', 'worker_threads', 'fs/promises'];
    expect(loaded.filter((name) => [...slow, 'readline', 'zlib'].includes(name))).toEqual([]);
  });

  it.each([['status'], ['status', '--every', '10s']])('says what is missing: %j', async (...args) => {
    const { stdout, stderr, exit } = start(...args, '--json');
    expect((await exit)[0]).toBe(1);
    expect(await stderr).toMatch(/^✖ no function app: give --app or set EVENKEEL_APP .*\n$/);
    const error = { code: 'settingBad', message: expect.stringMatching(/^no function app/) };
    expect(JSON.parse(await stdout)).toEqual({ error });
  });

  it('asks storage through the proxy of HTTPS_PROXY', async () => {
    const asked = Promise.withResolvers<string | undefined>();
    await using proxy = createServer().on('connect', ({ url }, socket) => {
      asked.resolve(url);
      // The command is ended in the middle of its call.
      socket.on('error', () => {});
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const { port } = v.parse(v.object({ port: v.number() }), proxy.address());
    const key = Buffer.from('no secret').toString('base64');
    const env = {
      HTTPS_PROXY: `http://127.0.0.1:${port}`,
      AzureWebJobsStorage: `DefaultEndpointsProtocol=https;AccountName=account;AccountKey=${key};EndpointSuffix=core.windows.net`,
    };
    running.push(spawn(process.execPath, [bin, 'replay'], { env, cwd: '/', stdio: 'ignore' }));
    expect(await asked.promise).toMatch(/^account\.(blob|queue)\.core\.windows\.net:443$/);
  });

  it('tells its version', async () => {
    const { stdout, exit } = start('--version');
    expect((await exit)[0]).toBe(0);
    expect(await stdout).toBe(`${packageJson.version}\n`);
  });
});
