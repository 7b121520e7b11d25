import { describe, expect, it } from 'vitest';
import { isDigest, isRegisteredDigest, isRepository, isTag } from '../../src/registries/oci-reference.ts';

const a = (length: number) => 'a'.repeat(length);

describe('a repository', () => {
  it.each(['app', 'team/app', 'a/b/c/d', '0', 'a.b', 'a_b', 'a__b', 'a-b', 'a---b', 'a.b/c-d/e__f', a(255)])(
    'may be %s',
    (text) => {
      expect(isRepository(text)).toBe(true);
    },
  );

  it.each([
    '',
    '/',
    '/app',
    'app/',
    'team//app',
    'Team/app',
    'team/App',
    'a..b',
    'a___b',
    '-a',
    'a-',
    'a._b',
    'team/../app',
    'team/app:v1',
    'team/app@sha256',
    'team%2Fapp',
    'team/äpp',
    'team app',
    'app\n',
    'app?x',
    a(256),
  ])('may not be %j', (text) => {
    expect(isRepository(text)).toBe(false);
  });
});

describe('a tag', () => {
  it.each(['v1', 'latest', '1.2.3-rc.1', '_', 'A', '2026-11-21_08.00', a(128)])('may be %s', (text) => {
    expect(isTag(text)).toBe(true);
  });

  it.each(['', '.v1', '-v1', 'v1+build', 'v1/2', 'v1:2', 'v 1', 'v1\n', 'vé', a(129)])(
    'may not be %j',
    (text) => {
      expect(isTag(text)).toBe(false);
    },
  );
});

describe('a digest', () => {
  it.each([
    [`sha256:${a(64)}`, true],
    [`sha512:${a(128)}`, true],
    // Other algorithms, and other lengths of the registered ones: evenkeel cannot check an answer by them.
    [`sha384:${a(96)}`, false],
    [`blake3:${a(64)}`, false],
    [`md5:${a(32)}`, false],
    [`tarsum.v1+sha256:${a(64)}`, false],
    [`sha256:${a(63)}`, false],
    [`sha256:${a(128)}`, false],
    [`sha512:${a(64)}`, false],
  ])('may be %s; of a registered algorithm: %s', (text, isRegistered) => {
    expect(isDigest(text)).toBe(true);
    expect(isRegisteredDigest(text)).toBe(isRegistered);
  });

  it.each([
    '',
    'sha256',
    'sha256:',
    a(64),
    `:${a(64)}`,
    `sha256:${a(31)}`,
    `sha256:${a(129)}`,
    `sha256:${'A'.repeat(64)}`,
    `sha256:${'g'.repeat(64)}`,
    `SHA256:${a(64)}`,
    `sha256:${a(64)}\n`,
    ` sha256:${a(64)}`,
    `sha256+:${a(64)}`,
    `sha256/x:${a(64)}`,
    `a+b+c+d+e:${a(64)}`,
  ])('may not be %j', (text) => {
    expect(isDigest(text)).toBe(false);
    expect(isRegisteredDigest(text)).toBe(false);
  });
});
