import { describe, expect, it } from 'vitest';
import { takeKey } from '../../src/page/function-key.ts';

describe('the key in the address of the page', () => {
  it.each([
    ['?code=k%2Fey%3D%3D', '', 'k/ey==', '/api/dashboard'],
    ['?a=1&code=key&b=2', '#dns', 'key', '/api/dashboard?a=1&b=2#dns'],
    ['?code=', '', undefined, '/api/dashboard'],
  ])('is taken out of %s%s', (search, hash, key, address) => {
    expect(takeKey({ pathname: '/api/dashboard', search, hash })).toEqual({ key, address });
  });

  it('is nowhere when there is none', () => {
    const place = { pathname: '/api/dashboard', search: '?a=1', hash: '' };
    expect(takeKey(place)).toEqual({ key: undefined, address: undefined });
  });
});
