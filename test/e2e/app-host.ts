/** What runs the built app in the end-to-end tests: the local Functions host, or the real one. */
import { fileURLToPath } from 'node:url';
import { type HostProcess, type SpawnHostOptions, spawnHost } from '../../local/host/spawn-host.ts';
import { bundledHost } from '../support/bundled-host.ts';
import { startCoreTools } from './core-tools.ts';

const directory = fileURLToPath(new URL('../..', import.meta.url));

interface AppHostOptions extends Pick<SpawnHostOptions, 'env' | 'onLine'> {
  /** The keys that it asks for; without them everything is open. */
  readonly keys?: object;
}

interface AppHost {
  /** Resolves when the host serves the functions of the app. */
  start(options: AppHostOptions): Promise<HostProcess>;
  /** Whether it runs timers and queues only with a storage account of its own. */
  readonly needsStorage: boolean;
  /** Whether it can be started with keys. */
  readonly takesKeys: boolean;
}

/**
 * `EVENKEEL_E2E_HOST=func` chooses Azure Functions Core Tools; `EVENKEEL_FUNC` is its program where that is not the
 * `func` of the path.
 */
export function appHostOf(env: NodeJS.ProcessEnv): AppHost {
  switch (env['EVENKEEL_E2E_HOST'] ?? 'local') {
    case 'local':
      return {
        start: ({ keys, env, ...options }) =>
          spawnHost({
            ...{ directory, program: bundledHost, ...options },
            ...(keys === undefined
              ? { env: { ...env } }
              : { args: ['--auth'], env: { HOST_KEYS: JSON.stringify(keys), ...env } }),
          }),
        needsStorage: false,
        takesKeys: true,
      };
    case 'func': {
      const program = env['EVENKEEL_FUNC'] ?? 'func';
      return {
        start: async ({ keys, ...options }) => {
          if (keys !== undefined) throw new Error('Core Tools cannot be given keys');
          return startCoreTools({ directory, program, ...options });
        },
        needsStorage: true,
        takesKeys: false,
      };
    }
    default:
      throw new Error(`EVENKEEL_E2E_HOST: expected local or func, found "${env['EVENKEEL_E2E_HOST']}"`);
  }
}

export const appHost = appHostOf(process.env);
