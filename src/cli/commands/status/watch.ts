import { type AppAccess, AppRefusedError, fetchStatus, findApp } from '../../app-client.ts';
import { ArgumentError } from '../../argument-error.ts';
import type { CliContext } from '../../context.ts';
import { type Failure, failureDocument, failureOf } from '../../failure.ts';
import type { SharedOptions } from '../../options.ts';
import { formatDuration } from '../../output/duration.ts';
import { LiveLines } from '../../output/live-lines.ts';
import { jsonText, printLines } from '../../output/print-result.ts';
import { isLive, type Palette, paletteOf, plainPalette } from '../../output/terminal.ts';
import { type Screen, wrapLine } from '../../output/wrap.ts';
import { parseDuration } from '../../time-arguments.ts';
import { readStatus, type StatusAnswer } from './document.ts';
import { statusLines } from './status-lines.ts';

interface WatchOptions extends Pick<SharedOptions, 'app' | 'json'> {
  readonly every: string;
}

/** The app puts the status together from storage each time. */
const shortestEveryMs = 1_000;

/** What is known while watching. */
interface Watched {
  readonly status: StatusAnswer;
  readonly body: unknown;
  /** Our clock's time of the last answer. */
  readonly answeredAtMs: number;
  /** Why the app has not answered since. */
  readonly failure: Failure | undefined;
}

/** Shows what is known. */
interface View {
  show(watched: Watched): void;
  close(): void;
}

/**
 * `evenkeel status --watch`: shows the status again and again, until it is interrupted.
 *
 * | stdout     | shows                                                                             |
 * |------------|-----------------------------------------------------------------------------------|
 * | `--json`   | one document on each line: each status, or `{ "error" }`                          |
 * | a terminal | the last status, drawn in place, and how old it is                                |
 * | a pipe     | the status, and again whenever more than a time in it has changed                 |
 *
 * The first answer has to come. Later ones may fail: what is shown is then old, and said to be. An app that refuses ends
 * the watch, since asking again cannot help.
 *
 * @returns the exit code of the interruption.
 * @throws {ArgumentError | SettingError | AppCallError}
 */
export async function watchStatus(
  { every, app: url, json }: WatchOptions,
  context: CliContext,
): Promise<number> {
  const everyMs = parseDuration('--every', every);
  if (everyMs < shortestEveryMs) throw new ArgumentError('--every: expected at least 1s');
  const app = findApp(url, context.env);
  const { clock, interrupted } = context;
  const view = json === true ? jsonView(context) : viewFor(app, everyMs, context);
  let watched: Watched | undefined;
  try {
    while (!interrupted.aborted) {
      try {
        const { status, body } = await fetchStatus(context, app, readStatus);
        watched = { status, body, answeredAtMs: clock.now().getTime(), failure: undefined };
      } catch (error) {
        if (interrupted.aborted) break;
        if (watched === undefined) throw error;
        watched = { ...watched, failure: failureOf(error) };
        if (error instanceof AppRefusedError) {
          if (json === true) view.show(watched);
          throw error;
        }
      }
      view.show(watched);
      await clock.sleep(everyMs);
    }
  } finally {
    view.close();
  }
  return typeof interrupted.reason === 'number' ? interrupted.reason : 130;
}

function jsonView({ stdout }: CliContext): View {
  return {
    show: ({ body, failure }) =>
      stdout.write(`${jsonText(failure === undefined ? body : failureDocument(failure))}\n`),
    close: () => {},
  };
}

const viewFor = (app: AppAccess, everyMs: number, context: CliContext): View =>
  isLive(context.stdout, context.env) ? liveView(app, everyMs, context) : logView(app, context);

/** Drawn every second, because it shows how old the answer is. */
function liveView(
  { url }: AppAccess,
  everyMs: number,
  { stdout, env, clock, interrupted }: CliContext,
): View {
  const lines = new LiveLines(stdout);
  let last: Watched | undefined;
  const draw = () => {
    if (last === undefined) return;
    const ageMs = clock.now().getTime() - last.answeredAtMs;
    // One column less, as live lines are drawn. Nothing is cut: commands are broken, too.
    const output = { isTTY: true, columns: (stdout.columns || 80) - 1 };
    const watched = watchedLines(last, url, { ageMs, everyMs }, paletteOf(stdout, env), output);
    lines.draw(watched.flatMap((line) => wrapLine(line, output)));
  };
  const timer = setInterval(draw, 1000);
  return {
    show(watched) {
      last = watched;
      draw();
    },
    close() {
      clearInterval(timer);
      lines.close();
      // The terminal has written ^C where the cursor is.
      if (interrupted.aborted) stdout.write('\n');
    },
  };
}

/** What is old is not shown in green. */
export function watchedLines(
  { status, failure }: Pick<Watched, 'status' | 'failure'>,
  url: string,
  { ageMs, everyMs }: { readonly ageMs: number; readonly everyMs: number },
  pc: Palette,
  output: Screen,
): string[] {
  if (failure === undefined) {
    const foot = `asked every ${formatDuration(everyMs)}; answered ${formatDuration(ageMs)} ago; Ctrl-C ends`;
    return [...statusLines(status, url, pc, output), '', pc.dim(foot)];
  }
  return [
    ...wrapLine(`${pc.red('✖')} ${failure.message}`, output),
    `${pc.yellow('!')} what follows is ${formatDuration(ageMs)} old`,
    '',
    ...statusLines(status, url, plainPalette, output).map((line) => pc.dim(line)),
  ];
}

/** For logs: a line on stderr when the app does not answer, and when it does again. */
function logView({ url }: AppAccess, { stdout, stderr, env }: CliContext): View {
  let shown = '';
  let told: string | undefined;
  return {
    show({ status, failure }) {
      if (failure !== undefined) {
        if (failure.message !== told) printLines(stderr, [`${failure.message}; trying again`]);
        told = failure.message;
        return;
      }
      if (told !== undefined) printLines(stderr, ['the app answers again']);
      told = undefined;
      const content = contentOf(status);
      if (content === shown) return;
      printLines(stdout, [
        ...(shown === '' ? [] : ['']),
        ...statusLines(status, url, paletteOf(stdout, env), stdout),
      ]);
      shown = content;
    },
    close: () => {},
  };
}

/** What of a status is news: its problems, findings, images and replicas, without times. */
const contentOf = ({ even, problems, dns, images, registries }: StatusAnswer): string =>
  JSON.stringify([
    even,
    problems,
    dns.spokes,
    dns.audit?.complete,
    dns.audit?.findings.map(({ finding, containerGroup, healedAt }) => [finding, containerGroup, healedAt]),
    images.total,
    images.open.map(({ registry, repository, digest, state }) => [registry, repository, digest, state]),
    registries.map(({ registry, replicas }) => [
      registry,
      replicas.map(({ region, routed, verdict }) => [region, routed, verdict]),
    ]),
  ]);
