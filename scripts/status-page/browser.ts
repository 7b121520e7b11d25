import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

/** Where Debian installs them. The headless shell opens a page in half the time. */
const usualPaths = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

export class NoBrowserError extends Error {
  override readonly name = 'NoBrowserError';
  constructor(paths: readonly string[]) {
    super(
      `there is no browser at ${paths.join(' or ')}: run "apt-get install chromium-headless-shell" (or chromium), or set EVENKEEL_CHROMIUM to the path of a Chromium`,
    );
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Returns the path of the browser to drive. @throws {NoBrowserError} */
export function browserPath(env: Environment): string {
  const named = env['EVENKEEL_CHROMIUM'];
  const paths = named ? [named] : usualPaths;
  const path = paths.find((one) => existsSync(one));
  if (path === undefined) throw new NoBrowserError(paths);
  return path;
}

/** Starts the browser without a window. It ends with this process. @throws {NoBrowserError} */
export async function launchBrowser(env: Environment): Promise<Browser> {
  const executablePath = browserPath(env);
  // The module is large, and of no use where there is no browser.
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath,
    // Otherwise it would send requests of its own to other hosts.
    args: ['--disable-background-networking', '--disable-component-update', '--no-first-run'],
  });
}
