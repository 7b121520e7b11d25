import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { vi } from 'vitest';
import { type HostProcess, type SpawnHostOptions, spawnHost } from '../../../local/host/spawn-host.ts';
import { bundledHost } from '../../support/bundled-host.ts';

export const fixtureDirectory = fileURLToPath(new URL('./fixture-app', import.meta.url));

const entries = v.array(v.record(v.string(), v.unknown()));

export interface FixtureHost extends HostProcess {
  readonly lines: readonly string[];
  /** Waits for a line of the output that holds this text. */
  line(text: string): Promise<string>;
  journal(): Promise<Record<string, unknown>[]>;
  /** Waits for an entry of the app's journal. */
  seen(isIt: (entry: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
}

/** The host over the fixture app, without colours and with a timer that practically never fires. */
export async function startFixtureHost(options: Partial<SpawnHostOptions> = {}): Promise<FixtureHost> {
  const lines: string[] = [];
  const { env, ...others } = options;
  const host = await spawnHost({
    directory: fixtureDirectory,
    program: bundledHost,
    env: { TICK_SCHEDULE: '0 0 0 1 1 *', ...env },
    onLine: (line) => lines.push(line),
    ...others,
  });
  const journal = async () => v.parse(entries, await (await fetch(`${host.url}/api/journal`)).json());
  return {
    ...host,
    lines,
    journal,
    line: (text) => waitFor(() => lines.find((line) => line.includes(text))),
    seen: (isIt) => waitFor(async () => (await journal()).find(isIt)),
  };
}

const waitFor = <Found>(find: () => Found | undefined | Promise<Found | undefined>): Promise<Found> =>
  vi.waitFor(
    async () => {
      const found = await find();
      if (found === undefined) throw new Error('it has not come');
      return found;
    },
    { timeout: 10_000, interval: 20 },
  );
