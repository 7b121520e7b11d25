import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readKeys } from '../../../local/host/key-store.ts';
import { type FixtureHost, startFixtureHost } from './fixture-host.ts';

describe('with keys switched on', () => {
  let host: FixtureHost;
  beforeAll(async () => {
    const keys = {
      master: 'm-key',
      functionKeys: { default: 'f-key' },
      systemKeys: { eventgrid_extension: 's-key', mcp_extension: 't-key', other: 'o-key' },
      functions: { keyed: { default: 'own-key' } },
    };
    host = await startFixtureHost({ args: ['--auth'], env: { HOST_KEYS: JSON.stringify(keys) } });
  });
  afterAll(() => host?.kill());

  const eventGrid = '/runtime/webhooks/EventGrid?functionName=collect';

  it.each([
    ['keyed', undefined, 401],
    ['keyed', 'wrong', 401],
    ['keyed', '', 401],
    ['keyed', 's-key', 401],
    ['keyed', 'f-key', 200],
    ['keyed', 'own-key', 200],
    ['keyed', 'm-key', 200],
    ['keyedToo', 'own-key', 401],
    ['masterOnly', 'f-key', 401],
    ['masterOnly', 'm-key', 200],
    ['startup', undefined, 200],
  ])('GET %s with the key %s answers %i', async (name, key, status) => {
    const byHeader = await fetch(`${host.url}/api/${name}`, {
      headers: key === undefined ? {} : { 'X-Functions-Key': key },
    });
    const byQuery = await fetch(`${host.url}/api/${name}${key === undefined ? '' : `?code=${key}`}`);
    expect([byHeader.status, byQuery.status]).toEqual([status, status]);
  });

  it('the header wins over the query', async () => {
    const headers = { 'x-functions-key': 'wrong' };
    expect((await fetch(`${host.url}/api/keyed?code=f-key`, { headers })).status).toBe(401);
  });

  it.each([
    ['', 401],
    ['&code=wrong', 401],
    ['&code=own-key', 401],
    ['&code=f-key', 403],
    ['&code=o-key', 403],
    ['&code=s-key', 202],
    ['&code=m-key', 202],
  ])('Event Grid with "%s" is answered %i', async (code, status) => {
    const headers = { 'aeg-event-type': 'Notification' };
    const answer = await fetch(`${host.url}${eventGrid}${code}`, { method: 'POST', headers, body: '[]' });
    expect(answer.status).toBe(status);
  });

  it.each([
    ['', 401],
    ['?code=wrong', 401],
    ['?code=own-key', 401],
    ['?code=f-key', 403],
    ['?code=s-key', 403],
    ['?code=t-key', 200],
    ['?code=m-key', 200],
  ])('the tools for assistants with "%s" are answered %i', async (code, status) => {
    const answer = await fetch(`${host.url}/runtime/webhooks/mcp${code}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
    });
    expect(answer.status).toBe(status);
    await answer.arrayBuffer();
  });

  it.each([
    ['', 401],
    ['?code=wrong', 401],
    ['?code=s-key', 403],
    ['?code=o-key', 403],
    ['?code=f-key', 403],
    ['?code=m-key', 200],
  ])('the management interface with "%s" answers %i', async (code, status) => {
    expect((await fetch(`${host.url}/admin/functions${code}`)).status).toBe(status);
  });

  const f = [{ name: 'default', value: 'f-key' }];
  it.each([
    ['host/keys', { keys: f }],
    ['host/functionkeys', { keys: f }],
    [
      'host/systemkeys',
      {
        keys: [
          { name: 'eventgrid_extension', value: 's-key' },
          { name: 'mcp_extension', value: 't-key' },
          { name: 'other', value: 'o-key' },
        ],
      },
    ],
    ['host/systemkeys/eventgrid_extension', { name: 'eventgrid_extension', value: 's-key' }],
    ['host/systemkeys/_master', { name: '_master', value: 'm-key' }],
    ['host/functionkeys/default', f[0]],
    ['functions/keyed/keys', { keys: [{ name: 'default', value: 'own-key' }] }],
    ['functions/keyed/keys/default', { name: 'default', value: 'own-key' }],
    ['functions/keyedToo/keys', { keys: [] }],
  ])('the master key reads /admin/%s', async (path, told) => {
    const answer = await fetch(`${host.url}/admin/${path}`, { headers: { 'x-functions-key': 'm-key' } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'application/json; charset=utf-8',
    ]);
    const href = `${host.url}/admin/${path}`;
    expect(await answer.json()).toEqual({ ...told, links: [{ rel: 'self', href }] });
  });

  it.each([
    ['host/systemkeys', 'f-key', 403],
    ['host/systemkeys', 'wrong', 401],
    ['host/systemkeys/nope', 'm-key', 404],
    ['functions/nope/keys', 'm-key', 404],
    ['functions/keyedToo/keys/default', 'm-key', 404],
  ])('the keys at /admin/%s with the key %s answer %i', async (path, key, status) => {
    const answer = await fetch(`${host.url}/admin/${path}?code=${key}`);
    expect([answer.status, await answer.text()]).toEqual([status, '']);
  });

  it('a ping needs no key', async () => {
    expect((await fetch(`${host.url}/admin/host/ping`)).status).toBe(200);
  });

  it('says where the keys are, and never what they are', () => {
    expect(host.lines).toContain('Keys are asked for. They are in the setting HOST_KEYS.');
    expect(host.lines.join('\n')).not.toMatch(/-key\b/);
  });
});

describe('the file of keys', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'host-keys-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const counted = () => {
    let count = 0;
    return () => `key-${++count}`;
  };

  it('is made at first use, for its owner only, and kept', async () => {
    const first = await readKeys({ directory, env: {}, newKey: counted() });
    expect(first.source).toBe(join(directory, '.secrets', 'host-keys.json'));
    expect((await stat(first.source)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(first.source, 'utf8'))).toEqual(first.keys);
    const second = await readKeys({ directory, env: {}, newKey: () => 'other' });
    expect(second).toEqual(first);
  });

  it.each(['{"master":"hush"', '{"master":["hush"]}', '{"systemKeys":{"a":"hush"}}'])(
    'that cannot be read is refused without telling what is in it: %s',
    async (text) => {
      const reading = readKeys({ directory, env: { HOST_KEYS: text }, newKey: counted() });
      await expect(reading).rejects.toThrow(/the setting HOST_KEYS/);
      await expect(reading).rejects.not.toThrow(/hush/);
    },
  );
});
