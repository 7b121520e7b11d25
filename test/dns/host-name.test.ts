import { describe, expect, it } from 'vitest';
import { isDnsLabel, normalizedName } from '../../src/dns/names.ts';

describe('isDnsLabel', () => {
  it.each(['a', '0', 'web', 'web-1', '1web', 'a--b', 'a'.repeat(63)])('accepts %s', (label) => {
    expect(isDnsLabel(label)).toBe(true);
  });
  it.each(['', '-web', 'web-', 'we_b', 'we.b', 'wéb', 'web\n', ' web', 'a'.repeat(64)])(
    'refuses "%s"',
    (label) => {
      expect(isDnsLabel(label)).toBe(false);
    },
  );
});

describe('normalizedName', () => {
  it.each([
    ['WEB.Contoso.com.', 'web.contoso.com'],
    ['web.contoso.com', 'web.contoso.com'],
    ['web..', 'web.'],
  ])('of %s is %s', (name, normal) => {
    expect(normalizedName(name)).toBe(normal);
  });
});
