import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { anySignal } from '../../src/lib/any-signal.ts';

describe('a signal of several', () => {
  it('aborts with the first of them, and its reason', () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const any = anySignal(first.signal, second.signal);
    second.abort('enough');
    expect([any.aborted, any.reason]).toEqual([true, 'enough']);
  });

  // The machine's own Node.js may be older than that of the tests; that of the tests keeps its sources by itself.
  const nodes = [process.execPath, '/usr/bin/node', '/usr/local/bin/node'].filter((path) => existsSync(path));
  it.each(nodes)('keeps a time-out that nobody else holds, under %s', async (node) => {
    const script = `
      const never = new AbortController();
      const end = (signal) => new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      const waiting = Array.from({ length: 20 }, () => end(anySignal(AbortSignal.timeout(200), never.signal)));
      for (let round = 0; round < 10; round += 1) {
        globalThis.gc();
        await new Promise((resolve) => setImmediate(resolve));
      }
      const keepAlive = setInterval(() => {}, 1_000);
      await Promise.all(waiting);
      clearInterval(keepAlive);
      console.log('all ended');`;
    expect(await outputOf(script, node)).toBe('all ended\n');
  });

  it.each(nodes)('may be shared by many calls without a warning, under %s', async (node) => {
    const script = `
      process.on('warning', ({ name }) => console.log(name));
      const shared = anySignal(new AbortController().signal);
      for (let call = 0; call < 20; call += 1) shared.addEventListener('abort', () => {});
      setImmediate(() => console.log('no more'));`;
    expect(await outputOf(script, node)).toBe('no more\n');
  });
});

/** What a script that uses `anySignal` prints under a Node.js. */
async function outputOf(script: string, node: string): Promise<string> {
  const contents = `import { anySignal } from './src/lib/any-signal.ts';${script}`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
  });
  const args = ['--expose-gc', '--input-type=module', '--eval', outputFiles[0]?.text ?? ''];
  return execFileSync(node, args, { encoding: 'utf8', timeout: 10_000 });
}
