import { describe, expect, it } from 'vitest';
import { findApp } from '../../src/cli/app-client.ts';
import { SettingError } from '../../src/settings/setting.ts';

const url = 'https://my-evenkeel.azurewebsites.net';

describe('the function app', () => {
  it.each([
    ['by --app', url, {}],
    ['by EVENKEEL_APP', undefined, { EVENKEEL_APP: `${url}/` }],
    ['by --app rather than EVENKEEL_APP', url, { EVENKEEL_APP: 'https://other.example' }],
    ['by the address of its API', `${url}/api`, {}],
    ['by the address of the query', `${url}/api/replication`, {}],
  ])('is found %s', (_, option, env) => {
    expect(findApp(option, env)).toEqual({ url, key: undefined });
  });

  it('is reached with a key that may end in a line break, as secrets from files do', () => {
    expect(findApp('http://127.0.0.1:7071', { EVENKEEL_KEY: 'secret==\n' })).toEqual({
      url: 'http://127.0.0.1:7071',
      key: 'secret==',
    });
  });

  it.each([
    ['nothing', undefined, {}, /--app or set EVENKEEL_APP/],
    ['an empty setting', undefined, { EVENKEEL_APP: ' ' }, /--app or set EVENKEEL_APP/],
    [
      'plain http',
      undefined,
      { EVENKEEL_APP: 'http://my-evenkeel.example' },
      /^EVENKEEL_APP: expected https/,
    ],
    ['no URL', 'my-evenkeel', {}, /^--app: expected an https URL/],
    ['a URL with a key', `${url}/api/replication?code=secret`, {}, /^--app: .*EVENKEEL_KEY/],
    ['a URL with credentials', 'https://me:secret@my-evenkeel.example', {}, /without credentials/],
    ['a key that cannot be sent', url, { EVENKEEL_KEY: 'sec\nret' }, /^EVENKEEL_KEY: /],
  ])('is not found by %s, which shows no secret', (_, option, env, message) => {
    const find = () => findApp(option, env);
    expect(find).toThrow(SettingError);
    expect(find).toThrow(message);
    expect(find).not.toThrow(/secret|sec\n/);
  });
});
