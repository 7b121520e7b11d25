import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { largeStatus } from '../../../scripts/status-page/large-status.ts';
import {
  flaggedReplica,
  groupId,
  registry,
  rehearsedReplica,
} from '../../../scripts/status-page/sample-parts.ts';
import { emptyStatus, evenStatus, unevenStatus } from '../../../scripts/status-page/sample-status.ts';
import type { StatusDocument } from '../../../src/status/schema.ts';
import { describeInBrowser } from '../../e2e/browser.ts';
import { inaccessible } from './axe.ts';
import { hostileStatus } from './hostile-status.ts';
import { type MadeUp, makeUp } from './made-up-page.ts';
import { overflowing } from './overflow.ts';

const desktop = { width: 1280, height: 900 };
const wide = { width: 1920, height: 1000 };
const phone = { width: 390, height: 844 };

const westus = flaggedReplica('myregistry', 'westus').id;
const registryId = westus.replace(/\/replications.*/, '');
const problems: [code: string, title: string, subject: string | null][] = [
  ['settingBad', 'A setting is invalid', null],
  ['partUnknown', 'Part of the status cannot be read', null],
  ['auditOverdue', 'The DNS audit is overdue', null],
  ['auditIncomplete', 'The DNS audit is incomplete', '/subscriptions/s/resourceGroups/rg'],
  ['driftFound', 'DNS has drifted', null],
  ['dnsConflict', 'Two container groups claim the same record set', groupId('rg-spoke-b', 'api')],
  ['imageStalled', 'An image is stalled', 'myregistry/team/app:v42'],
  ['tagDiverged', 'A tag has diverged', 'myregistry/team/app:v42'],
  ['reviewOverdue', 'A registry review is overdue', registryId],
  ['registryProblem', 'A registry has a problem', registryId],
  ['controlPlaneFrozen', 'Routing decisions are paused', registryId],
  ['commonCause', 'A whole registry is unreachable', registryId],
  ['replicaFlagged', 'A replica is flagged', westus],
  ['replicaContested', 'A replica is contested', westus],
];
const withProblems = (codes: readonly string[]): StatusDocument => ({
  ...unevenStatus,
  problems: problems.flatMap(([code, , subject]) =>
    codes.includes(code) ? [{ code, message: `of the kind ${code}`, since: null, subject }] : [],
  ),
});

/** Opens every section, and whatever can be opened in them. */
async function openAll(page: Page): Promise<void> {
  const closed = '.fold[aria-expanded=false], details:not([open]) > summary';
  const open = `(() => {
    const all = [...document.querySelectorAll('${closed}')];
    for (const one of all) one.click();
    return all.length;
  })()`;
  // What is opened may hold more to open.
  while ((await page.evaluate(open)) !== 0);
}

describeInBrowser('each state of the status page', (browser) => {
  let app: MadeUp;
  beforeAll(async () => {
    app = await makeUp(browser);
  });
  afterAll(() => app.close());

  /** Opens it in a state, and expects nothing sideways on a phone, and nothing that somebody cannot use. */
  async function show(status: StatusDocument): Promise<Page> {
    app.tell(status);
    const { page } = await app.open();
    await page.setViewportSize(phone);
    expect(await overflowing(page)).toEqual([]);
    // All colours are in the state with everything open.
    expect(await inaccessible(page, false)).toEqual([]);
    return page;
  }

  it('well: one line for each part, and details on demand', async () => {
    const page = await show(evenStatus);
    expect(await page.textContent('#verdict')).toBe('All good');
    expect(await page.locator('.fold').allTextContents()).toEqual([
      'DNS',
      'Image replication',
      'Replicas',
      'Last 24 hours',
      'Recent signals',
    ]);
    expect(await page.locator('.fold[aria-expanded=true]').count()).toBe(0);
    expect(await page.locator('#dns').getByText('rg-spoke-a').isVisible()).toBe(false);
    await page.getByText('Every image is in every region.').waitFor();
    await page.getByRole('button', { name: 'DNS' }).click();
    await page.locator('#dns').getByText('rg-spoke-a').waitFor();
  });

  it('empty: what to configure next', async () => {
    const page = await show(emptyStatus);
    expect(await page.textContent('#verdict')).toBe('Nothing configured yet');
    expect(await page.getByRole('navigation').count()).toBe(0);
    await page.getByRole('region', { name: 'What to configure next' }).waitFor();
  });

  it('all problems at once, in light and in dark, on a phone and on a wide screen, with everything open', async () => {
    app.tell(unevenStatus);
    const { page } = await app.open();
    await openAll(page);
    await page.locator('.opener').first().click();
    await page.locator('.cell').last().click();
    for (const [viewport, colorScheme] of [
      [desktop, 'light'],
      [phone, 'dark'],
    ] as const) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      expect(await inaccessible(page), colorScheme).toEqual([]);
      expect(await overflowing(page), colorScheme).toEqual([]);
    }
    await page.setViewportSize(wide);
    expect(await overflowing(page)).toEqual([]);
    const left = await page.locator('.lead').boundingBox();
    const right = await page.locator('.sections').boundingBox();
    expect(right?.x).toBeGreaterThan((left?.x ?? 0) + (left?.width ?? 0));
    expect(right?.y).toBe(left?.y);
  }, 60_000);

  it('each problem, with one next step', async () => {
    app.tell(withProblems([]));
    const { page } = await app.open();
    for (const [code, title] of problems) {
      app.tell(withProblems([code]));
      await page.getByRole('button', { name: 'Refresh' }).click();
      const problem = page.locator('.problems > li').filter({ hasText: `of the kind ${code}` });
      await problem.waitFor();
      expect(await problem.locator('strong').first().textContent(), code).toBe(title);
      expect(await problem.locator('.copyable, .next-step').count(), code).toBe(1);
    }
  });

  it('two problems of each kind: nothing sideways, and a step for each on demand', async () => {
    const codes = problems.map(([code]) => code);
    const { problems: all, ...rest } = withProblems(codes);
    const page = await show({
      ...rest,
      problems: [...all, ...all.map((one) => ({ ...one, message: `${one.message} too` }))],
    });
    expect(await page.locator('#verdict').textContent()).toMatch(/^\d+ problems, \d+ blind spots$/);
    const first = page.locator('.problems > li').first();
    await first.getByText('What to do').first().click();
    await first.locator('.copyable, .next-step').first().waitFor();
    expect(await first.locator('.copyable, .next-step').count()).toBe(1);
  });

  it('a rehearsal: who, why and until when, and what ends it', async () => {
    const page = await show({
      ...evenStatus,
      even: false,
      registries: [registry('myregistry', [rehearsedReplica('myregistry', 'westus')])],
    });
    expect(await page.locator('.replica').first().textContent()).toMatch(
      /Rehearsaluntil 03:55 UTC, asked for by ada@contoso\.comRehearsed becausegame day 12/,
    );
    await page.getByRole('button', { name: 'Copy: End the rehearsal' }).click();
    await page.getByRole('button', { name: 'Copied: End the rehearsal' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      'evenkeel rehearse myregistry.azurecr.io westus --end',
    );
  });

  it('200 spokes, 50 registries of 20 replicas and 200 images: small until all are asked for', async () => {
    app.tell(largeStatus());
    const { page } = await app.open();
    await page.setViewportSize(phone);
    expect(await overflowing(page)).toEqual([]);
    expect(await page.textContent('#verdict')).toBe('154 problems');
    // Summarised: what nobody has asked for is not there.
    expect(Number(await page.evaluate("document.querySelectorAll('*').length"))).toBeLessThan(3_000);
    await page.setViewportSize(desktop);
    for (const [name, part, rows] of [
      ['Show all 200 spokes', '#dns', 200],
      ['Show all 200 images', '#images table >> nth=0 >>', 200],
    ] as const) {
      await page.getByRole('button', { name }).click();
      const all = page.locator(`${part} tbody > tr:not(.detail)`);
      await all.nth(rows - 1).waitFor({ state: 'attached' });
      expect(await all.count()).toBe(rows);
    }
    expect(await page.getByRole('button', { name: 'Show all 1,000 regions' }).count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Show all 50 registries' }).count()).toBe(1);
  }, 60_000);

  it.each([
    ['of markup', '<img src=x onerror=alert(1)>'],
    ['without a place to break', 'a_very.long_name.'.repeat(16)],
    ['from right to left', 'שלום7'],
    ['that would turn around what follows', 'db\u202Egnp.exe'],
  ])('names %s', async (_, name) => {
    app.tell(hostileStatus(name));
    const { page, end } = await app.open();
    await openAll(page);
    await page.locator('.opener').click();
    await page.locator('.cell').click();
    const shownName = name.replace('\u202E', '⟨U+202E⟩');
    const shown = ((await page.textContent('body')) ?? '').split(shownName).length - 1;
    expect(shown).toBeGreaterThan(25);
    expect(await page.content()).not.toContain('\u202E');
    expect(await page.locator('main img, main script, main [onerror]').count()).toBe(0);
    await page.setViewportSize(phone);
    expect(await overflowing(page)).toEqual([]);
    // A registry stands to the left of its repository, and that to the left of the tag.
    const places = await page.evaluate(
      "[...document.querySelectorAll('.opener bdi')].map((one) => one.getBoundingClientRect().left)",
    );
    if (name.startsWith('ש') && Array.isArray(places))
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    await end();
  });
});
