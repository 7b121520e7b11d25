import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { describeInBrowser, type Watched } from './browser.ts';
import { cloudEvent } from './events.ts';
import { digestOf } from './registry-notifications.ts';
import {
  installReplication,
  type ReplicationInstallation,
  regions,
  registry,
} from './replication-installation.ts';

describeInBrowser('the status page of the app', (browser) => {
  let world: ReplicationInstallation;
  let watched: Watched;
  let db: string;
  /** What it showed before anything had been looked at. */
  let first: { readonly verdict: string | null; readonly all: string | null };

  beforeAll(async () => {
    world = await installReplication({ entry: () => ({ review: { raise: '1/1', clear: 1 } }) });
    db = world.azure.containerGroups.create({ resourceGroup: 'rg-spoke-b', name: 'db' });
    await world.deliver(cloudEvent(db));
    watched = await browser.open(world.host.url);
    await watched.page.goto(`${world.host.url}/api/dashboard`);
    // They are well, and folded.
    await part('Recent signals').getByRole('button').click();
    await verdict().filter({ hasNotText: 'Asking' }).waitFor();
    first = { verdict: await verdict().textContent(), all: await watched.page.textContent('main') };
    await Promise.all([audit(), world.review()]);
  });
  afterAll(() => world.close());
  afterEach(() => expect(watched.wrongs).toEqual([]));

  async function audit(): Promise<void> {
    const ended = () => world.lines.filter((line) => line.includes("Executed 'Functions.auditDns'")).length;
    const before = ended();
    await fetch(`${world.host.url}/admin/functions/auditDns`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"input":""}',
    });
    await vi.waitUntil(() => ended() > before, { timeout: 20_000, interval: 5 });
  }

  /** Asks the app anew, and resolves when the page shows what it said. */
  async function refresh(): Promise<void> {
    const { page } = watched;
    const answered = page.waitForResponse((response) => response.url().endsWith('/api/status'));
    await page.getByRole('button', { name: 'Refresh' }).click();
    await (await answered).finished();
  }

  const verdict = () => watched.page.locator('#verdict');
  const part = (name: string) => watched.page.getByRole('region', { name, exact: true });
  const shows = (locator: ReturnType<typeof part>, text: string | RegExp) =>
    locator.filter({ hasText: text }).waitFor();

  it('says what cannot be seen yet, before the first audit and review', () => {
    expect(first.verdict).toBe('Status unknown: 2 blind spots');
    expect(first.all).toContain('The DNS audit is overdue');
    expect(first.all).toContain('not all reviewed yet');
  });

  it('says that all is good, once it has been looked at', async () => {
    await refresh();
    await shows(verdict(), 'All good');
    await vi.waitFor(async () => expect(await watched.page.title()).toBe('✓ All good – evenkeel'));
    await shows(part('Image replication'), 'Every image is in every region.');
    expect(
      await part('Replicas')
        .getByRole('button', { name: /^routed/ })
        .count(),
    ).toBe(regions.length);
  });

  it('shows drift when the audit finds it, and that it healed when the reconciler has mended it', async () => {
    const before = world.azure.containerGroups.address(db) ?? '';
    const after = world.azure.containerGroups.move(db) ?? '';
    await audit();
    await refresh();
    await shows(verdict(), /^1 problem/);
    await shows(watched.page.locator('.problems'), 'DNS has drifted');
    const row = part('DNS').getByRole('row').filter({ hasText: 'The A record has a different address' });
    await shows(row, 'db in rg-spoke-b');
    await shows(row, `is ${after}, DNS says ${before}; repaired by the next event, at the latest`);
    await shows(row, 'evenkeel reconcile rg-spoke-b/db --subscription');

    await world.deliver(cloudEvent(db));
    await refresh();
    await shows(verdict(), 'All good');
    await part('DNS')
      .getByText(/healed since the last audit$/)
      .click();
    await shows(row, 'healed');
    await shows(part('DNS'), /[1-9] by event/);
  });

  it('shows an image on its way region by region, and nothing once it is everywhere', async () => {
    const [first = '', ...others] = regions;
    await world.tell({ region: first, digest: digestOf('page'), tag: 'v7' });
    await refresh();
    const row = part('Image replication').getByRole('row').filter({ hasText: 'team/app:v7' });
    await shows(row, '1 of 4');
    await shows(row, 'in progress');
    await row.getByRole('button').click();
    const detail = part('Image replication').locator('.regions');
    await shows(detail, `${first}: available`);
    expect(await detail.getByText('waiting').count()).toBe(3);
    await world.tell({ region: others[0] ?? '', digest: digestOf('page'), tag: 'v7' });
    await refresh();
    await shows(row, '2 of 4');
    expect(await detail.getByText('waiting').count()).toBe(2);
    const lookUp = part('Look up an image');
    await lookUp.getByRole('textbox').fill('myregistry/team/app:v7');
    await lookUp.getByRole('button').click();
    await shows(lookUp, 'On its way: in 2 of 4 regions');

    await world.tellAll({ digest: digestOf('page'), tag: 'v7' });
    await refresh();
    await shows(part('Image replication'), 'Every image is in every region.');
    // What is finished is in no list, and can still be looked up.
    await lookUp.getByRole('button').click();
    await shows(lookUp, 'In every region');
    await shows(
      part('Recent signals').getByRole('row').filter({ hasText: 'team/app:v7' }),
      'Image replicated',
    );
  });

  it('shows a flag with its reason, its interlocks and the command, and that it is cleared', async () => {
    world.azure.registries.degrade(registry, 'westus', { status: 503 });
    await world.review();
    await refresh();
    await shows(verdict(), /^1 problem/);
    const card = watched.page.getByRole('article', { name: 'myregistry in westus' });
    await shows(card, 'its regional endpoint is unavailable');
    await shows(card, 'ROUTING_MODE is flag');
    await shows(card, 'Every interlock passes');
    await shows(card.locator('pre'), '--name westus');
    await shows(card.locator('pre'), '--global-endpoint-routing false');
    await part('Replicas').getByRole('button', { name: 'flagged' }).waitFor();

    world.azure.registries.restore(registry, 'westus');
    await world.review();
    await refresh();
    await shows(verdict(), 'All good');
    expect(await card.count()).toBe(0);
    await shows(part('Recent signals'), 'Replica cleared');
  });

  it('says which part cannot be read, instead of that there is nothing', async () => {
    const restore = world.tables.refuse();
    await refresh();
    restore();
    await shows(verdict(), 'blind spot');
    await shows(part('Replicas'), 'cannot be read now');
    await refresh();
    await shows(verdict(), 'All good');
  }, 40_000);
});
