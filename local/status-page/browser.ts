import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

/** Where Debian and Ubuntu put it. */
const defaultPath = '/usr/bin/chromium';

export class NoBrowserError extends Error {
  override readonly name = 'NoBrowserError';
  constructor(path: string) {
    super(
      `there is no browser at ${path}: run "apt-get install chromium", or set EVENKEEL_CHROMIUM to the path of a Chromium`,
    );
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @returns the path of the browser that is to be driven. @throws {NoBrowserError} */
export function browserPath(env: Environment): string {
  const path = env['EVENKEEL_CHROMIUM'] || defaultPath;
  if (!existsSync(path)) throw new NoBrowserError(path);
  return path;
}

/** Starts the browser without a window. It ends with this process. @throws {NoBrowserError} */
export async function launchBrowser(env: Environment): Promise<Browser> {
  const executablePath = browserPath(env);
  // Large, and of no use where there is no browser.
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath,
    // What it would do on its own account goes to other hosts.
    args: ['--disable-background-networking', '--disable-component-update', '--no-first-run'],
  });
}
