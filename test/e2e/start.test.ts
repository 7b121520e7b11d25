import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { hasBrowser } from './browser.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** `npm start`, without the build that the test run has made already. */
function start(args: readonly string[], onLine: (line: string) => void = () => {}) {
  const child = spawn(process.execPath, ['local/main.ts', ...args], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      onLine(line);
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return { lines, ended, interrupt: () => child.kill('SIGINT') };
}

const urlsIn = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => /^ {2}(?:Azure|Functions).*(http:\/\/\S+)$/.exec(line)?.[1] ?? []);
const isAnswering = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

describe('npm start', () => {
  // Where there is a browser, `npm run test:delivery` watches the story through the status page instead.
  it.skipIf(hasBrowser())(
    'plays the story to its end with --once, finds every name right over DNS, and exits with 0',
    async () => {
      const { ended, lines } = start(['--once']);
      expect(await ended, lines.join('\n')).toBe(0);
      expect(lines.join('\n')).toContain('Every name and every address is right');
      expect(lines.join('\n')).toContain('Every image is in every region, and was signalled once');
      expect(lines.join('\n')).toContain('its flag was raised once, and cleared once');
      expect(lines.join('\n')).toContain('The rehearsal was held to every interlock, and is over');
    },
    60_000,
  );

  it('stops cleanly in the middle of the story, and leaves nothing running', async () => {
    const run = start([], (line) => {
      if (line.includes('web restarts')) run.interrupt();
    });
    expect(await run.ended, run.lines.join('\n')).toBe(0);
    const urls = urlsIn(run.lines);
    expect(urls).toHaveLength(2);
    expect(await Promise.all(urls.map(isAnswering))).toEqual([false, false]);
  });

  it('says in one line that a port is in use, exits with 1, and leaves nothing running', async () => {
    const busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const address = busy.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { ended, lines } = start(['--azure-port', String(port)]);
    expect(await ended).toBe(1);
    await new Promise((resolve) => busy.close(resolve));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(String(port));
  });
});
