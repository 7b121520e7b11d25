import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildStatusPage } from '../../../scripts/status-page/build.ts';

describe('the built status page', () => {
  let html: string;
  let policy: string[];
  let packages: string[];
  beforeAll(async () => {
    const { page, inputs } = await buildStatusPage();
    html = page.html;
    policy = page.contentSecurityPolicy.split('; ');
    packages = Object.keys(inputs).flatMap((input) => /node_modules\/([^/]+)/.exec(input)?.[1] ?? []);
  });

  it('is one document that refers to nothing outside itself', () => {
    expect(html).not.toMatch(/<link[^>]+href="(?!data:)|<(?:script|img|iframe)[^>]+src=/);
    const addresses = html.match(/https?:\/\/[\w.-]+/g) ?? [];
    // Names of namespaces, samples in texts, and links to follow: nothing is loaded from any of them.
    expect(
      [...new Set(addresses)].filter(
        (address) => !/www\.w3\.org|eventgrid\.azure\.net|portal\.azure\.com|github\.com/.test(address),
      ),
    ).toEqual([]);
  });

  it('has a policy that allows its own script and style by their hashes, and nothing else', () => {
    const hash = (tag: string) => {
      const content = new RegExp(`<${tag}>([^]*)</${tag}>`).exec(html)?.[1] ?? '';
      return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
    };
    expect(policy).toEqual([
      "default-src 'none'",
      `script-src ${hash('script')}`,
      `style-src ${hash('style')}`,
      'img-src data:',
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
  });

  it('takes less than 100 KiB, and 40 on the wire', () => {
    expect(Buffer.byteLength(html)).toBeLessThan(100 * 1024);
    expect(gzipSync(html).length).toBeLessThan(40 * 1024);
  });

  it('tells whose packages are in it', () => {
    expect([...new Set(packages)].sort()).toEqual(['preact', 'valibot']);
  });
});
