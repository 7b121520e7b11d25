import { afterEach, describe, expect, it } from 'vitest';
import { armReader } from '../../../src/azure/arm/resources.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import { MissingPermissionError } from '../../../src/lib/errors.ts';
import { type RecordingServer, type SeenRequest, serveRecorded } from '../../support/recording-server.ts';

let server: RecordingServer;
afterEach(() => server.close());

async function readerOf(answer: (request: SeenRequest) => Response) {
  server = await serveRecorded(answer);
  return armReader({ endpoint: server.url, audience: 'https://arm.example/.default', credential: undefined });
}
const deadline = () => deadlineIn(5_000);

describe('a reader of Resource Manager', () => {
  it('follows the pages of a list', async () => {
    const reader = await readerOf(({ path }) =>
      path.includes('page=2')
        ? Response.json({ value: [{ id: '/things/2' }] })
        : Response.json({ value: [{ id: '/things/1' }], nextLink: `${server.url}/things?page=2` }),
    );
    const things = await reader.list('/things', '2026-01-01', deadline());
    expect(things).toEqual([{ id: '/things/1' }, { id: '/things/2' }]);
    expect(server.seen.map(({ path }) => path)).toEqual(['/things?api-version=2026-01-01', '/things?page=2']);
  });

  it('neither follows a list to another host nor takes it for whole without that page', async () => {
    const reader = await readerOf(({ path }) =>
      path.includes('page=2')
        ? Response.json({ value: [{ id: '/things/2' }], nextLink: 'http://elsewhere.example/page=3' })
        : Response.json({ value: [{ id: '/things/1' }], nextLink: `${server.url}/things?page=2` }),
    );
    const listing = reader.list('/things', '2026-01-01', deadline());
    await expect(listing).rejects.toThrow(/it leads to http:\/\/elsewhere\.example/);
    expect(server.seen.map(({ path }) => path)).toEqual(['/things?api-version=2026-01-01', '/things?page=2']);
    expect(server.seen.every(({ headers }) => !headers.has('authorization'))).toBe(true);
  });

  it('adds the version to an existing query', async () => {
    const reader = await readerOf(() => Response.json({ value: [] }));
    await reader.list('/things?$filter=x', '2026-01-01', deadline());
    expect(server.seen[0]?.path).toBe('/things?$filter=x&api-version=2026-01-01');
  });

  it('finds nothing when the resource is missing', async () => {
    const reader = await readerOf(() =>
      Response.json({ error: { code: 'ResourceNotFound' } }, { status: 404 }),
    );
    expect(await reader.find('/thing', '1', deadline())).toBeUndefined();
    expect(await reader.post('/thing/show', '1', deadline())).toBeUndefined();
    expect(await reader.list('/things', '1', deadline())).toEqual([]);
    expect(server.seen.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET']);
  });

  it('does not take a 404 of a proxy for one of Azure', async () => {
    const reader = await readerOf(() => new Response('<html>', { status: 404 }));
    await expect(reader.find('/thing', '1', deadline())).rejects.toThrow(/404 without a code/);
    await expect(reader.list('/things', '1', deadline())).rejects.toThrow(/404 without a code/);
  });

  it('repeats a call that a moment later succeeds', async () => {
    const reader = await readerOf(() =>
      server.seen.length < 3 ? new Response('', { status: 502 }) : Response.json({ value: [] }),
    );
    expect(await reader.list('/things', '1', deadline())).toEqual([]);
    expect(server.seen).toHaveLength(3);
  });

  it('names the missing role', async () => {
    const reader = await readerOf(() =>
      Response.json({ error: { code: 'AuthorizationFailed' } }, { status: 403 }),
    );
    const refused = reader.find('/thing', '1', deadline());
    await expect(refused).rejects.toThrow(MissingPermissionError);
    await expect(refused).rejects.toThrow(
      /read on \/thing was refused \(403 AuthorizationFailed\): .*Reader/,
    );
  });

  it('reads the clock of Azure', async () => {
    const date = 'Sat, 21 Nov 2026 08:00:00 GMT';
    const reader = await readerOf(() => Response.json({ value: [] }, { headers: { date } }));
    expect(await reader.time(deadline())).toEqual(new Date(date));
  });
});
