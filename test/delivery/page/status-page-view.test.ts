import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { minutesAgo } from '../../../scripts/status-page/sample-parts.ts';
import { emptyStatus, evenStatus, unevenStatus } from '../../../scripts/status-page/sample-status.ts';
import { describeInBrowser } from '../../e2e/browser.ts';
import { type MadeUp, makeUp } from './made-up-page.ts';

describeInBrowser('the status page over a made-up status', (browser) => {
  let app: MadeUp;
  beforeAll(async () => {
    app = await makeUp(browser);
  });
  afterAll(() => app.close());
  beforeEach(() => app.tell(unevenStatus));

  it('says what to configure next in an empty installation, and copies a sample', async () => {
    app.tell(emptyStatus);
    const { page, end } = await app.open();
    expect(await page.textContent('#verdict')).toBe('Nothing configured yet');
    const next = page.getByRole('region', { name: 'What to configure next' });
    for (const name of ['DNS_ZONE_MAP', 'REGISTRIES']) {
      await next.getByRole('button', { name: `Copy: Sample of ${name}` }).click();
      await next.getByRole('button', { name: `Copied: Sample of ${name}` }).waitFor();
      const copied = await page.evaluate('navigator.clipboard.readText()');
      expect(() => JSON.parse(String(copied))).not.toThrow();
    }
    await end();
  });

  it('copies the command as it stands, in one line', async () => {
    const { page, end } = await app.open();
    await page.getByRole('article').getByRole('button', { name: /^Copy/ }).click();
    await page.getByRole('article').getByText('Copied').waitFor();
    const { off } = unevenStatus.registries[0]?.replicas.at(-1)?.commands ?? {};
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(off);
    await end();
  });

  it('warns of a command that an interlock refuses, before the button that copies it', async () => {
    const { page, end } = await app.open();
    await page
      .getByRole('button', { name: /^Copy: Take it out of global routing, against the warning/ })
      .first()
      .waitFor();
    const text = (await page.locator('.replica').first().textContent()) ?? '';
    expect(text).toMatch(/Held by 1 of 7 interlocks.*Do not run this yet\..*Hold-down.*az acr replication/s);
    const problem = page.locator('.problems > li').filter({ hasText: 'A replica is flagged' });
    expect(await problem.locator('.copyable').textContent()).toMatch(
      /Do not run this yet\..*az acr replication/s,
    );
    await end();
  });

  it('can be used by keyboard alone, and shows where it is', async () => {
    const { page, end } = await app.open();
    const where = () => page.evaluate('document.activeElement.textContent.trim()');
    const stops: unknown[] = [];
    for (let stop = 0; stop < 60; stop += 1) {
      await page.keyboard.press('Tab');
      stops.push(await where());
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
      if ((await where()) === 'myregistry/team/app:v42') break;
    }
    expect(stops.slice(0, 9)).toEqual([
      'Refresh',
      'Pause',
      'DNS: 2 findings, 1 conflict',
      'Images: 1 stalled',
      'Replicas: 1 replica needs attention',
      '24 h: 2 spokes drifted, 2 replicas bad or flagged',
      'Signals: 1 unpublished',
      'DNS has drifted',
      'What each finding means',
    ]);
    await page.keyboard.press('Enter');
    await page.getByText('southeastasia: waiting').waitFor();
    await page.keyboard.press('Space');
    await page.getByText('southeastasia: waiting').waitFor({ state: 'detached' });
    await end();
  });

  it('says of a finding what is, what DNS says, what becomes of it, and what to do now', async () => {
    const { page, end } = await app.open();
    const row = (text: string) => page.getByRole('row').filter({ hasText: text });
    const cells = (text: string) => row(text).getByRole('cell').allTextContents();
    const [what, since, step] = await cells('The A record has a different address');
    expect(what).toContain(
      'is 10.1.0.4, DNS says 10.1.0.9; repaired by the next event, at the latest 03:15 UTC',
    );
    expect(what).toContain('A db in spoke-b.internal.contoso.com');
    expect(since).toBe('02:45 UTC, 22 min');
    expect(step).toContain('evenkeel reconcile rg-spoke-b/db --subscription');
    const [unmapped, , prune] = await cells('Records of a resource group that is not mapped');
    expect(unmapped).toContain(
      'DNS says 10.1.0.7, where nothing should be; not repaired: add its resource group to DNS_ZONE_MAP, or run evenkeel prune',
    );
    expect(prune).toContain('evenkeel prune');
    // A record set of an unmapped owner belongs to no spoke, and counts all the same.
    await page.locator('#dns').getByText('2 findings, 1 conflict').waitFor();
    await end();
  });

  it('puts what is wrong first, and follows the links of its navigation', async () => {
    app.tell({ ...evenStatus, images: unevenStatus.images });
    const { page, end } = await app.open();
    const titles = () => page.locator('.sections h2').allTextContents();
    expect(await titles()).toEqual([
      'Image replication',
      'DNS',
      'Replicas',
      'Last 24 hours',
      'Recent signals',
    ]);
    const navigation = page.getByRole('navigation', { name: 'Sections' });
    expect(await navigation.getByRole('link').allTextContents()).toEqual([
      'Images: 1 stalled',
      'DNS: all good',
      'Replicas: all good',
      '24 h: quiet',
      'Signals: all published',
    ]);
    await page.setViewportSize({ width: 1280, height: 400 });
    await navigation.getByRole('link', { name: 'Replicas' }).click();
    await page.locator('.cell').first().waitFor();
    expect(await page.getByRole('button', { name: 'Replicas' }).getAttribute('aria-expanded')).toBe('true');
    // The navigation stays in sight, and covers nothing of what it led to.
    const bar = await page.locator('header').boundingBox();
    const section = await page.locator('#replicas').boundingBox();
    expect(bar?.y).toBe(0);
    expect(section?.y).toBeGreaterThanOrEqual(bar?.height ?? 0);
    await end();
  });

  it('tells the time and the numbers of a half hour to the pointer and to the arrow keys', async () => {
    const { page, end } = await app.open();
    const strip = page.getByRole('slider', { name: /^rg-spoke-b, last 24 hours: drift in 5 half hours/ });
    const row = page.locator('.strip').filter({ has: strip });
    const drift = '2026-11-20 07:30 UTC: 1 finding, 1 repair (1 by audit)';
    // Its ninth half hour of 48.
    const { width = 0 } = (await strip.boundingBox()) ?? {};
    await strip.hover({ position: { x: (width * 8.5) / 48, y: 10 } });
    await row.getByText(drift).waitFor();
    await page.mouse.move(0, 0);
    await row.getByText('26 repairs (5 by audit)').waitFor();
    await strip.focus();
    expect(await strip.getAttribute('aria-valuetext')).toMatch(/^03:00 UTC: 1 finding/);
    await page.keyboard.press('Home');
    for (let step = 0; step < 8; step += 1) await page.keyboard.press('ArrowRight');
    expect(await strip.getAttribute('aria-valuetext')).toBe(drift);
    await row.getByText(drift).waitFor();
    // What nobody looked at is told by its shape, and in words.
    for (let step = 8; step < 19; step += 1) await page.keyboard.press('ArrowRight');
    expect(await strip.getAttribute('aria-valuetext')).toBe('2026-11-20 13:00 UTC: no audit');
    // The same strip stands beside the spoke.
    await page
      .locator('#dns')
      .getByRole('img', { name: /^drift in 5 half hours; 26 repairs/ })
      .waitFor();
    await end();
  });

  it('filters its lists, says where nothing matches, and shows everything again', async () => {
    const { page, end } = await app.open();
    await page.getByRole('searchbox').fill('rg-spoke-b');
    await page.locator('#images').getByText('Nothing here matches the filter.').waitFor();
    const spokes = page.locator('#dns').getByRole('table', { name: 'Spokes' });
    expect(await spokes.getByRole('rowheader').allTextContents()).toEqual(['rg-spoke-b']);
    await page.locator('#dns').getByText('2 findings, 1 conflict').waitFor();
    await page.getByRole('searchbox').fill('');
    await page.getByRole('button', { name: 'Only problems' }).click();
    expect(await page.locator('.cell').allTextContents()).toEqual(['flagged']);
    await page.locator('#signals').getByText('Nothing here matches the filter.').waitFor();
    await page.getByRole('button', { name: 'Show all', exact: true }).click();
    expect(await page.locator('.cell').count()).toBe(4);
    await end();
  });

  it('looks one image up', async () => {
    const { page, end } = await app.open();
    const panel = page.getByRole('region', { name: 'Look up an image' });
    app.know((query) =>
      query.get('reference') === 'v41'
        ? Response.json({
            digest: `sha256:${'1'.repeat(64)}`,
            state: 'replicated',
            firstSeen: minutesAgo(70),
            replicatedAt: minutesAgo(64),
            regions: [{ region: 'eastus', state: 'available', at: minutesAgo(70), evidence: 'webhook' }],
          })
        : Response.json({ error: { message: 'no region has reported this image yet' } }, { status: 404 }),
    );
    await panel.getByRole('textbox').fill('myregistry/team/app:v41');
    await page.keyboard.press('Enter');
    await panel.getByText('In every region').waitFor();
    await panel.getByText('since 1 h 4 min ago').waitFor();
    await panel.getByText('eastus: available').waitFor();
    await panel.getByRole('textbox').fill('myregistry/team/app:v0');
    await page.keyboard.press('Enter');
    await panel.getByText('no region has reported this image yet').waitFor();
    await panel.getByRole('textbox').fill('app');
    await panel.getByRole('button', { name: 'Look up' }).click();
    await panel.getByText('expected REGISTRY/REPOSITORY:TAG').waitFor();
    await end();
  });
});
