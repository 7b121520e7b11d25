import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { appHostOf } from './app-host.ts';
import { startCoreTools } from './core-tools.ts';

const program = fileURLToPath(new URL('./fake-func.js', import.meta.url));
const directory = fileURLToPath(new URL('../local/host/fixture-app', import.meta.url));

const start = async (env: Record<string, string> = {}) => {
  const lines: string[] = [];
  const host = await startCoreTools({
    directory,
    program,
    env: { TICK_SCHEDULE: '0 0 0 29 2 *', ...env },
    onLine: (line) => lines.push(line),
  });
  onTestFinished(() => host.kill());
  return { host, lines };
};

describe('an app under func start', () => {
  it('is served when the start resolves, with its settings, and its lines come without colours', async () => {
    const { host, lines } = await start({ AzureWebJobsDisableHomepage: 'true' });
    expect((await fetch(`${host.url}/api/keyed`)).status).toBe(200);
    expect((await fetch(host.url)).status).toBe(204);
    await expect
      .poll(() => lines.find((line) => line.includes("Executed 'Functions.keyed'")))
      .toMatch(/^\[\d{4}-\d\d-\d\dT[\d:.]+Z\] Executed 'Functions\.keyed' \(Succeeded, /);
  });

  it('ends its running functions before it stops', async () => {
    const { host, lines } = await start();
    const answer = fetch(`${host.url}/api/releaseAfterStop/x`, { method: 'POST' });
    await expect.poll(() => lines).toContain('waiting to release x');
    const code = host.stop();
    expect(await (await answer).text()).toBe('released');
    expect(await code).toBe(0);
    expect(lines.at(-1)).toBe('the app has ended');
  });

  it('is gone with its worker when it is killed', async () => {
    const { host } = await start();
    await host.kill();
    await expect(fetch(host.url)).rejects.toThrow('fetch failed');
    const { port } = new URL(host.url);
    const successor = createServer().listen(Number(port), '127.0.0.1');
    await once(successor, 'listening');
    successor.close();
  });
});

describe('func that does not start', () => {
  it('is told with its last lines', async () => {
    await expect(start({ FAKE_FUNC_FAILS: 'No extension bundle.' })).rejects.toThrow(
      /fake-func\.js start ended, after:\n[\s\S]*No extension bundle\.$/,
    );
  });

  it('is told where there is no such program', async () => {
    await expect(startCoreTools({ directory, program: '/nowhere/func' })).rejects.toThrow(/nowhere\/func/);
  });

  it('is ended where it serves nothing in time', async () => {
    const starting = startCoreTools({
      directory,
      program,
      env: { FAKE_FUNC_HANGS: '1' },
      startLimitMs: 1500,
    });
    await expect(starting).rejects.toThrow('start serves nothing after 1500 ms, after:');
  });
});

describe('EVENKEEL_E2E_HOST', () => {
  it.each([
    [{}, false],
    [{ EVENKEEL_E2E_HOST: 'local' }, false],
    [{ EVENKEEL_E2E_HOST: 'func' }, true],
  ])('%j chooses a host that needs storage: %s', (env, needsStorage) => {
    expect(appHostOf(env).needsStorage).toBe(needsStorage);
  });

  it('has the app run by EVENKEEL_FUNC, and refuses any other word', async () => {
    const host = appHostOf({ EVENKEEL_E2E_HOST: 'func', EVENKEEL_FUNC: '/nowhere/func' });
    await expect(host.start({})).rejects.toThrow(/nowhere\/func/);
    expect(() => appHostOf({ EVENKEEL_E2E_HOST: 'Func' })).toThrow('expected local or func, found "Func"');
  });
});
