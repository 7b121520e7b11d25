import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { image } from '../../../scripts/status-page/sample-parts.ts';
import { evenStatus, unevenStatus } from '../../../scripts/status-page/sample-status.ts';
import { describeInBrowser } from '../../e2e/browser.ts';
import { inaccessible } from './axe.ts';
import { type MadeUp, makeUp } from './made-up-page.ts';
import { overflowing } from './overflow.ts';

describeInBrowser('the status page, when it refreshes', (browser) => {
  let app: MadeUp;
  beforeAll(async () => {
    app = await makeUp(browser);
  });
  afterAll(() => app.close());
  beforeEach(() => app.tell(unevenStatus));

  it('keeps focus, scroll, what was opened and what is selected when it refreshes', async () => {
    const watched = await app.open();
    const { page, end } = watched;
    await page.getByText('1 finding healed since the last audit').click();
    await page.locator('.opener').first().click();
    const cell = page.locator('.cell').nth(1);
    await cell.click();
    await page.evaluate("getSelection().selectAllChildren(document.querySelector('.matrix pre'))");
    const look = () =>
      page.evaluate(
        '[scrollY, document.activeElement.className, String(getSelection()), document.querySelectorAll("details[open]").length, document.querySelectorAll(".opener[aria-expanded=true], .cell[aria-expanded=true]").length]',
      );
    const before = await look();
    const box = await cell.boundingBox();
    expect(before).toMatchObject([expect.any(Number), 'cell is-ok', expect.stringContaining('az acr'), 3, 2]);
    app.tell({
      ...unevenStatus,
      images: {
        open: [
          image({ repository: 'team/new', tag: 'v1', minutes: 30, there: ['eastus'], missing: ['westus'] }),
          ...unevenStatus.images.open.map((one) => ({ ...one, ageMs: one.ageMs + 6_000 })),
        ],
        total: 3,
      },
    });
    await app.elapse(watched, 6);
    await page.getByText('myregistry/team/new:v1').waitFor();
    expect((await page.locator('.regions').textContent()) ?? '').toContain('southeastasia: waiting');
    const after = await look();
    expect(Array.isArray(after) && after.slice(1)).toEqual(Array.isArray(before) && before.slice(1));
    // What is looked at stays where it is although something came above it.
    expect((await cell.boundingBox())?.y).toBeCloseTo(box?.y ?? 0, -1);
    await end();
  });

  it('tells a screen reader of a verdict when it changes, and of nothing else', async () => {
    const watched = await app.open();
    const { page, end } = watched;
    await page.evaluate(
      'globalThis.told = []; new MutationObserver(() => told.push(document.querySelector("[role=status]").textContent)).observe(document.querySelector("[role=status]"), { childList: true, characterData: true, subtree: true })',
    );
    expect(await page.locator('[aria-live], [role=alert], [role=status], [role=log]').count()).toBe(1);
    app.tell({ ...unevenStatus, images: { open: [], total: 0 } });
    await app.elapse(watched, 6);
    await page.getByText('Every image is in every region.').waitFor();
    app.tell(evenStatus);
    await app.elapse(watched, 6);
    await page.locator('#verdict').getByText('All good').waitFor();
    expect(await page.evaluate('told')).toEqual(['All good']);
    await end();
  });

  it('says what each answer that is no status means, beside what it knew before', async () => {
    const answers: [response: Response | undefined, headline: string, words: string][] = [
      [new Response('stopped', { status: 403 }), 'access to the app is blocked', '(403)'],
      [new Response(null, { status: 404 }), 'nothing answers at this address', '(404)'],
      [new Response(null, { status: 500 }), 'the app failed', '(500)'],
      [Response.json({ error: {} }, { status: 503 }), 'the app cannot read it', '(503)'],
      [new Response('Unavailable', { status: 503 }), 'the app is not running', '(503)'],
      [new Response('<html>'), 'something else answered', 'a page of a proxy or of a sign-in'],
      [undefined, 'the app cannot be reached', 'The app cannot be reached'],
    ];
    app.tell(evenStatus);
    const watched = await app.open();
    const { page, end } = watched;
    for (const [response, headline, words] of answers) {
      app.answer(() => response?.clone());
      await page.getByRole('button', { name: 'Refresh' }).click();
      await page.locator('#verdict').getByText(`Status unknown: ${headline}`).waitFor();
      await page.locator('.refresh-failure').getByText(words).waitFor();
      await page.getByText('The status was: All good.').waitFor();
      expect(await page.title()).toBe(`? Status unknown: ${headline} – evenkeel`);
    }
    // Nothing is shown as good, although every part is there as it was.
    const dns = page.getByRole('region', { name: 'DNS', exact: true });
    expect(await dns.textContent()).toContain('rg-spoke-a');
    await dns.getByText('last known: all good').waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await inaccessible(page)).toEqual([]);
    expect(await overflowing(page)).toEqual([]);
    app.tell(evenStatus);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.locator('#verdict').getByText('All good').waitFor();
    await end();
  });

  it('lets one request fail without a word, and no two', async () => {
    app.tell(evenStatus);
    const watched = await app.open();
    const { page, end } = watched;
    app.answer(() => undefined);
    await app.elapse(watched, 6);
    await page.getByText('trying again').waitFor();
    expect(await page.textContent('#verdict')).toBe('All good');
    expect(await page.getByText('The app cannot be reached').count()).toBe(0);
    await app.elapse(watched, 6);
    await page.locator('#verdict').getByText('Status unknown: the app cannot be reached').waitFor();
    await end();
  });

  it('asks for another key when one is refused, and tries no key twice', async () => {
    app.tell(evenStatus);
    const watched = await app.open();
    const { page, end } = watched;
    app.answer((request) =>
      request.headers.get('x-functions-key') === 'right'
        ? Response.json(evenStatus)
        : new Response(null, { status: 401 }),
    );
    await app.elapse(watched, 6);
    await page.locator('#verdict').getByText('Status unknown: the app refused the key').waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await inaccessible(page)).toEqual([]);
    expect(await overflowing(page)).toEqual([]);
    const asked = app.asked();
    await page.clock.fastForward(600_000);
    expect(app.asked()).toBe(asked);
    await page.getByLabel('Function key of the app').fill('wrong');
    await page.keyboard.press('Enter');
    await vi.waitUntil(() => app.asked() === asked + 1);
    await page.getByLabel('Function key of the app').fill('right');
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.locator('#verdict').getByText('All good').waitFor();
    expect(await page.content()).not.toContain('right"');
    await end();
  });

  it('says that it is offline, and how old its data is', async () => {
    const watched = await app.open();
    const { page, end } = watched;
    await page.context().setOffline(true);
    await page.clock.fastForward(6_000);
    await page.getByText('This device is offline.').waitFor();
    await page.clock.fastForward(60_000);
    await page.getByText(/^Updated 1 min ago$/).waitFor();
    await end();
  });

  it('asks nothing while it is paused', async () => {
    const watched = await app.open();
    const { page, end } = watched;
    await page.getByRole('button', { name: 'Pause' }).click();
    const asked = app.asked();
    await page.clock.fastForward(120_000);
    await page.getByText('Paused, updated 2 min ago').waitFor();
    expect(await page.textContent('#verdict')).toBe('Status unknown: the page is paused');
    expect(app.asked()).toBe(asked);
    await page.getByRole('button', { name: 'Pause' }).click();
    await vi.waitUntil(() => app.asked() === asked + 1);
    await end();
  });
});
