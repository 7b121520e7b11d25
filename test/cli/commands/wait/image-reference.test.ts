import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../../../src/cli/argument-error.ts';
import {
  formatImageReference,
  parseImageReference,
} from '../../../../src/cli/commands/wait/image-reference.ts';
import { digest } from './fixtures.ts';

describe('an image reference', () => {
  it.each([
    ['myregistry/app:v1', 'myregistry', 'app', 'v1'],
    ['myregistry.azurecr.io/team/app:v1.2_3-x', 'myregistry', 'team/app', 'v1.2_3-x'],
    ['MyRegistry.azurecr.io/team/app:V1', 'myregistry', 'team/app', 'V1'],
    ['myregistry.azurecr.cn/app:v1', 'myregistry', 'app', 'v1'],
    ['myregistry-abc123.azurecr.io/app:v1', 'myregistry', 'app', 'v1'],
    ['myregistry-abc123/app:v1', 'myregistry', 'app', 'v1'],
    ['myregistry-abc123.azurecr.io:443/team/app:v1', 'myregistry', 'team/app', 'v1'],
    ['myregistry.westus.geo.azurecr.io/app:v1', 'myregistry', 'app', 'v1'],
    ['Images.Contoso.com/app:v1', 'images.contoso.com', 'app', 'v1'],
    ['images.contoso.com:8443/app', 'images.contoso.com', 'app', 'latest'],
    ['myregistry/charts/web:web-1.2.3+build.5.tgz', 'myregistry', 'charts/web', 'web-1.2.3+build.5.tgz'],
    [`myregistry/team/app@${digest}`, 'myregistry', 'team/app', digest],
    [`myregistry/team/app:v1@${digest}`, 'myregistry', 'team/app', digest],
    ['myregistry/a__b/c-d/e.f:1', 'myregistry', 'a__b/c-d/e.f', '1'],
  ])('%s is read', (text, registry, repository, reference) => {
    expect(parseImageReference(text)).toMatchObject({ registry, repository, reference });
  });

  it.each([
    ['MyRegistry/app', 'myregistry'],
    ['myregistry-abc123/app', 'myregistry-abc123'],
    ['MyRegistry-abc123.azurecr.io:443/app', 'myregistry-abc123.azurecr.io'],
    ['myregistry.westus.geo.azurecr.io/app', 'myregistry.westus.geo.azurecr.io'],
    ['images.contoso.com:8443/app', 'images.contoso.com'],
  ])('%s names its registry to the app as %s', (text, host) => {
    expect(parseImageReference(text).host).toBe(host);
  });

  it('without a tag or digest means the tag latest, and tells so', () => {
    expect(parseImageReference('myregistry/app')).toEqual({
      registry: 'myregistry',
      host: 'myregistry',
      repository: 'app',
      reference: 'latest',
      isTagAssumed: true,
    });
  });

  it.each([
    ['', 'names no repository'],
    ['myregistry', 'names no repository'],
    ['myregistry/', 'names no repository'],
    ['/app:v1', 'names no repository'],
    ['https://myregistry.azurecr.io/app:v1', 'is a URL'],
    ['my_registry.azurecr.io/app', 'names no Azure container registry'],
    ['myregistry:443/app', 'names no Azure container registry'],
    ['localhost:5000/app', 'names no Azure container registry'],
    ['my-registry/app', 'names no Azure container registry'],
    ['abc/app', 'names no Azure container registry'],
    ['myregistry/Team/app', 'has no repository'],
    ['myregistry/team//app', 'has no repository'],
    ['myregistry/app..x', 'has no repository'],
    ['myregistry/app:', 'has no tag'],
    ['myregistry/app:a:b', 'has no tag'],
    [`myregistry/app:${'x'.repeat(129)}`, 'has no tag'],
    ['myregistry/app@', 'has no digest'],
    ['myregistry/app@sha256:1a2b', 'has no digest'],
  ])('%j is refused, because it %s', (text, problem) => {
    expect(() => parseImageReference(text)).toThrow(ArgumentError);
    expect(() => parseImageReference(text)).toThrow(`${JSON.stringify(text)} ${problem}`);
  });

  it.each(['myregistry/team/app:v1', `myregistry/team/app@${digest}`])(
    '%s is written as it was read',
    (text) => {
      expect(formatImageReference(parseImageReference(text))).toBe(text);
    },
  );
});
