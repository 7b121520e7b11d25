import { afterEach, describe, expect, it } from 'vitest';
import { recordSetAdapters } from '../../../src/azure/arm/record-sets.ts';
import { registryAdapters } from '../../../src/azure/arm/registries.ts';
import { RecordSetChangedError } from '../../../src/dns/errors.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import { RefusedCallError, UnexpectedAnswerError } from '../../../src/lib/errors.ts';
import { registryOf } from '../../registries/registry-of.ts';
import { type RecordingServer, type SeenRequest, serveRecorded } from '../../support/recording-server.ts';
import { aKey, aRecordSet, listPorts, type ReadPort, resourcePorts } from './ports.ts';

let server: RecordingServer | undefined;
afterEach(async () => server?.close());

async function serve(answer: (request: SeenRequest) => Response): Promise<RecordingServer> {
  const serving = await serveRecorded(answer);
  server = serving;
  return serving;
}

const soon = () => deadlineIn(5_000);
const html = () =>
  new Response('<!doctype html><title>Sign in</title>', {
    status: 200,
    headers: { 'content-type': 'text/html' },
  });
const htmlAsJson = () =>
  new Response('<!doctype html>', { status: 200, headers: { 'content-type': 'application/json' } });
const without = (resource: ReadPort['resource'], member: string) =>
  Object.fromEntries(Object.entries(resource).filter(([name]) => name !== member));

const badPages: readonly [string, () => Response][] = [
  ['{}', () => Response.json({})],
  ['{"value":null}', () => Response.json({ value: null })],
  ['{"value":{}}', () => Response.json({ value: {} })],
  ['an array', () => Response.json([])],
  ['HTML', () => html()],
  ['HTML that is called JSON', htmlAsJson],
  ['nothing', () => new Response('', { status: 200 })],
];

describe.each(listPorts)('a list of $name', ({ path, resource, read }) => {
  it('is read with all of its pages', async () => {
    const { url } = await serve(({ path }) =>
      path.includes('page=2')
        ? Response.json({ value: [resource] })
        : Response.json({ value: [resource], nextLink: `${server?.url}${path}&page=2` }),
    );
    expect(await read(url, soon())).toHaveLength(2);
  });

  it.each(badPages)('is never taken for empty because of a page that is %s', async (_, bad) => {
    const { url } = await serve(bad);
    const reading = read(url, soon());
    await expect(reading).rejects.toThrow(UnexpectedAnswerError);
    await expect(reading).rejects.toThrow(`the answer to GET ${path} is not a list of `);
    await expect(reading).rejects.toThrow(/; is a proxy or a sign-in page in the way\?$/);
  });

  it.each(badPages)('is not cut short by a second page that is %s', async (_, bad) => {
    const { url, seen } = await serve(({ path }) =>
      path.includes('page=2')
        ? bad()
        : Response.json({ value: [resource], nextLink: `${server?.url}/elsewhere?page=2` }),
    );
    await expect(read(url, soon())).rejects.toThrow(UnexpectedAnswerError);
    expect(seen).toHaveLength(2);
  });

  it('is not read on at another host, which gets no request', async () => {
    const { url, seen } = await serve(({ path }) =>
      Response.json({
        value: [resource],
        nextLink: `${server?.url.replace('127.0.0.1', 'localhost')}${path}&page=2`,
      }),
    );
    await expect(read(url, soon())).rejects.toThrow(/it leads to http:..localhost:/);
    expect(seen).toHaveLength(1);
  });

  it('does not leave out an entry without an id', async () => {
    const { url } = await serve(() => Response.json({ value: [resource, without(resource, 'id')] }));
    await expect(read(url, soon())).rejects.toThrow(/one of its entries has no id/);
  });
});

it.each(listPorts.slice(0, 6))('a list of $name has nothing else in it', async ({ read }) => {
  const { url } = await serve(() =>
    Response.json({
      value: [{ id: '/subscriptions/s/resourceGroups/rg', properties: {}, subscriptionId: 's', etag: 'e' }],
    }),
  );
  await expect(read(url, soon())).rejects.toThrow(UnexpectedAnswerError);
});

it.each([2, 3])('a list of record sets has no entry without an ETag, on no page', async (index) => {
  const port = listPorts[index];
  if (port === undefined) throw new Error('there is no such port');
  const { url } = await serve(({ path }) =>
    path.includes('page=2')
      ? Response.json({ value: [{ ...port.resource, etag: '' }] })
      : Response.json({ value: [port.resource], nextLink: `${server?.url}/elsewhere?page=2` }),
  );
  await expect(port.read(url, soon())).rejects.toThrow(/one of its entries has no ETag/);
});

describe.each(resourcePorts)('$name', ({ path, resource, read }) => {
  it('is read', async () => {
    const { url } = await serve(() => Response.json(resource));
    await expect(read(url, soon())).resolves.toBeTruthy();
  });

  it.each([
    ...badPages.filter(([name]) => !name.includes('value')),
    ['a list', () => Response.json({ value: [] })],
  ] as typeof badPages)('is unread when the answer is %s', async (_, bad) => {
    const { url } = await serve(bad);
    const reading = read(url, soon());
    await expect(reading).rejects.toThrow(UnexpectedAnswerError);
    await expect(reading).rejects.toThrow(`the answer to GET ${path} is not `);
  });

  it('is read when its id has another casing', async () => {
    const { url } = await serve(() => Response.json({ ...resource, id: path.toUpperCase() }));
    await expect(read(url, soon())).resolves.toBeTruthy();
  });

  it('is unread without an id', async () => {
    const { url } = await serve(() => Response.json(without(resource, 'id')));
    await expect(read(url, soon())).rejects.toThrow(/: it has no id;/);
  });
});

it.each(resourcePorts.slice(0, 4))('$name is unread when it is another one of its kind', async (port) => {
  const { url } = await serve(() => Response.json({ ...port.resource, id: `${port.path}2` }));
  await expect(port.read(url, soon())).rejects.toThrow(/: it has the id of something else;/);
});

it.each([
  ['a missing zone', () => Response.json({ error: { code: 'ParentResourceNotFound' } }, { status: 404 })],
  [
    'a missing subscription',
    () => Response.json({ error: { code: 'SubscriptionNotFound' } }, { status: 404 }),
  ],
  ['no code', () => Response.json({}, { status: 404 })],
  ['HTML', () => new Response('<html>', { status: 404 })],
])('an A record set is not taken for absent by a 404 with %s', async (_, answer) => {
  const { url } = await serve(answer);
  const { reader } = recordSetAdapters({ endpoint: url, audience: 'unused', credential: undefined });
  await expect(reader.read(aKey, soon())).rejects.toThrow();
});

it('an A record set is absent after a 404 with its own code, in either shape', async () => {
  for (const body of [{ code: 'NotFound' }, { error: { code: 'NotFound' } }]) {
    const { url } = await serve(() => Response.json(body, { status: 404 }));
    const { reader } = recordSetAdapters({ endpoint: url, audience: 'unused', credential: undefined });
    await expect(reader.read(aKey, soon())).resolves.toBeUndefined();
    await server?.close();
  }
});

const noRecords = [
  ...[{}, { aRecords: null }, { aRecords: {} }, { aRecords: [null] }],
  { aRecords: [{ ipv4Address: 10 }] },
];

it.each(noRecords)('an A record set is not taken for empty: %j', async (properties) => {
  const { url } = await serve(() => Response.json({ ...aRecordSet, properties }));
  const { reader } = recordSetAdapters({ endpoint: url, audience: 'unused', credential: undefined });
  await expect(reader.read(aKey, soon())).rejects.toThrow('it has something else than records in aRecords');
});

describe('what something is concluded from', () => {
  const portFor = (name: string): ReadPort => {
    const port = resourcePorts.find((one) => one.name === name);
    if (port === undefined) throw new Error(`there is no port for ${name}`);
    return port;
  };

  it.each([
    ['an A record set', 'it has no ETag', { etag: undefined }],
    ['an A record set', 'it has no ETag', { etag: '' }],
    ['an A record set', 'it has no properties', { properties: undefined }],
    ['an A record set', 'it has no properties', { properties: null }],
    ['an A record set', 'it has the id of something else', { id: '/subscriptions/s/resourceGroups/rg' }],
    ['a container group', 'it has no properties', { properties: undefined }],
    [
      'a container group',
      'ipAddress.ip: expected string, found number',
      { properties: { ipAddress: { ip: 10 } } },
    ],
    [
      'a container group',
      'it has something else than objects in containers',
      { properties: { containers: [null] } },
    ],
    ['a registry', 'it has no properties', { properties: undefined }],
    ['a registry', 'it has no SKU', { sku: undefined }],
    ['a registry', 'it has no location', { location: undefined }],
    ['a replication', 'it has no location', { location: null }],
    ['anything that doctor reads', 'it has no properties', { properties: undefined }],
    ['a replication', 'it has no provisioning state', { properties: {} }],
  ])('%s is unread when %s: %j', async (name, fault, change) => {
    const { resource, read } = portFor(name);
    const { url } = await serve(() => Response.json({ ...resource, ...change }));
    await expect(read(url, soon())).rejects.toThrow(fault);
  });
});

describe('a write', () => {
  const access = (endpoint: string) => ({ endpoint, audience: 'unused', credential: undefined });
  const content = { values: ['10.1.0.4'], ttlSeconds: 60, metadata: {} };
  const observed = { ...content, key: aKey, etag: '', isAutoRegistered: false };

  it.each(['', ' ', '*'])('is not sent without a condition: ETag "%s"', async (etag) => {
    const { url, seen } = await serve(() => Response.json({}));
    const { writer } = recordSetAdapters(access(url));
    await expect(writer.update({ ...observed, etag }, content, soon())).rejects.toThrow(RefusedCallError);
    await expect(writer.delete({ ...observed, etag }, soon())).rejects.toThrow(RefusedCallError);
    expect(seen).toEqual([]);
  });

  it('carries the ETag that was read, and a creation the wish that nothing is there', async () => {
    const { url, seen } = await serve(() => Response.json(aRecordSet));
    const { writer } = recordSetAdapters(access(url));
    await writer.create(aKey, content, soon());
    await writer.update({ ...observed, etag: 'e' }, content, soon());
    await writer.delete({ ...observed, etag: 'e' }, soon());
    expect(seen.map(({ headers }) => [headers.get('if-none-match'), headers.get('if-match')])).toEqual([
      ['*', null],
      [null, 'e'],
      [null, 'e'],
    ]);
  });

  it('of a record set that is gone has lost its race, and a removal of it is done', async () => {
    const { url } = await serve(() => Response.json({ code: 'NotFound' }, { status: 404 }));
    const { writer } = recordSetAdapters(access(url));
    const set = { ...observed, etag: 'e' };
    await expect(writer.update(set, content, soon())).rejects.toThrow(RecordSetChangedError);
    await expect(writer.delete(set, soon())).resolves.toBeUndefined();
  });

  it.each(badPages.filter(([name]) => !name.includes('value')))(
    'is not known to have happened when the answer is %s',
    async (_, bad) => {
      const { url } = await serve(bad);
      const { writer } = recordSetAdapters(access(url));
      await expect(writer.create(aKey, content, soon())).rejects.toThrow(UnexpectedAnswerError);
      await expect(writer.update({ ...observed, etag: 'e' }, content, soon())).rejects.toThrow(
        UnexpectedAnswerError,
      );
    },
  );

  it('that deletes is not believed by a page of HTML', async () => {
    const { url } = await serve(() => html());
    const { writer } = recordSetAdapters(access(url));
    await expect(writer.delete({ ...observed, etag: 'e' }, soon())).rejects.toThrow(UnexpectedAnswerError);
  });

  it('of global routing is not accepted by a page of HTML', async () => {
    const { url } = await serve(() => html());
    const { writer } = registryAdapters(access(url));
    const change = { enabled: false, tags: {} };
    await expect(writer.setGlobalRouting(registryOf(), 'westus', change, soon())).rejects.toThrow(
      UnexpectedAnswerError,
    );
  });
});
