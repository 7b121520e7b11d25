import type { HttpResponseInit } from '@azure/functions';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bindMcpReplication } from '../../src/functions/mcp-replication.ts';
import { toolOf } from '../mcp/run-tool.ts';

afterEach(() => void vi.restoreAllMocks());

const image = { registry: 'myregistry.azurecr.io', repository: 'team/app', reference: 'v1' };
const body = {
  state: 'stalled',
  digest: 'sha256:a',
  regions: [
    { region: 'eastus', state: 'available' },
    { region: 'westus', state: 'available' },
    { region: 'westeurope', state: 'waiting' },
  ],
  diverged: { westus: 'sha256:b' },
  repairs: [{ region: 'westeurope', commands: ['az acr import …'] }],
};

/** Calls the tool, and tells what it asked for. */
async function ask(args: object, answer: HttpResponseInit = { status: 202, jsonBody: body }) {
  const asked: unknown[] = [];
  const bind = () =>
    bindMcpReplication(async (parameters) => {
      asked.push(parameters);
      return answer;
    });
  return { ...(await toolOf(bind)(args)), asked };
}

describe('get_image_replication', () => {
  it('asks as getReplication is asked, and for nothing that asks endpoints', async () => {
    expect((await ask(image)).asked).toEqual([image]);
    const { error, asked } = await ask({ ...image, pullable: 'true' });
    expect(error).toMatchObject({
      error: { code: 'badParameter', message: expect.stringMatching(/^pullable/) },
    });
    expect(asked).toEqual([]);
  });

  it('answers what is known, without commands, and when to ask again', async () => {
    const answer = { status: 202, headers: { 'retry-after': '5' }, jsonBody: body };
    const { repairs: _, ...known } = body;
    expect((await ask(image, answer)).document).toEqual({ ...known, retryAfterSeconds: 5 });
  });

  it.each([
    [['eastus'], []],
    [['West US', 'eastus'], ['westus']],
    [
      ['westeurope', 'northeurope'],
      ['westeurope', 'northeurope'],
    ],
  ])('of the regions %j, says that %j lack it', async (regions, missing) => {
    const { document } = await ask({ ...image, regions });
    expect(document).toMatchObject({ missingInNamedRegions: missing });
  });

  it.each([
    ['no list', 'westus'],
    ['what cannot be a region', ['west/us']],
    ['too many', Array.from({ length: 101 }, () => 'westus')],
  ])('refuses %s as regions', async (_what, regions) => {
    const { error, asked } = await ask({ ...image, regions });
    expect(error).toMatchObject({ error: { message: expect.stringMatching(/^regions/) } });
    expect(asked).toEqual([]);
  });

  it('passes on why there is no answer', async () => {
    const problem = { code: 'imageNotSeen', message: 'no region has reported this image yet' };
    const answer = { status: 404, headers: { 'retry-after': '5' }, jsonBody: { error: problem } };
    expect((await ask(image, answer)).error).toEqual({ error: { ...problem, retryAfterSeconds: 5 } });
  });
});
