import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type HostProcess, type SpawnHostOptions, spawnHost } from '../../../local/host/spawn-host.ts';
import { bundledHost } from '../../support/bundled-host.ts';
import { fixtureDirectory, startFixtureHost } from './fixture-host.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'host-apps-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** A folder with an app whose main is this text. */
async function anApp(main: string | undefined, files: Record<string, string> = {}): Promise<string> {
  const app = await mkdtemp(join(directory, 'app-'));
  const all = {
    'package.json': '{"type":"module","main":"dist/main.js"}',
    'host.json': '{"version":"2.0"}',
    ...(main !== undefined && { 'dist/main.js': main }),
    ...files,
  };
  await mkdir(join(app, 'dist'));
  for (const [name, text] of Object.entries(all)) await writeFile(join(app, name), text);
  return app;
}

/** An app that needs no package: it answers GET /api/look with what the expression is when it is asked. */
const lookingApp = (look: string): string => `
  import { createRequire } from 'node:module';
  const core = createRequire(import.meta.url)('@azure/functions-core');
  core.setProgrammingModel({
    name: 'bare', version: '0',
    getInvocationModel: () => ({
      getArguments: async () => ({ context: {}, inputs: [] }),
      invokeFunction: async (_context, _inputs, callback) => callback(),
      getResponse: async (_context, result) => ({ returnValue: { http: { statusCode: '200', body: { string: result } } } }),
    }),
  });
  const bindings = { http: { type: 'httpTrigger', direction: 'in', methods: ['GET'] } };
  core.registerFunction({ name: 'look', bindings }, () => String(${look}));
`;

let started: HostProcess | undefined;
afterEach(() => started?.kill());
const start = async (options: SpawnHostOptions): Promise<HostProcess> => {
  started = await spawnHost({ program: bundledHost, ...options });
  return started;
};
const look = async (host: HostProcess) => (await fetch(`${host.url}/api/look`)).text();

describe('a host that is told to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s ends its running functions first, then exits with 0',
    async (signal) => {
      const host = await startFixtureHost();
      onTestFinished(() => host.kill());
      const answer = fetch(`${host.url}/api/releaseAfterStop/x`, { method: 'POST' });
      await host.line('waiting to release x');
      // The function under way listens for SIGTERM itself.
      if (signal === 'SIGINT') process.kill(host.pid, signal);
      const code = host.stop();
      expect(await (await answer).text()).toBe('released');
      expect(await code).toBe(0);
      expect(host.lines.at(-1)).toBe('the app has ended');
      await expect(fetch(host.url)).rejects.toThrow('fetch failed');
    },
  );

  it('for a second time exits with 1 at once', async () => {
    const host = await startFixtureHost();
    onTestFinished(() => host.kill());
    const answer = fetch(`${host.url}/api/hold/for-ever`).catch(() => 'cut off');
    await host.line('holding for-ever');
    // A signal that follows closely counts as the same one, so it takes more than two.
    const signals = setInterval(() => void host.stop(), 100);
    onTestFinished(() => clearInterval(signals));
    expect(await host.exited).toBe(1);
    expect(await answer).toBe('cut off');
  });

  it('by the end of the process that started it goes too', async () => {
    const program = `
      import { spawnHost } from ${JSON.stringify(new URL('../../../local/host/spawn-host.ts', import.meta.url).href)};
      const host = await spawnHost({ directory: ${JSON.stringify(fixtureDirectory)} });
      console.log(host.url);
    `;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = await once(createInterface({ input: parent.stdout }), 'line');
    const url = String(line);
    expect((await fetch(`${url}/admin/host/ping`)).status).toBe(200);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(fetch(url)).rejects.toThrow('fetch failed'), {
      timeout: 5_000,
      interval: 20,
    });
  });
});

describe('a host that cannot start', () => {
  it.each([
    [
      'there is no main',
      undefined,
      {},
      'dist/main.js does not exist; package.json names it as main. Build the app first.',
    ],
    ['main throws', 'throw new Error("no luck")', {}, 'dist/main.js failed to load: no luck'],
    ['main registers nothing', 'export {}', {}, 'dist/main.js registers no function'],
    [
      'package.json names no main',
      'export {}',
      { 'package.json': '{}' },
      'package.json must be a JSON file with a "main"',
    ],
    [
      'the settings are no JSON',
      '',
      { 'local.settings.json': '{' },
      'local.settings.json must be a JSON file',
    ],
  ])('because %s says so in one line and exits with 1', async (_why, main, files, line) => {
    const lines: string[] = [];
    const app = await anApp(main, files);
    await expect(start({ directory: app, onLine: (text) => lines.push(text) })).rejects.toThrow(
      /the Functions host ended \(1\) after:\n/,
    );
    expect(lines).toEqual([expect.stringContaining(line)]);
  });

  it('because its port is in use says so in one line and exits with 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(start({ directory: await anApp(lookingApp('1')), port })).rejects.toThrow(
      `ended (1) after:\nport ${port} is in use; choose another with --port, or 0 for any free one`,
    );
  });
});

describe('the settings of an app', () => {
  it('come from the environment first, then from local.settings.json; host.json moves its routes', async () => {
    const app = await anApp(lookingApp('[process.env.FIRST, process.env.SECOND, process.env.COUNT].join()'), {
      // With the byte order mark of an editor on Windows.
      'local.settings.json':
        '\uFEFF{"IsEncrypted":false,"Values":{"FIRST":"file","SECOND":"file","COUNT":3}}',
      'host.json': '{"version":"2.0","extensions":{"http":{"routePrefix":""}}}',
    });
    const host = await start({ directory: app, env: { FIRST: 'environment' } });
    expect(await (await fetch(`${host.url}/look`)).text()).toBe('environment,file,3');
    expect((await fetch(`${host.url}/api/look`)).status).toBe(404);
  });
});

describe('an app', () => {
  it('finds the globals of Node.js as they are, though it shares the process with a web server', async () => {
    const app = await anApp(lookingApp('Object.getPrototypeOf(Request) === Function.prototype'));
    expect(await look(await start({ directory: app }))).toBe('true');
  });

  it('may be CommonJS, or many files that a glob finds', async () => {
    const body = lookingApp('"common"')
      .replace('import { createRequire } from', 'const { createRequire } =')
      .replace("'node:module'", "require('node:module')")
      .replace('import.meta.url', '__filename');
    const app = await anApp(undefined, { 'package.json': '{"main":"dist/*.cjs"}', 'dist/a.cjs': body });
    expect(await look(await start({ directory: app }))).toBe('common');
  });

  it('that leaves an error uncaught ends the host, with a line on it', async () => {
    const lines: string[] = [];
    const app = await anApp(lookingApp('(setTimeout(() => { throw new Error("left alone") }, 50), 1)'));
    const host = await start({ directory: app, onLine: (line) => lines.push(line) });
    await look(host);
    expect(await host.exited).toBe(1);
    await vi.waitFor(() => expect(lines.at(-1)).toContain('left alone'));
  });
});
