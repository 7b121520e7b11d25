import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostProcess } from '../../local/host/spawn-host.ts';
import { appHost } from './app-host.ts';
import { type BrowserTests, describeInBrowser } from './browser.ts';

const keys = {
  master: 'master-key',
  functionKeys: { default: 'host/key==' },
  functions: { statusPage: { own: 'page-only' } },
};

/** Core Tools asks for no keys that a test could know. */
const describeBehindKeys = appHost.takesKeys ? describeInBrowser : describe.skip;

describeBehindKeys('the status page, behind keys', (browser: BrowserTests) => {
  let host: HostProcess;
  beforeAll(async () => {
    host = await appHost.start({
      keys,
      env: { DNS_ZONE_MAP: '{}', REGISTRIES: '[]' },
    });
  });
  afterAll(async () => void (await host.stop()));

  const address = (key: string) => `${host.url}/api/dashboard?code=${encodeURIComponent(key)}`;

  it('takes the key out of its address, and sends it as a header', async () => {
    const { page, wrongs } = await browser.open(host.url);
    const asked = page.waitForRequest((request) => request.url().includes('/api/status'));
    await page.goto(`${address('host/key==')}#dns`);
    expect(page.url()).toBe(`${host.url}/api/dashboard#dns`);
    const request = await asked;
    expect(request.url()).toBe(`${host.url}/api/status`);
    expect(await request.headerValue('x-functions-key')).toBe('host/key==');
    expect(await request.headerValue('referer')).toBeNull();
    await page.locator('#verdict').getByText('Nothing configured yet').waitFor();
    expect(
      await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])'),
    ).toBe('[{},{},""]');
    expect(await page.content()).not.toContain('host/key');
    expect(wrongs).toEqual([]);
    await page.context().close();
  });

  it('asks for its data anew where the keys for reloading are pressed, because it could not come back', async () => {
    const { page } = await browser.open(host.url);
    await page.goto(address('host/key=='));
    await page.locator('#verdict').getByText('Nothing configured yet').waitFor();
    await page.evaluate('globalThis.isSame = true');
    for (const key of ['F5', 'Control+r']) {
      const answered = page.waitForResponse((response) => response.url().endsWith('/api/status'));
      await page.keyboard.press(key);
      expect((await answered).status()).toBe(200);
    }
    expect(await page.evaluate('isSame')).toBe(true);
    // A browser without a window does not reload by keys anyway, so whether it would is asked here.
    const isLeftToBrowser = (init: string) =>
      page.evaluate(`dispatchEvent(new KeyboardEvent('keydown', { cancelable: true, ${init} }))`);
    expect(await isLeftToBrowser("key: 'F5'")).toBe(false);
    expect(await isLeftToBrowser("key: 'r', metaKey: true")).toBe(false);
    expect(await isLeftToBrowser("key: 'R', ctrlKey: true, shiftKey: true")).toBe(true);
    expect(await isLeftToBrowser("key: 'r'")).toBe(true);
    await page.context().close();
  });

  it('asks for another key when this one opens the page and not the data', async () => {
    const { page } = await browser.open(host.url);
    await page.goto(address('page-only'));
    await page.getByText('The app refused the key (401)').waitFor();
    expect(await page.textContent('#verdict')).toBe('Status unknown: the app refused the key');
    await page.getByLabel('Function key of the app').fill('host/key==');
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.locator('#verdict').getByText('Nothing configured yet').waitFor();
    await page.context().close();
  });

  it('is refused without a key', async () => {
    const answer = await fetch(`${host.url}/api/dashboard`);
    expect([answer.status, await answer.text()]).toEqual([401, '']);
  });

  it('is served with its policy, compressed, and only once for who has it', async () => {
    const headers = { 'x-functions-key': 'master-key' };
    const answer = await fetch(`${host.url}/api/dashboard`, { headers });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'sha256-/);
    expect(await answer.text()).toContain('<title>evenkeel</title>');
    const known = { ...headers, 'if-none-match': answer.headers.get('etag') ?? '' };
    expect((await fetch(`${host.url}/api/dashboard`, { headers: known })).status).toBe(304);
  });
});
