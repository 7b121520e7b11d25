import { describe, expect, it } from 'vitest';
import { evenStatus, unevenStatus } from '../../../scripts/status-page/sample-status.ts';
import { watchedLines } from '../../../src/cli/commands/status/watch.ts';
import { plainPalette } from '../../../src/cli/output/terminal.ts';
import { runCommand, TestClock } from '../run-command.ts';
import { type Scripted, scriptedApp } from '../scripted-app.ts';

const good: Scripted = { status: 200, body: evenStatus };
const later: Scripted = { status: 200, body: { ...evenStatus, now: '2026-11-21T09:00:00.000Z' } };
const bad: Scripted = { status: 200, body: unevenStatus };

/** Watches until the app has given all these answers, and is then interrupted with the exit code of Ctrl-C. */
async function watch(
  script: readonly Scripted[],
  args: readonly string[] = [],
  terminal?: { columns: number; rows: number },
) {
  const controller = new AbortController();
  const clock = new TestClock();
  await using app = await scriptedApp(...script);
  const sleep = async (ms: number) => {
    await clock.sleep(ms);
    if (clock.sleeps.length === script.length) controller.abort(130);
  };
  const result = await runCommand(['status', '--watch', '--app', app.url, ...args], {
    clock: { now: clock.now, sleep },
    interrupted: controller.signal,
    env: terminal === undefined ? {} : { NO_COLOR: '1' },
    ...(terminal && { terminal }),
  });
  return { ...result, sleeps: clock.sleeps, asked: app.questions.length };
}

describe('evenkeel status --watch', () => {
  it('asks at its pace until it is interrupted, and then ends without a word', async () => {
    const { exitCode, sleeps, asked, stderr } = await watch([good, good, good], ['--every', '3s']);
    expect({ exitCode, sleeps, asked, stderr }).toEqual({
      exitCode: 130,
      sleeps: [3000, 3000, 3000],
      asked: 3,
      stderr: '',
    });
  });

  it('prints one document on each line with --json, also for an answer that failed', async () => {
    const { stdout } = await watch([good, 503, bad], ['--json']);
    const documents = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(documents).toEqual([
      evenStatus,
      { error: { code: 'appNotAnswered', message: expect.stringContaining('503') } },
      unevenStatus,
    ]);
  });

  it('prints to a pipe only what is news', async () => {
    const { stdout, stderr } = await watch([good, later, 503, 503, good, bad]);
    expect(stdout.match(/^[✔✖] (All good|\d+ problems)/gm)).toEqual([
      '✔ All good',
      expect.stringMatching(/^✖ \d+ problems$/),
    ]);
    expect(stderr).toBe(
      'the app answered 503: check its log and try again later; trying again\nthe app answers again\n',
    );
  });

  it('redraws in place on a terminal, and leaves the cursor as it was', async () => {
    const { stdout } = await watch([good, good], [], { columns: 100, rows: 40 });
    const [first = '', ...rest] = stdout.split('✔ All good');
    expect(first).toBe('\u001b[?25l\r');
    const height = (rest[0] ?? '').split('\n').length - 1;
    expect(rest[0]).toMatch(new RegExp(`\\[${height}A\\r$`));
    const second = rest[1];
    expect(second).toContain('asked every 10s; answered 0s ago; Ctrl-C ends');
    expect(stdout.endsWith('\u001b[?25h\n')).toBe(true);
  });

  it('says how old an answer is that no other has followed, and shows nothing of it as good', () => {
    const failure = { code: 'appNotAnswered', message: 'the app cannot be reached' };
    const times = { ageMs: 75_000, everyMs: 10_000 };
    const green = (text: unknown) => `GREEN(${text})`;
    const lines = watchedLines(
      { status: evenStatus, failure },
      'http://a',
      times,
      { ...plainPalette, green },
      {},
    );
    expect(lines.slice(0, 3)).toEqual(['✖ the app cannot be reached', '! what follows is 1m 15s old', '']);
    expect(lines.join('\n')).not.toContain('GREEN');
  });

  it.each([
    ['gives no first answer', [503], 'appNotAnswered'],
    ['refuses the key', [good, 401], 'appRefused'],
  ] as const)('ends with 1 when the app %s', async (_, script, code) => {
    const { exitCode, stdout, stderr, asked } = await watch(script, ['--json']);
    expect({ exitCode, asked }).toEqual({ exitCode: 1, asked: script.length });
    expect(stderr).toMatch(/^✖ the app answered/);
    expect(stdout).toContain(code);
  });

  it.each([
    ['500ms', /--every: expected at least 1s/],
    ['10', /--every: expected a duration with a unit/],
  ])('refuses --every %s', async (every, message) => {
    const { exitCode, stderr } = await runCommand(['status', '--every', every]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(message);
  });
});
