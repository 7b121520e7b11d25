import { createColors } from 'picocolors';
import type { LogLevel } from './core-types.ts';

export interface HostLog {
  /** Writes one line. Levels below `information` are dropped, as `func start` does by default. */
  write(level: LogLevel, message: string): void;
}

interface HostLogOptions {
  /** Gets each line without its line end. */
  readonly print: (line: string) => void;
  /** Shows a level by its colour; without colour it is written as a word. */
  readonly colors: boolean;
  readonly now: () => Date;
}

/**
 * Lines in the shape of `func start`: `[2026-11-21T11:46:41.123Z] Executing 'Functions.x' (...)`.
 *
 * A message is kept on one line, so that a reader of a pipe gets it whole: its line breaks are shown as `\n`.
 */
export function createHostLog({ print, colors, now }: HostLogOptions): HostLog {
  const paint = createColors(colors);
  const painters: Readonly<Record<LogLevel, ((text: string) => string) | undefined>> = {
    trace: undefined,
    debug: undefined,
    information: (text) => text,
    warning: paint.yellow,
    error: paint.red,
    critical: paint.red,
    none: undefined,
  };
  return {
    write(level, message) {
      const painter = painters[level];
      if (painter === undefined) return;
      const text = message.trimEnd().replaceAll(/\r?\n/g, '\\n');
      print(
        `${paint.dim(`[${now().toISOString()}]`)} ${painter(colors ? text : `${levelWords[level] ?? ''}${text}`)}`,
      );
    },
  };
}

const levelWords: Readonly<Partial<Record<LogLevel, string>>> = {
  warning: 'warn: ',
  error: 'error: ',
  critical: 'critical: ',
};

/** The message of an error and of its causes, as one phrase; each message is told once. */
export function describeError(error: unknown): string {
  const messages = new Set<string>();
  // A cause can lead back to an error before it.
  const seen = new Set<unknown>([undefined, null]);
  for (let at = error; !seen.has(at); at = at instanceof Error ? at.cause : undefined) {
    seen.add(at);
    messages.add(at instanceof Error ? `${at.name}: ${at.message}` : String(at));
  }
  return [...messages].join(', caused by ');
}
