import { afterEach, describe, expect, it } from 'vitest';
import { registryAdapters } from '../../../src/azure/arm/registries.ts';
import { type Deadline, deadlineIn } from '../../../src/lib/deadline.ts';
import { MissingPermissionError, RefusedCallError, UncertainCallError } from '../../../src/lib/errors.ts';
import { registryOf } from '../../registries/registry-of.ts';
import { type RecordingServer, type SeenRequest, serveRecorded } from '../../support/recording-server.ts';

const registry = registryOf();
const body = (provisioningState: string) => ({
  id: `${registry.id}/replications/westus`,
  name: 'westus',
  location: 'westus',
  properties: { provisioningState, status: { message: 'as the test wants it' } },
});
const isPoll = ({ path }: SeenRequest) => path.includes('operationStatuses');
/** Accepts a change as a long-running operation. */
const accepted = ({ headers }: SeenRequest) =>
  Response.json(body('Updating'), {
    status: 201,
    headers: { 'azure-asyncoperation': `http://${headers.get('host')}/operationStatuses/1` },
  });

let server: RecordingServer | undefined;
afterEach(async () => server?.close());

async function disable(
  answer: (request: SeenRequest) => Response | undefined,
  deadline: Deadline = deadlineIn(5_000),
) {
  const serving = await serveRecorded(answer);
  server = serving;
  const { writer } = registryAdapters({ endpoint: serving.url, audience: 'unused', credential: undefined });
  const change = { enabled: false, tags: { team: 'a', 'evenkeel:globalRouting': 'disabled' } };
  return {
    seen: serving.seen,
    result: await writer
      .setGlobalRouting(registry, 'westus', change, deadline)
      .catch((error: unknown) => error),
  };
}

describe('taking a replica out of global routing', () => {
  it('changes the routing flag and the tags, and nothing else', async () => {
    const { seen, result } = await disable(() => Response.json(body('Succeeded')));
    expect(result).toBe('done');
    expect(seen.map(({ method }) => method)).toEqual(['PATCH']);
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      tags: { team: 'a', 'evenkeel:globalRouting': 'disabled' },
      properties: { regionEndpointEnabled: false },
    });
  });

  it('is still running when the status of the answer is final and its body is not', async () => {
    expect((await disable(() => Response.json(body('Updating')))).result).toBe('running');
  });

  it('follows a long-running operation to its end', async () => {
    let polls = 0;
    const { result } = await disable((request) => {
      if (request.method === 'PATCH') return accepted(request);
      if (!isPoll(request)) return Response.json(body('Succeeded'));
      polls++;
      return Response.json(
        { status: polls === 1 ? 'Updating' : 'Succeeded' },
        { headers: { 'retry-after': '1' } },
      );
    });
    expect(result).toBe('done');
    expect(polls).toBe(2);
  });

  it('is running when the deadline comes before the end', async () => {
    const { result } = await disable(
      (request) => (request.method === 'PATCH' ? accepted(request) : Response.json({ status: 'Updating' })),
      deadlineIn(300),
    );
    expect(result).toBe('running');
  });

  it('is running when the end cannot be read', async () => {
    const { result } = await disable((request) =>
      request.method === 'PATCH' ? accepted(request) : Response.json({ error: {} }, { status: 500 }),
    );
    expect(result).toBe('running');
  });

  it('is running when a proxy answers for the end', async () => {
    const { result } = await disable((request) =>
      request.method === 'PATCH'
        ? accepted(request)
        : new Response('<title>Sign in</title>', { headers: { 'content-type': 'text/html' } }),
    );
    expect(result).toBe('running');
  });

  it('is uncertain when a busy service asks for a wait', async () => {
    const { result } = await disable(() =>
      Response.json(
        { error: { code: 'ServiceUnavailable' } },
        { status: 503, headers: { 'retry-after': '20' } },
      ),
    );
    expect(result).toBeInstanceOf(UncertainCallError);
  });

  it.each(['Failed', 'Canceled'])('is refused when the operation ends as %s', async (status) => {
    const { result } = await disable((request) =>
      request.method === 'PATCH'
        ? accepted(request)
        : Response.json({ status, error: { code: 'Conflict', message: 'another change is under way' } }),
    );
    expect(result).toBeInstanceOf(RefusedCallError);
    if (status === 'Failed') expect(result).toHaveProperty('message', expect.stringContaining('Conflict'));
  });

  it('is refused when the replication ends as Failed', async () => {
    const { result } = await disable(() => Response.json(body('Failed')));
    expect(result).toBeInstanceOf(RefusedCallError);
    expect(result).toHaveProperty('message', expect.stringContaining('as the test wants it'));
  });

  it('names the permission when it is missing', async () => {
    const { result } = await disable(() =>
      Response.json({ error: { code: 'AuthorizationFailed', message: 'no' } }, { status: 403 }),
    );
    expect(result).toBeInstanceOf(MissingPermissionError);
    expect(result).toHaveProperty(
      'message',
      expect.stringContaining('Microsoft.ContainerRegistry/registries/replications/write'),
    );
  });

  it('is uncertain when the answer is lost', async () => {
    expect((await disable(() => undefined)).result).toBeInstanceOf(UncertainCallError);
  });
});
