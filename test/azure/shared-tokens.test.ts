import { describe, expect, it } from 'vitest';
import { sharingTokens } from '../../src/azure/shared-tokens.ts';

const minute = 60_000;

/** A credential whose tokens live an hour, and which fails as often as it is told. */
function countingCredential(failures = 0) {
  let nowMs = 0;
  const asked: (string | string[])[] = [];
  const credential = sharingTokens(
    {
      async getToken(scopes) {
        asked.push(scopes);
        if (asked.length <= failures) throw new Error('not now');
        return { token: `token ${asked.length}`, expiresOnTimestamp: nowMs + 60 * minute };
      },
    },
    () => nowMs,
  );
  const get = async (scope: string, options = {}) => (await credential.getToken(scope, options))?.token;
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { asked, get, pass };
}

describe('a credential whose tokens are shared', () => {
  it('asks once for all clients that want a token at the same time, and later', async () => {
    const { get, asked, pass } = countingCredential();
    expect(await Promise.all([get('arm'), get('arm')])).toEqual(['token 1', 'token 1']);
    pass(54 * minute);
    expect(await get('arm')).toBe('token 1');
    expect(asked).toEqual(['arm']);
  });

  it('asks again for another audience, before a token ends, and when the service challenges', async () => {
    const { get, asked, pass } = countingCredential();
    await get('arm');
    await get('storage');
    await get('arm', { claims: 'more' });
    expect(asked).toEqual(['arm', 'storage', 'arm']);
    pass(56 * minute);
    expect(await get('arm')).toBe('token 4');
  });

  it('asks again after a failure', async () => {
    const { get } = countingCredential(1);
    await expect(get('arm')).rejects.toThrow('not now');
    expect(await get('arm')).toBe('token 2');
  });
});
