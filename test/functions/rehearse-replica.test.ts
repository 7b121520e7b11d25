import { HttpRequest, type HttpResponseInit } from '@azure/functions';
import * as v from 'valibot';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { rehearseReplica } from '../../src/functions/rehearse-replica.ts';
import { StateChangedError, StateUnavailableError } from '../../src/lib/errors.ts';
import { LoginServerUnknownError } from '../../src/registries/login-servers.ts';
import type { RehearsalPorts } from '../../src/routing/rehearse.ts';
import { aRegistry, aReplica, minuteText, someRules } from '../routing/fixtures.ts';
import { World } from '../routing/world.ts';
import { invocation } from '../support/fake-notifications.ts';
import { endings, simulateTime } from '../support/simulated-time.ts';

afterEach(() => void vi.restoreAllMocks());

const wish = {
  registry: 'myregistry',
  region: 'West US',
  for: 'PT1H',
  by: 'ada@contoso.com',
  reason: 'why not',
};
const answerSchema = v.object({
  status: v.number(),
  headers: v.exactOptional(v.record(v.string(), v.string())),
  jsonBody: v.looseObject({}),
});

async function newWorld(): Promise<World> {
  const world = new World(['eastus', 'westus', 'westeurope'], { minimumRoutable: 2 });
  await world.review();
  return world;
}

interface Sent {
  readonly method?: 'POST' | 'DELETE';
  readonly query?: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

/** Sends one request to the function. Every part that is not given is correct. */
async function send(
  { method = 'POST', query = '', body = wish, contentType = 'application/json' }: Sent,
  world: World,
  change: (ports: RehearsalPorts) => RehearsalPorts = (ports) => ports,
  select = async (): Promise<{ kind: 'found'; registry: World['registry']; loginServer: string }> => ({
    kind: 'found',
    registry: world.registry,
    loginServer: 'myregistry.azurecr.io',
  }),
) {
  const handler = rehearseReplica({
    finder: { select },
    loadPorts: async () => change(world.ports),
    loadRules: async () => someRules(),
  });
  const { context, lines } = invocation();
  const request = new HttpRequest({
    method,
    url: `http://127.0.0.1/api/rehearsals?${query}`,
    headers: { 'content-type': contentType },
    ...(method === 'POST' && { body: { string: typeof body === 'string' ? body : JSON.stringify(body) } }),
  });
  const given: HttpResponseInit = v.parse(answerSchema, await handler(request, context));
  return { ...v.parse(answerSchema, given), lines };
}

describe('rehearseReplica', () => {
  it('takes a region as Azure writes it, and logs neither who asks nor why', async () => {
    const { status, jsonBody, lines } = await send({}, await newWorld());
    expect({ status, jsonBody }).toMatchObject({
      status: 202,
      jsonBody: { region: 'westus', until: minuteText(61) },
    });
    expect(lines.join('\n')).toContain('rehearsal requested');
    expect(lines.join('\n')).not.toMatch(/ada|why not/);
  });

  it.each<[string, Sent, number]>([
    ['a body of another type', { contentType: 'text/plain' }, 415],
    ['a body that is too large', { body: 'x'.repeat(64 * 1024 + 1), contentType: 'text/plain' }, 413],
    ['no JSON', { body: '{' }, 400],
    ['whatIf that is neither yes nor no', { query: 'whatIf=maybe' }, 400],
    ['an end of nothing', { method: 'DELETE' }, 400],
    ['an end of what there is not', { method: 'DELETE', query: 'registry=myregistry&region=westus' }, 404],
    ['the longest time', { body: { ...wish, for: 'P7D' } }, 202],
    ['a longer one', { body: { ...wish, for: 'P8D' } }, 400],
  ])('answers %s', async (_, sent, status) => {
    const world = await newWorld();
    const before = world.stored;
    expect((await send(sent, world)).status).toBe(status);
    if (status !== 202) expect(world.stored).toEqual(before);
  });

  const failing = (error: Error) => async () => {
    throw error;
  };
  const states = (world: World, change: Partial<RehearsalPorts['states']>) => (ports: RehearsalPorts) => ({
    ...ports,
    states: { ...world.ports.states, ...change },
  });

  it.each<[string, (world: World) => Parameters<typeof send>[2], string]>([
    [
      'a state that cannot be read',
      (world) => states(world, { read: failing(new StateUnavailableError('a read', 7_000)) }),
      '7',
    ],
    [
      'a state that others keep writing',
      (world) => states(world, { write: failing(new StateChangedError('a write')) }),
      '1',
    ],
  ])('asks to come back for %s', async (_, change, seconds) => {
    const world = await newWorld();
    const { status, headers, jsonBody } = await send({}, world, change(world));
    expect({ status, headers, jsonBody }).toMatchObject({
      status: 503,
      headers: { 'retry-after': seconds },
      jsonBody: { error: { code: 'notRecorded' } },
    });
  });

  it('asks to come back while the login server is not known', async () => {
    const unknown = failing(new LoginServerUnknownError(aRegistry()));
    expect((await send({}, await newWorld(), undefined, unknown)).status).toBe(503);
  });

  it('does not take a replica for missing that only a read by id does not find', async () => {
    const world = await newWorld();
    world.replicas.delete('westus');
    world.list = ['eastus', 'westus', 'westeurope'].map((region) => aReplica(region));
    expect((await send({}, world)).status).toBe(503);
    world.list = undefined;
    expect(await send({}, world)).toMatchObject({
      status: 404,
      jsonBody: { error: { code: 'replicaNotFound' } },
    });
  });
});

describe('a port that does not end', () => {
  simulateTime();

  it('is left behind after 25 s, and the answer says that nothing is recorded', async () => {
    const world = await newWorld();
    const never = () => new Promise<never>(() => {});
    const asked = send({}, world, (ports) => ports, never);
    expect(await endings([{ work: asked.then(({ status }) => String(status)) }])).toEqual([
      { afterMs: 25_000, outcome: '503' },
    ]);
  });
});
