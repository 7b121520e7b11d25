import { expect, vi } from 'vitest';
import { buildStatusPage } from '../../scripts/status-page/build.ts';
import { servePage } from '../../scripts/status-page/serve.ts';
import type { StatusDocument } from '../../src/status/schema.ts';
import type { BrowserTests, Watched } from './browser.ts';

interface OpenPage extends Watched {
  /** Closes it, and expects that it did nothing that it may not. */
  end(): Promise<void>;
}

/** The page as the app serves it, over what a test has the app say. */
export interface MadeUp {
  /** What the app says from now on. */
  tell(status: StatusDocument): void;
  /** How it answers from now on; `undefined` breaks the connection. */
  answer(how: () => Response | undefined): void;
  /** How often it was asked for anything. */
  asked(): number;
  /** Opens the page, and resolves when it shows a verdict. */
  open(options?: Parameters<BrowserTests['open']>[1]): Promise<OpenPage>;
  /** Puts the page's clock forward, and resolves when it has asked again. */
  elapse(page: Watched, seconds: number): Promise<void>;
  close(): Promise<void>;
}

export async function makeUp(browser: BrowserTests): Promise<MadeUp> {
  let how: () => Response | undefined = () => undefined;
  const { page: built } = await buildStatusPage();
  const server = await servePage(built, () => how());
  const asked = () => server.seen.length;
  return {
    tell: (status) => {
      how = () => Response.json(status);
    },
    answer: (other) => {
      how = other;
    },
    asked,
    async open(options) {
      const watched = await browser.open(server.url, options);
      const { page, wrongs } = watched;
      // It goes on by itself, and can be put forward.
      await page.clock.install();
      await page.goto(server.page);
      await page.locator('#verdict').filter({ hasNotText: 'Loading' }).waitFor();
      return {
        ...watched,
        async end() {
          await page.context().close();
          expect(wrongs).toEqual([]);
        },
      };
    },
    async elapse({ page }, seconds) {
      const before = asked();
      await page.clock.fastForward(seconds * 1000);
      await vi.waitUntil(() => asked() > before, { timeout: 10_000, interval: 5 });
    },
    close: () => server.close(),
  };
}
