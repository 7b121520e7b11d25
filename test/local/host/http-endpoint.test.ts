import { randomUUID } from 'node:crypto';
import { get } from 'node:http';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FixtureHost, startFixtureHost } from './fixture-host.ts';

let host: FixtureHost;
beforeAll(async () => {
  host = await startFixtureHost();
});
afterAll(() => host?.kill());

const call = (path: string, init?: RequestInit) => fetch(`${host.url}${path}`, init);
const statusAndText = async (answer: Response) => [answer.status, await answer.text()];

describe('an HTTP function', () => {
  it('gets the request whole: method, query, route, headers of any case and a binary body', async () => {
    const body = new Uint8Array([0, 255, 10, 13]);
    const answer = await call('/api/echo/a%20b/x?q=1&q=2&empty=&plus=a+b', {
      method: 'PUT',
      headers: { 'x-MIXED-case': 'Value' },
      body,
    });
    expect(await answer.json()).toEqual({
      method: 'PUT',
      path: '/api/echo/a%20b/x',
      query: { q: '1,2', empty: '', plus: 'a b' },
      params: { id: 'a b', part: 'x' },
      header: 'Value',
      body: Buffer.from(body).toString('base64'),
    });
  });

  it('may get an empty body', async () => {
    expect(await (await call('/api/echo/1', { method: 'POST' })).json()).toMatchObject({
      body: '',
      params: { id: '1' },
    });
  });

  it('gets a body of megabytes', async () => {
    const body = new Uint8Array(4_000_000);
    expect(await statusAndText(await call('/api/size', { method: 'POST', body }))).toEqual([200, '4000000']);
  });

  it('answers JSON as JSON', async () => {
    const answer = await call('/api/startup');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
  });

  it('answers bytes with its own status and headers', async () => {
    const answer = await call('/api/bytes');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([203, 'image/x']);
    expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([0, 255, 128]);
  });

  it('sets cookies', async () => {
    expect((await call('/api/cookies')).headers.getSetCookie()).toEqual([
      'a=1; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=None',
      'b=two%20words; Path=/api',
    ]);
  });

  it('that returns nothing answers 204', async () => {
    expect(await statusAndText(await call('/api/nothing'))).toEqual([204, '']);
  });

  it('that throws answers 500 without a word', async () => {
    expect(await statusAndText(await call('/api/failing'))).toEqual([500, '']);
  });

  it('of authLevel function is open while keys are off', async () => {
    expect(await statusAndText(await call('/api/keyed'))).toEqual([200, 'keyed']);
  });
});

describe('a route', () => {
  it.each([
    ['/api/journal', 'DELETE'],
    ['/api/journal', 'HEAD'],
    ['/api/nowhere', 'GET'],
    ['/journal', 'GET'],
    ['/api/echo', 'GET'],
    ['/api/numbers/seven', 'GET'],
    ['/api/odd/7', 'GET'],
    ['/api/%2573tartup', 'GET'],
    ['/api%2Fstartup', 'GET'],
  ])('%s is not found by %s', async (path, method) => {
    expect(await statusAndText(await call(path, { method }))).toEqual([404, '']);
  });

  it('is found in any case and with a slash at its end', async () => {
    expect((await call('/API/Nothing/')).status).toBe(204);
  });

  it('is found where its letters are written as escapes, and the function sees the letters', async () => {
    expect((await call('/api/%73tartup')).status).toBe(200);
    expect(await (await call('/api/ech%6f/a%2Db')).json()).toMatchObject({
      path: '/api/echo/a-b',
      params: { id: 'a-b' },
    });
  });

  it.each(['GET', 'POST'])('is / where no function has it: a page by %s', async (method) => {
    const answer = await call('/', { method });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html']);
    expect(await answer.text()).toContain('Your Azure Function App is up and running.');
  });

  it('that is written out goes before one with parameters', async () => {
    expect(await (await call('/api/echo/fixed')).text()).toBe('fixed');
  });

  it('may ask for a number, and may take all that follows', async () => {
    expect(await (await call('/api/numbers/7')).text()).toBe('7');
    expect(await (await call('/api/files/a/b')).text()).toBe('a/b');
  });

  it('that cannot be read costs its function alone, with a line', async () => {
    expect(await host.line("'oddRoute' is not served")).toContain('unknown constraint prime');
  });

  it('is not confused by a path that is no proper encoding', async () => {
    const status = await new Promise((resolve, reject) => {
      get(`${host.url}/api/echo/%E0%A4%A`, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).on('error', reject);
    });
    expect(status).toBe(200);
  });
});

describe('the module @azure/functions-core', () => {
  it('tells versions and refuses unknown hooks, second names and late functions as @azure/functions expects', async () => {
    await call('/api/late');
    expect(await (await call('/api/startup')).json()).toEqual({
      version: expect.stringMatching(/^3\./),
      hostVersion: expect.stringMatching(/^4\./),
      model: '@azure/functions',
      unknownHook: { name: 'RangeError', message: expect.stringContaining('teatime'), system: true },
      duplicate: { name: 'HostUsageError', message: expect.stringContaining('"collect"'), system: true },
      late: { name: 'HostUsageError', message: expect.stringContaining('starts'), system: true },
    });
  });

  it('lets hooks change the input of a function, its result and its failure', async () => {
    expect(await (await call('/api/hooked')).json()).toEqual({
      result: null,
      error: 'got added',
      startedBy: 'preInvocation',
    });
  });

  it('runs start hooks before the first function', async () => {
    expect((await host.journal())[0]).toEqual({ saw: 'appStart' });
  });
});

describe('the log', () => {
  it('tells each run as func start does', async () => {
    await call('/api/bytes');
    const stamp = String.raw`^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] `;
    expect(await host.line("Executing 'Functions.bytes'")).toMatch(
      new RegExp(
        `${stamp}Executing 'Functions.bytes' \\(Reason='This function was .* host APIs\\.', Id=[\\w-]{36}\\)$`,
      ),
    );
    expect(await host.line("Executed 'Functions.bytes'")).toMatch(
      new RegExp(`${stamp}Executed 'Functions.bytes' \\(Succeeded, Id=[\\w-]{36}, Duration=\\d+ms\\)$`),
    );
  });

  it('tells a failure once, with its message', async () => {
    await call('/api/failing');
    await host.line("Executed 'Functions.failing' (Failed");
    expect(await host.line('out of order')).toContain(
      'error: Exception while executing function: Functions.failing. Error: out of order',
    );
  });

  it("holds the app's lines whole, with their levels in words, and no debug lines", async () => {
    await call('/api/talk');
    expect(await host.line('two')).toContain("Z] two\\nlines { and: 'an object' }");
    expect(await host.line('careful')).toContain('Z] warn: careful with the ***');
    expect(await host.line('oh no')).toContain('Z] error: oh no');
    expect(host.lines.join('\n')).not.toContain('a debug line');
  });

  it('lists the functions before the host is ready', () => {
    const ready = host.lines.indexOf(`evenkeel host ready on ${host.url}`);
    expect(host.lines.filter((line) => line.startsWith('evenkeel host ready'))).toHaveLength(1);
    expect(host.lines.slice(0, ready)).toEqual(
      expect.arrayContaining([
        'Functions:',
        `\techo: [GET,POST,PUT] ${host.url}/api/echo/{id}/{part?}`,
        '\tcollect: eventGridTrigger',
      ]),
    );
  });
});

describe('the management interface', () => {
  const json = { 'content-type': 'application/json' };
  const run = (name: string, body: string, headers: Record<string, string> = json) =>
    call(`/admin/functions/${name}`, { method: 'POST', headers, body: Buffer.from(body) });

  it.each(['{"input":""}', '{}', '{"input":null}', '{"input":5}', '{"Input":true}'])(
    'accepts a run with %s',
    async (body) => {
      expect(await statusAndText(await run('nothing', body))).toEqual([202, '']);
    },
  );

  it.each([
    ['no body', 400, 'collect', '', json],
    ['no content type', 415, 'collect', '{}', {}],
    ['a content type that is not JSON', 415, 'collect', '{}', { 'content-type': 'text/plain' }],
    ['no object', 400, 'collect', 'null', json],
    ['an object as input', 400, 'collect', '{"input":{}}', json],
    ['malformed JSON', 400, 'collect', '{', json],
    ['an unknown function', 404, 'nope', '{"input":""}', json],
  ])('refuses a run with %s by %i', async (_what, status, name, body, headers) => {
    expect((await run(name, body, headers)).status).toBe(status);
  });

  it('accepts a run before it has ended, and tells its failure in the log alone', async () => {
    const id = randomUUID();
    const event = { id, data: { waitsFor: id, fails: true } };
    expect((await run('collect', JSON.stringify({ input: JSON.stringify(event) }))).status).toBe(202);
    const { id: invocation } = await host.seen((entry) => JSON.stringify(entry).includes(id));
    await call(`/api/release/${id}`, { method: 'POST' });
    expect(await host.line(`(Failed, Id=${String(invocation)}`)).toContain('Functions.collect');
  });

  it('fires a timer and a queue function by hand, and an HTTP function with the input as its body', async () => {
    await run('tick', '{}');
    expect(await host.seen(({ saw }) => saw === 'tick')).toMatchObject({
      timer: {
        isPastDue: false,
        schedule: { adjustForDST: true },
        scheduleStatus: { next: expect.any(String) },
      },
    });
    const order = { dish: randomUUID() };
    await run('takeOrder', JSON.stringify({ input: JSON.stringify(order) }));
    await host.seen((entry) => JSON.stringify(entry).includes(order.dish));
    await run('size', JSON.stringify({ input: 'abc' }));
    await host.line("Executed 'Functions.size' (Succeeded");
  });

  it('accepts a run of a timer that has no schedule to go by, and runs nothing', async () => {
    expect((await run('unreadable', '{}')).status).toBe(202);
    const from = host.lines.length;
    await run('tick', '{}');
    await vi.waitFor(() => expect(host.lines.slice(from).join('\n')).toContain("Executed 'Functions.tick'"));
    expect(host.lines.join('\n')).not.toContain("'Functions.unreadable'");
  });

  it('does not enter an Event Grid function whose input is no event', async () => {
    expect((await run('collectMany', '{"input":"[]x"}')).status).toBe(202);
    await host.line('Exception while executing function: Functions.collectMany. BindingError');
  });

  it('describes the functions', async () => {
    const answer = await call('/admin/functions');
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await answer.json()).toContainEqual(
      expect.objectContaining({
        name: 'echo',
        invoke_url_template: `${host.url}/api/echo/{id}/{part?}`,
        config: {
          name: 'echo',
          bindings: expect.arrayContaining([expect.objectContaining({ type: 'httpTrigger' })]),
        },
      }),
    );
    expect(await (await call('/admin/functions/collect')).json()).toMatchObject({ name: 'collect' });
    expect(await (await call('/admin/functions/collect/status')).json()).toEqual({});
    expect((await call('/admin/functions/nope')).status).toBe(404);
    expect((await call('/admin/functions/nope/status')).status).toBe(404);
  });

  it('tells that the host runs', async () => {
    expect(await (await call('/admin/host/status')).json()).toMatchObject({ state: 'Running' });
  });

  it.each(['GET', 'POST'])('answers a ping by %s, which no cache may keep', async (method) => {
    const answer = await call('/admin/host/ping', { method });
    expect(answer.headers.get('cache-control')).toBe('no-store, no-cache');
    expect(answer.headers.get('pragma')).toBe('no-cache');
    expect(await statusAndText(answer)).toEqual([200, '']);
    expect((await call('/admin/host/ping', { method: 'DELETE' })).status).toBe(404);
  });

  it('has keys, though it asks for none', async () => {
    const answer = await call('/admin/host/systemkeys');
    expect(await answer.json()).toMatchObject({
      keys: ['eventgrid_extension', 'mcp_extension'].map((name) => ({ name, value: expect.any(String) })),
    });
  });
});

describe('a timer', () => {
  it('runs at the start when it is told to', async () => {
    expect(await host.seen(({ saw }) => saw === 'startOnce')).toMatchObject({ timer: { isPastDue: false } });
  });

  it('that has no schedule to go by costs its function alone, with a line', async () => {
    expect(await host.line("'unset' has no timer")).toContain('%NO_SUCH_SETTING%');
    expect(await host.line("'unreadable' has no timer")).toContain('every now and then');
  });
});

describe('a queue function', () => {
  it('without a connection costs itself alone, with a line', async () => {
    await host.line("'takeOrder' has no queue");
  });
});

describe('a tool for assistants', () => {
  const url = () => new URL(`${host.url}/runtime/webhooks/mcp`);
  let client: Client;
  beforeAll(async () => {
    client = new Client({ name: 'test', version: '1' });
    await client.connect(
      new StreamableHTTPClientTransport(url(), { requestInit: { headers: { 'x-key': 'k' } } }),
    );
  });
  afterAll(() => client?.close());
  const say = (args: Record<string, unknown>) => client.callTool({ name: 'SAY', arguments: args });

  it('is listed with what its trigger says', async () => {
    await client.ping();
    expect(client.getServerVersion()).toMatchObject({ name: 'Azure Functions MCP server', version: '1.0.0' });
    expect((await client.listTools()).tools).toEqual([
      {
        name: 'say',
        description: 'Says a word.',
        inputSchema: {
          type: 'object',
          properties: {
            word: { type: 'string', description: 'The word.' },
            times: { type: 'array', items: { type: 'number' }, description: '' },
          },
          required: ['word'],
        },
      },
    ]);
  });

  it('gets its arguments as they are, as texts too, and the headers of the request', async () => {
    const { content, structuredContent } = await say({ word: 'ä', times: [1, 2] });
    expect(content).toEqual([
      { type: 'text', text: 'ä' },
      { type: 'text', text: 'again' },
    ]);
    expect(structuredContent).toMatchObject({
      input: {
        name: 'say',
        arguments: { word: 'ä', times: [1, 2] },
        transport: { name: 'http-streamable', properties: { headers: { 'x-key': 'k' } } },
      },
      mcptoolargs: { word: 'ä', times: '[1,2]' },
    });
  });

  it('may return nothing, and an error of it is told without its words', async () => {
    expect((await say({ word: 'nothing' })).content).toEqual([]);
    expect(await say({ word: 'fail' })).toMatchObject({
      isError: true,
      content: [{ type: 'text', text: "An error occurred invoking 'say'." }],
    });
  });

  it('is not called without what it needs, nor is one that is not there', async () => {
    await expect(say({ word: null })).rejects.toThrow('Please provide: word');
    await expect(client.callTool({ name: 'sing' })).rejects.toThrow("Unknown tool: 'sing'");
  });

  it('is asked by POST alone, by those who take events', async () => {
    const post = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } };
    const statuses = ['GET', 'DELETE'].map(async (method) => (await fetch(url(), { method })).status);
    expect(await Promise.all(statuses)).toEqual([405, 405]);
    expect((await fetch(url(), post)).status).toBe(406);
  });
});
