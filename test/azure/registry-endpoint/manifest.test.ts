import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { contentsOf, manifestPath } from '../../../src/azure/registry-endpoint/manifest.ts';

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

describe('the contents of a manifest', () => {
  const layer = `sha256:${'b'.repeat(64)}`;
  const contents = (value: unknown) => contentsOf(digestOf(json(value)), json(value));

  it('of an index are its children, each once', () => {
    const child = { digest, size: 1, platform: {} };
    expect(contents({ schemaVersion: 2, manifests: [child, child] })).toEqual({
      kind: 'index',
      children: [digest],
    });
  });

  it('of an image are its config and its layers, each once', () => {
    const layers = [{ digest: layer, size: 7 }, { digest: layer }];
    expect(contents({ schemaVersion: 2, config: { digest }, layers })).toEqual({
      kind: 'image',
      blobs: [digest, layer],
    });
  });

  it.each([
    { mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' },
    { mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip' },
    { mediaType: 'application/vnd.oci.image.layer.v1.tar', urls: ['https://mcr.microsoft.com/layer'] },
  ])('leave out a layer that clients fetch from elsewhere: %j', (foreign) => {
    const layers = [{ digest: layer, ...foreign }];
    expect(contents({ config: { digest }, layers })).toEqual({ kind: 'image', blobs: [digest] });
  });

  it('are of another kind where a manifest has neither', () => {
    expect(contents({ schemaVersion: 1, fsLayers: [] })).toEqual({ kind: 'other' });
  });

  it('are not read from content with another digest', () => {
    expect(contentsOf(digest, json({ manifests: [] }))).toBeUndefined();
  });

  it.each([
    '<html>',
    '7',
    JSON.stringify({ manifests: [{ digest: 'latest' }] }),
    JSON.stringify({ config: { digest }, layers: [{ digest: '../x' }] }),
  ])('are not read from %s', (text) => {
    const content = Buffer.from(text);
    expect(contentsOf(digestOf(content), content)).toBeUndefined();
  });
});
