import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, launchBrowser, NoBrowserError } from '../../scripts/status-page/browser.ts';

const env = process.env;
const isRequired = env['CI'] === 'true' || env['EVENKEEL_REQUIRE_BROWSER'] === '1';

function whyNot(): string | undefined {
  try {
    browserPath(env);
    return undefined;
  } catch (error) {
    if (error instanceof NoBrowserError) return error.message;
    throw error;
  }
}

export const hasBrowser = (): boolean => whyNot() === undefined;

/** A page that watches itself. */
export interface Watched {
  readonly page: Page;
  /** What may not be: violations of the policy, errors, and requests to other hosts. */
  readonly wrongs: string[];
}

export interface BrowserTests {
  /** Opens a page of its own. @param url its only host. */
  open(url: string, options?: BrowserContextOptions): Promise<Watched>;
}

/**
 * Tests in a real browser, one for all of them. Without a browser they are skipped and say so, unless one is
 * required; then they fail and say so.
 */
export function describeInBrowser(name: string, tests: (browser: BrowserTests) => void): void {
  const reason = whyNot();
  if (reason !== undefined) {
    if (isRequired) it(`${name} needs a browser`, () => expect.fail(reason));
    else process.stderr.write(`skipped: ${name}: ${reason}\n`);
    describe.skip(`${name} (${reason})`, () => tests({ open: () => Promise.reject(new Error(reason)) }));
    return;
  }
  describe(name, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchBrowser(env);
    });
    afterAll(() => browser.close());
    tests({
      async open(url, options = {}) {
        const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
        return watched(await context.newPage(), new URL(url).origin);
      },
    });
  });
}

async function watched(page: Page, origin: string): Promise<Watched> {
  const wrongs: string[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== 'data:') wrongs.push(`a request to ${request.url()}`);
  });
  page.on('pageerror', ({ message }) => wrongs.push(`an error: ${message}`));
  page.on('console', (message) => {
    // What the app refuses is told by the page itself; the browser's own line about it is no fault.
    const isAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isAnswer) wrongs.push(`on the console: ${message.text()}`);
  });
  page.on('dialog', (dialog) => {
    wrongs.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.addInitScript(
    "addEventListener('securitypolicyviolation', (event) => console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI))",
  );
  return { page, wrongs };
}
