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

/**
 * A browser sends requests of its own to other hosts: for updates, for lists of dangerous sites, for reports.
 * Playwright switches some of that off. The last rule holds whatever is left: no other host has an address.
 */
const quiet = [
  '--disable-background-networking',
  '--disable-client-side-phishing-detection',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-sync',
  '--no-pings',
  '--no-proxy-server',
  '--safebrowsing-disable-auto-update',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

/** Starts the browser without a window. It ends with this process, and reaches loopback only. @throws {NoBrowserError} */
export async function launchBrowser(env: Environment): Promise<Browser> {
  const executablePath = browserPath(env);
  // The module is large, and of no use where there is no browser.
  const { chromium } = await import('playwright-core');
  // Without a window the processor draws anyway: a process for graphics only costs time.
  return chromium.launch({ executablePath, args: [...quiet, '--disable-gpu'] });
}
