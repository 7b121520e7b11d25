import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { largeStatus } from '../../scripts/status-page/large-status.ts';
import {
  groupId,
  image,
  minutesAgo,
  recordSetId,
  registry,
  rehearsedReplica,
  replica,
} from '../../scripts/status-page/sample-parts.ts';
import { emptyStatus, evenStatus, unevenStatus } from '../../scripts/status-page/sample-status.ts';
import { inaccessible } from './axe.ts';
import { describeInBrowser } from './browser.ts';
import { type MadeUp, makeUp } from './made-up-page.ts';

const desktop = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };

describeInBrowser('the status page over a made-up status', (browser) => {
  let app: MadeUp;
  beforeAll(async () => {
    app = await makeUp(browser);
  });
  afterAll(() => app.close());
  beforeEach(() => app.tell(unevenStatus));

  it('is accessible in light on a desktop and in dark on a phone, with everything opened', async () => {
    const { page, end } = await app.open();
    for (const summary of await page.locator('details:not([open]) > summary').all()) await summary.click();
    await page.locator('.opener').first().click();
    await page.locator('.cell').last().click();
    // Colours do not depend on the width: two looks see all that four would.
    for (const [viewport, colorScheme] of [
      [desktop, 'light'],
      [phone, 'dark'],
    ] as const) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      expect(await inaccessible(page), colorScheme).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    }
    await end();
  }, 60_000);

  it.each([
    ['empty', emptyStatus],
    ['even', evenStatus],
  ])('is accessible when it is %s', async (_, status) => {
    app.tell(status);
    const { page, end } = await app.open();
    expect(await inaccessible(page)).toEqual([]);
    await end();
  });

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
      .getByRole('button', { name: /^Copy: Take it out of global routing, against the interlocks/ })
      .first()
      .waitFor();
    const text = (await page.locator('.replica').first().textContent()) ?? '';
    expect(text).toMatch(/Held by 1 of 7 interlocks.*Do not run this yet\..*Hold-down.*az acr replication/s);
    await end();
  });

  it('says who rehearses, why and until when, and copies what ends it', async () => {
    app.tell({
      ...evenStatus,
      even: false,
      registries: [registry('myregistry', [rehearsedReplica('myregistry', 'westus')])],
    });
    const { page, end } = await app.open();
    const replicaOfWestus = page.locator('.replica').first();
    await replicaOfWestus.waitFor();
    expect(await replicaOfWestus.textContent()).toMatch(
      /Rehearsaluntil 03:55 UTC, asked for by ada@contoso\.comRehearsed becausegame day 12/,
    );
    await page.getByRole('button', { name: 'Copy: End the rehearsal' }).click();
    await page.getByRole('button', { name: 'Copied: End the rehearsal' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      'evenkeel rehearse myregistry.azurecr.io westus --end',
    );
    expect(await inaccessible(page)).toEqual([]);
    await end();
  });

  it('can be used by keyboard alone, and shows where it is', async () => {
    const { page, end } = await app.open();
    const where = () => page.evaluate('document.activeElement.textContent.trim()');
    const stops: unknown[] = [];
    for (let stop = 0; stop < 40; stop += 1) {
      await page.keyboard.press('Tab');
      stops.push(await where());
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
      if ((await where()) === 'myregistry/team/app:v42') break;
    }
    expect(stops.slice(0, 6)).toEqual([
      'Refresh',
      'Pause',
      'DNS has drifted',
      'Two container groups claim the same record set',
      'An image is stalled',
      'A replica is flagged',
    ]);
    await page.keyboard.press('Enter');
    await page.getByText('southeastasia: waiting').waitFor();
    await page.keyboard.press('Space');
    await page.getByText('southeastasia: waiting').waitFor({ state: 'detached' });
    await end();
  });

  it('shows the live and the recorded address of a finding, and what becomes of it', async () => {
    const { page, end } = await app.open();
    const row = (text: string) => page.getByRole('row').filter({ hasText: text });
    const cells = (text: string) => row(text).getByRole('cell').allTextContents();
    expect(await cells('The A record has a different address')).toEqual([
      'db in rg-spoke-b',
      'A db in spoke-b.internal.contoso.com',
      '10.1.0.4',
      '10.1.0.9',
      '02:45 UTC, 22 min',
      'openrepaired by the next event, at the latest 03:15 UTC',
    ]);
    const unmapped = await cells('Records of a resource group that is not mapped');
    expect(unmapped.slice(2, 4)).toEqual(['none', '10.1.0.7']);
    expect(unmapped.at(-1)).toMatch(/add its resource group to DNS_ZONE_MAP, or run evenkeel prune$/);
    // A record set of an unmapped owner belongs to no spoke, and counts all the same.
    await page.locator('#dns').getByText('2 findings, 1 conflict').waitFor();
    await end();
  });

  it('shows names that are markup as what they are', async () => {
    const evil = '<img src=x onerror=alert(1)>';
    const id = (name: string) => `${groupId('rg', 'web')}${name}`;
    const finding = {
      finding: 'orphan' as const,
      containerGroup: id(evil),
      recordSets: [recordSetId(evil, 'a', evil)],
      addresses: [evil],
      liveAddress: '10.1.0.4',
      recordAddress: '10.1.0.9',
      since: evil,
      repair: evil,
      repairedBy: evil,
      healedAt: null,
    };
    app.tell({
      ...unevenStatus,
      version: evil,
      problems: [
        {
          code: evil,
          message: `${evil} ${id(evil)} "'><script>alert(2)</script>`,
          since: evil,
          subject: evil,
        },
      ],
      dns: {
        ...unevenStatus.dns,
        spokes: [{ key: evil, groups: 1, recordSets: 1, findings: 1, healed: 0, conflicts: 1 }],
        audit: unevenStatus.dns.audit && {
          ...unevenStatus.dns.audit,
          findings: [finding],
          findingsTotal: 1,
          unread: [{ scope: evil, reason: evil }],
          sharedAddresses: [{ address: evil, containerGroups: [evil] }],
        },
        conflicts: [{ containerGroup: evil, recordSet: evil, owner: evil, since: minutesAgo(1) }],
      },
      images: {
        open: [
          image({
            registry: evil,
            repository: evil,
            tag: evil,
            minutes: 1,
            there: [evil],
            missing: [`${evil}2`],
          }),
        ],
        total: 1,
      },
      registries: [
        registry(
          evil,
          [
            replica(evil, evil, {
              verdict: 'flagged',
              reasons: [evil],
              interlocks: [{ rule: evil, pass: false, detail: evil }],
              action: { do: 'nothing', because: evil },
              contestedBy: evil,
              reversals: 1,
            }),
          ],
          { problems: [evil], frozen: { since: minutesAgo(1), reason: evil }, mode: 'flag', home: evil },
        ),
      ],
      signals: {
        ...unevenStatus.signals,
        recent: [{ id: evil, type: 'evenkeel.x', subject: evil, at: evil }],
      },
    });
    const { page, end } = await app.open();
    for (const summary of await page.locator('details:not([open]) > summary').all()) await summary.click();
    await page.locator('.opener').click();
    await page.locator('.cell').click();
    expect(await page.locator('main img, main script, main [onerror]').count()).toBe(0);
    const shown = ((await page.textContent('body')) ?? '').split(evil).length - 1;
    expect(shown).toBeGreaterThan(25);
    await end();
  });

  it('stays small with 200 spokes, 50 registries of 20 replicas and 200 images, until all are asked for', async () => {
    app.tell(largeStatus());
    const { page, end } = await app.open();
    expect(await page.textContent('#verdict')).toBe('154 problems');
    // Summarised: what nobody has asked for is not there.
    expect(Number(await page.evaluate("document.querySelectorAll('*').length"))).toBeLessThan(3_000);
    for (const [name, part, rows] of [
      ['Show all 200 spokes', '#dns', 200],
      ['Show all 200 images', '#images table >> nth=0 >>', 200],
      ['Show all 1,000 regions', '#images table >> nth=1 >>', 1_000],
      ['Show all 50 registries', '#replicas', 50],
    ] as const) {
      await page.getByRole('button', { name }).click();
      const all = page.locator(`${part} tbody > tr:not(.detail)`);
      await all.nth(rows - 1).waitFor({ state: 'attached' });
      expect(await all.count()).toBe(rows);
    }
    await page.locator('.cell').last().click();
    await page.getByRole('heading', { name: 'registry49 in westeurope' }).waitFor();
    await end();
  });
});
