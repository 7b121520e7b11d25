import { expect, vi } from 'vitest';
import { buildStatusPage } from '../../../scripts/status-page/build.ts';
import { servePage } from '../../../scripts/status-page/serve.ts';
import type { StatusDocument } from '../../../src/status/schema.ts';
import type { BrowserTests, Watched } from '../../e2e/browser.ts';

interface OpenPage extends Watched {
  /** Expects that it did nothing that it may not. */
  end(): Promise<void>;
}

/** The page as the app serves it, over what a test has the app say. */
export interface MadeUp {
  /** What the app says from now on. */
  tell(status: StatusDocument): void;
  /** How it answers from now on; `undefined` breaks the connection. */
  answer(how: (request: Request) => Response | undefined): void;
  /** What it says of images from now on. */
  know(about: (query: URLSearchParams) => Response): void;
  /** How often it was asked for anything. */
  asked(): number;
  /** Opens the page anew on a desktop, in light mode, and resolves when it shows a verdict. */
  open(): Promise<OpenPage>;
  /** Puts the page's clock forward, and resolves when it has asked again. */
  elapse(page: Watched, seconds: number): Promise<void>;
  close(): Promise<void>;
}

export async function makeUp(browser: BrowserTests): Promise<MadeUp> {
  let how: (request: Request) => Response | undefined = () => undefined;
  const { page: built } = await buildStatusPage();
  let about: (query: URLSearchParams) => Response | undefined = () => undefined;
  const server = await servePage(
    built,
    (request) => how(request),
    (query) => about(query),
  );
  const asked = () => server.seen.length;
  // One for all tests: to open another one costs more than what most of them do.
  const watched = await browser.open(server.url, {
    timezoneId: 'UTC',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  // It goes on by itself, and can be put forward.
  await watched.page.clock.install();
  return {
    tell: (status) => {
      how = () => Response.json(status);
    },
    answer: (other) => {
      how = other;
    },
    know: (other) => {
      about = other;
    },
    asked,
    async open() {
      const { page, wrongs } = watched;
      await page.context().setOffline(false);
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.goto(server.page);
      await page.locator('#verdict').filter({ hasNotText: 'Asking' }).waitFor();
      return {
        ...watched,
        async end() {
          expect(wrongs.splice(0)).toEqual([]);
        },
      };
    },
    async elapse({ page }, seconds) {
      const before = asked();
      await page.clock.fastForward(seconds * 1000);
      await vi.waitUntil(() => asked() > before, { timeout: 10_000, interval: 5 });
    },
    async close() {
      await watched.page.context().close();
      await server.close();
    },
  };
}
