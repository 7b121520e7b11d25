import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { childrenOf, manifestPath } from '../../../src/azure/registry-endpoint/manifest.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const digestOf = (content: Buffer) => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const json = (value: unknown) => Buffer.from(JSON.stringify(value));

describe('the path of a manifest', () => {
  it.each([
    ['app', 'v1', '/v2/app/manifests/v1'],
    ['team/my-app_x.y', digest, `/v2/team/my-app_x.y/manifests/${digest}`],
  ])('of %s at %s is %s', (repository, reference, path) => {
    expect(manifestPath(repository, reference)).toBe(path);
  });

  it.each([
    ['../../oauth2', 'v1'],
    ['team//app', 'v1'],
    ['Team/app', 'v1'],
    ['app', '../v1'],
    ['app', 'v1?x=y'],
    ['app', 'sha256:short'],
    ['app', ''],
    ['a'.repeat(256), 'v1'],
  ])('does not exist for %s at %s', (repository, reference) => {
    expect(manifestPath(repository, reference)).toBeUndefined();
  });
});

describe('the children of an index', () => {
  it('are the digests that an index names', () => {
    const content = json({ schemaVersion: 2, manifests: [{ digest, size: 1, platform: {} }] });
    expect(childrenOf(digestOf(content), content)).toEqual([digest]);
  });

  it('are none for the manifest of one image', () => {
    const content = json({ schemaVersion: 2, config: { digest }, layers: [] });
    expect(childrenOf(digestOf(content), content)).toEqual([]);
  });

  it('are not read from content with another digest', () => {
    expect(childrenOf(digest, json({ manifests: [] }))).toBeUndefined();
  });

  it.each([Buffer.from('<html>'), json({ manifests: [{ digest: 'latest' }] }), json(7)])(
    'are not read from %s',
    (content) => {
      expect(childrenOf(digestOf(content), content)).toBeUndefined();
    },
  );
});
