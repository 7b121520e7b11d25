import { describe, expect, it } from 'vitest';
import { isUnknownManifest, refusalReason } from '../../../src/azure/registry-endpoint/refusal.ts';

const bodyOf = (code: string, message = '') => Buffer.from(JSON.stringify({ errors: [{ code, message }] }));

describe('the reason of a refusal', () => {
  it.each([
    [
      "client with IP '203.0.113.7' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.",
    ],
    ['the registry is only accessible through a private endpoint'],
    ['public network access is disabled'],
  ])('is the network, and shows no address: %s', (message) => {
    const reason = refusalReason(403, bodyOf('DENIED', message), 'registryPermissions');
    expect(reason).toContain('the firewall of the registry or its private endpoint');
    expect(reason).not.toMatch(/\d+\.\d+\.\d+\.\d+|AcrPull/);
  });

  it.each([
    [401, 'UNAUTHORIZED', 'registryPermissions', 'assign the role AcrPull on the registry'],
    [403, 'DENIED', 'registryPermissions', 'assign the role AcrPull on the registry'],
    [
      401,
      'UNAUTHORIZED',
      'repositoryPermissions',
      'assign the role Container Registry Repository Reader (the registry has repository permissions, so it does not honour AcrPull)',
    ],
    [403, 'DENIED', 'unknown', 'AcrPull (or Container Registry Repository Reader,'],
  ] as const)('is the role for %i %s with %s', (status, code, mode, expected) => {
    expect(refusalReason(status, bodyOf(code, 'authentication required'), mode)).toContain(expected);
  });

  it('is the code of anything else', () => {
    expect(refusalReason(403, bodyOf('UNSUPPORTED', 'x'), 'unknown')).toBe('answered 403 (UNSUPPORTED)');
  });

  it.each([undefined, Buffer.from('<html>Forbidden</html>'), Buffer.from('{"errors":[{"code":"no code"}]}')])(
    'is something on the way where no registry wrote the body',
    (body) => {
      expect(refusalReason(403, body, 'registryPermissions')).toContain('a proxy or a gateway on the way');
      expect(refusalReason(401, body, 'registryPermissions')).toContain('assign the role AcrPull');
    },
  );
});

describe('an unknown manifest', () => {
  it.each([
    [bodyOf('MANIFEST_UNKNOWN'), true],
    [bodyOf('NAME_UNKNOWN'), true],
    [bodyOf('BLOB_UNKNOWN'), false],
    [Buffer.from('404 page not found'), false],
    [undefined, false],
  ])('is told by its code alone: %s is %s', (body, expected) => {
    expect(isUnknownManifest(body)).toBe(expected);
  });
});
