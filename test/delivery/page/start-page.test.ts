import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeInBrowser } from '../../e2e/browser.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** `npm start`, without the build that the test run has made already. */
function start() {
  const child = spawn(process.execPath, ['local/main.ts'], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const page = Promise.withResolvers<string>();
  const over = Promise.withResolvers<void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    const [, url] = /^ {2}Status page +(http:\S+)$/.exec(line) ?? [];
    if (url !== undefined) page.resolve(url);
    if (line.includes('It stays up until Ctrl-C')) over.resolve();
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  // Whoever waits for it hears of it; if the page never comes, nobody does.
  over.promise.catch(() => {});
  void ended.then(() => {
    const early = new Error(`npm start has ended:\n${lines.join('\n')}`);
    page.reject(early);
    over.reject(early);
  });
  return {
    lines,
    page: page.promise,
    over: over.promise,
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
}

describeInBrowser('the story of npm start, watched through its status page', (browser) => {
  it('is told from its first repair to its last signal', async () => {
    const story = start();
    try {
      const url = await story.page;
      const { page, wrongs } = await browser.open(url);
      await page.goto(url);
      const seen = new Set<string>();
      const look = async () => {
        const answered = page.waitForResponse((response) => response.url().endsWith('/api/status'));
        await page.getByRole('button', { name: 'Refresh' }).click();
        await (await answered).finished();
        for (const image of await page.locator('#images .opener').allTextContents()) seen.add(image);
        for (const problem of await page.locator('.problem strong').allTextContents()) seen.add(problem);
      };
      let isOver = false;
      const over = story.over.finally(() => {
        isOver = true;
      });
      const lookAndTell = async () => {
        await look();
        return isOver;
      };
      await Promise.all([over, expect.poll(lookAndTell, { timeout: 80_000, interval: 500 }).toBe(true)]);

      expect(story.lines.filter((line) => line.startsWith('✔'))).toHaveLength(4);
      expect(story.lines.filter((line) => line.startsWith('✖'))).toEqual([]);
      // The last image was on its way for longer than its objective, and the flag stood for several reviews.
      expect([...seen]).toEqual(expect.arrayContaining(['myregistry/team/app:v3', 'A replica is flagged']));
      await look();
      const part = (name: string) => page.getByRole('region', { name, exact: true });
      await part('Image replication').getByText('Every image is in every region.').waitFor();
      const repairs =
        (await part('DNS')
          .getByText(/by event, \d+ by audit/)
          .textContent()) ?? '';
      const [byEvent, byAudit] = repairs.match(/\d+/g)?.map(Number) ?? [];
      expect(byEvent).toBeGreaterThanOrEqual(6);
      expect(byAudit).toBeGreaterThanOrEqual(1);
      const fold = part('Recent signals').getByRole('button', { name: 'Recent signals' });
      if ((await fold.getAttribute('aria-expanded')) === 'false') await fold.click();
      const signals = await part('Recent signals').getByRole('row').allTextContents();
      for (const signal of [
        ...['v1', 'v2', 'v3'].map((tag) => `Image replicatedteam/app:${tag}`),
        'Image stalledteam/app:v3',
        'Replica flaggedwestus in myregistry',
        'Replica clearedwestus in myregistry',
        'Replica flaggedsoutheastasia in myregistry',
        'Replica clearedsoutheastasia in myregistry',
      ]) {
        expect(
          signals.filter((row) => row.startsWith(signal)),
          signal,
        ).toHaveLength(1);
      }
      expect(signals.some((row) => row.startsWith('DNS drift detecteddb in rg-spoke-b'))).toBe(true);
      expect(wrongs).toEqual([]);
    } finally {
      await story.stop();
    }
  }, 90_000);
});
