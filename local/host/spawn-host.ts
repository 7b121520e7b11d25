import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface SpawnHostOptions {
  /** Folder of the app, with host.json and package.json. */
  readonly directory: string;
  /** Port to listen on; 0, the default, is any free one. */
  readonly port?: number;
  /** The program of the host; that of the sources without it. */
  readonly program?: string | undefined;
  /** The Node.js that runs it; this process's own without it. */
  readonly node?: string | undefined;
  /** Settings, on top of this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further arguments of the command line, such as `--auth`. */
  readonly args?: readonly string[];
  /** Gets every line of the host's output, from its first on, without colours. */
  readonly onLine?: (line: string) => void;
}

export interface HostProcess {
  /** Base URL, without a slash at its end. */
  readonly url: string;
  readonly pid: number;
  /** Its exit code, or null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Kills the host, as a crash would. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Stops the host when running functions have ended, and resolves with its exit code. Safe to call again. */
  stop(): Promise<number | null>;
}

class HostStartError extends Error {
  override readonly name = 'HostStartError';
}

/** Cache that spares every host after the first the compilation of itself and of the app. */
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/node-compile', import.meta.url));

const readyLine = /^evenkeel host ready on (?<url>http:\/\/\S+)$/;
const rememberedLines = 20;

/**
 * Starts the host as a process of its own, and resolves when it accepts requests.
 *
 * Rejects with `HostStartError`, which holds the host's last lines, when it ends before that. The host ends by
 * itself when this process ends, in whatever way.
 */
export async function spawnHost(options: SpawnHostOptions): Promise<HostProcess> {
  const child = spawn(
    options.node ?? process.execPath,
    [
      options.program ?? fileURLToPath(new URL('./main.ts', import.meta.url)),
      '--port',
      String(options.port ?? 0),
      '--app',
      options.directory,
      ...(options.args ?? []),
    ],
    {
      env: { NODE_COMPILE_CACHE: compileCache, ...process.env, ...options.env },
      // Nothing is sent over the channel; the host ends when it closes.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Ctrl-C reaches a whole process group. This process decides when its host stops.
      detached: true,
    },
  );
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));

  const lastLines: string[] = [];
  const ready = Promise.withResolvers<string>();
  const takeLine = (line: string) => {
    lastLines.push(line);
    if (lastLines.length > rememberedLines) lastLines.shift();
    options.onLine?.(line);
    const url = readyLine.exec(line)?.groups?.['url'];
    if (url !== undefined) ready.resolve(url);
  };
  const { stdout, stderr } = child;
  for (const stream of [stdout, stderr]) if (stream) createInterface({ input: stream }).on('line', takeLine);

  // "close" comes after the last line, "exit" may come before it.
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.once('close', (code, signal) => {
    const output = lastLines.length === 0 ? 'without a word' : `after:\n${lastLines.join('\n')}`;
    ready.reject(new HostStartError(`the Functions host ended (${signal ?? code}) ${output}`));
  });
  child.once('error', (cause) =>
    ready.reject(new HostStartError('the Functions host did not start', { cause })),
  );

  const url = await ready.promise;
  const { pid = 0 } = child;
  return {
    url,
    pid,
    exited,
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
    async stop() {
      child.kill('SIGTERM');
      await closed;
      return exited;
    },
  };
}
