/**
 * `npm run screenshots`: the pictures of the status page in `docs/images/`, made from sample data. `npm run screenshots
 * -- DIRECTORY` writes every sample there instead, in each width and colour, to be looked at before and after a change.
 */
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { launchBrowser, NoBrowserError } from './browser.ts';
import { buildStatusPage } from './build.ts';
import { largeStatus } from './large-status.ts';
import { emptyStatus, evenStatus, unevenStatus } from './sample-status.ts';
import { servePage } from './serve.ts';

const [directory] = process.argv.slice(2);
const out = directory ?? join(import.meta.dirname, '../../docs/images');

interface Picture {
  readonly file: string;
  readonly status: typeof evenStatus;
  readonly colorScheme: 'light' | 'dark';
  readonly viewport: { readonly width: number; readonly height: number };
  /** Steps before the picture is taken. */
  readonly prepare?: (page: Page) => Promise<void>;
  /** The part of the page that is on it; by default what a window of this size shows. */
  readonly of?: (page: Page) => Locator;
  /** Whether the picture is of the whole page. */
  readonly fullPage?: boolean;
}

const desktop = { width: 1180, height: 780 };
const phone = { width: 390, height: 780 };

const documented: readonly Picture[] = [
  { file: 'status-page-light.png', status: unevenStatus, colorScheme: 'light', viewport: desktop },
  { file: 'status-page-dark.png', status: unevenStatus, colorScheme: 'dark', viewport: desktop },
  { file: 'status-page-phone.png', status: evenStatus, colorScheme: 'dark', viewport: phone },
  {
    file: 'status-page-images.png',
    status: unevenStatus,
    colorScheme: 'light',
    viewport: desktop,
    prepare: (page) => page.locator('.opener').first().click(),
    of: (page) => page.locator('#images'),
  },
  {
    file: 'status-page-replicas.png',
    status: unevenStatus,
    colorScheme: 'light',
    viewport: { width: 1180, height: 1100 },
    of: (page) => page.locator('#replicas'),
  },
  {
    file: 'status-page-history.png',
    status: unevenStatus,
    colorScheme: 'light',
    viewport: { width: 1180, height: 1100 },
    of: (page) => page.locator('#history'),
  },
];

const samples = { empty: emptyStatus, even: evenStatus, uneven: unevenStatus, large: largeStatus() };

const every: readonly Picture[] = Object.entries(samples).flatMap(([name, status]) =>
  [390, 1280, 1920].flatMap((width) =>
    (['light', 'dark'] as const).map((colorScheme) => ({
      file: `${name}-${width}-${colorScheme}.png`,
      status,
      colorScheme,
      viewport: { width, height: width === 390 ? 844 : 1000 },
      fullPage: true,
    })),
  ),
);

/** Ends the process with one line where there is no browser. */
async function browserOrExit() {
  try {
    return await launchBrowser(process.env);
  } catch (error) {
    if (!(error instanceof NoBrowserError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

const browser = await browserOrExit();
let status = evenStatus;
const { page: built } = await buildStatusPage();
await using cleanUp = new AsyncDisposableStack();
cleanUp.defer(() => browser.close());
const server = await servePage(built, () => Response.json(status));
cleanUp.defer(() => server.close());
await mkdir(out, { recursive: true });
for (const picture of directory === undefined ? documented : every) {
  status = picture.status;
  const { colorScheme, viewport } = picture;
  const context = await browser.newContext({ colorScheme, viewport });
  const page = await context.newPage();
  await page.goto(server.page);
  await page.locator('#verdict').filter({ hasNotText: 'Asking' }).waitFor();
  await picture.prepare?.(page);
  const path = join(out, picture.file);
  // The pointer is on nothing, and no button has the focus.
  await page.mouse.move(0, 0);
  await page.evaluate('document.activeElement.blur()');
  if (picture.fullPage) await page.screenshot({ path, fullPage: true });
  else await (picture.of?.(page) ?? page).screenshot({ path });
  await context.close();
  console.log(`${picture.file}: ${Math.round((await stat(path)).size / 1024)} KiB`);
}
