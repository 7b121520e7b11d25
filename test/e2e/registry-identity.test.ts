import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../local/azure/arm/faults.ts';
import { subscribeWebhooks } from '../../local/azure/registries/subscribe-webhooks.ts';
import { sampleRegistry, sampleWebhookSecret } from '../../local/azure/sample.ts';
import { subscribeRegistryEvents } from '../../local/azure/subscribe-app.ts';
import { runCommand } from '../cli/run-command.ts';
import { digestOf, minute, registryEvent, type Told, webhookBody } from './registry-notifications.ts';
import {
  installReplication,
  type ReplicationInstallation,
  regions,
  registry,
} from './replication-installation.ts';

const idIn = (group: string, subscription = '00000000-0000-0000-0000-000000000000') =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.ContainerRegistry/registries/${registry}`;
const ours = idIn('rg-registry');
const loginServer = 'myregistry-a1b2c3.azurecr.io';

/** Our registry, with the hash of a domain name label scope. */
const hashed = { ...sampleRegistry, labelHash: 'a1b2c3' };

const resourceManagerIsDown: Fault = { kind: 'status', status: 503, match: /\/registries\//i };

/** Sends a native webhook with exactly these parameters in its URL. */
async function post(
  world: ReplicationInstallation,
  told: Told,
  query: Readonly<Record<string, string>> = {},
) {
  const url = `${world.host.url}/api/registry-webhook?${new URLSearchParams({ region: 'eastus', ...query })}`;
  const headers = { 'content-type': 'application/json', 'x-evenkeel-secret': sampleWebhookSecret };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(webhookBody(told)) });
  return { status: answer.status, body: Object(await answer.json()) };
}

/** Writes to table storage since it was called. */
function writes({ tables }: ReplicationInstallation): () => number {
  const from = tables.requests.length;
  return () => tables.requests.slice(from).filter(({ method }) => method !== 'GET').length;
}

/** The lines at warning level that were printed since it was called. */
function warnings({ lines }: ReplicationInstallation): () => string[] {
  const from = lines.length;
  return () => lines.slice(from).filter((line) => line.includes('registry event'));
}

describe('a registry whose login server has a domain name label hash', () => {
  let world: ReplicationInstallation;
  beforeAll(async () => {
    world = await installReplication({
      azure: { registries: [hashed] },
      entry: () => ({ hosts: ['Images.Contoso.com'] }),
    });
  });
  afterAll(() => world.close());

  const push = (name: string, told: Partial<Told> = {}) => ({
    ...{ repository: `identity/${name}`, digest: digestOf(name), tag: 'v1', host: loginServer },
    ...told,
  });
  const deliver = (topic: string, event: Parameters<typeof registryEvent>[1]) =>
    world.deliver(registryEvent(topic, event), 'receiveRegistryEvent');

  it.each([
    ['its login server', { host: loginServer }],
    ['its login server with a port', { host: `${loginServer.toUpperCase()}:443` }],
    ['a regional endpoint', { host: 'myregistry-a1b2c3.westus.geo.azurecr.io' }],
    ['a custom host', { host: 'images.contoso.com' }],
    ['a custom host with a port', { host: 'Images.Contoso.com:8443' }],
  ])('takes a push to %s for its own', async (name, { host }) => {
    const image = push(`host/${name.replaceAll(' ', '-')}`, { host });
    expect(await post(world, image)).toMatchObject({ status: 200, body: { result: 'recorded' } });
    const { status, body } = await world.ask('v1', { repository: image.repository });
    expect(status).toBe(202);
    expect(body).toMatchObject({ registry, loginServer, digest: image.digest });
  });

  it.each([
    ['without a parameter', {}],
    ['whose URL has the name', { registry }],
  ])('refuses a webhook with the host of a namesake, %s, and writes nothing', async (_, query) => {
    for (const host of ['myregistry-ffffff.azurecr.io', 'myregistry.azurecr.io']) {
      const image = push('namesake', { host });
      const written = writes(world);
      const { status, body } = await post(world, image, query);
      expect({ status, code: body.error?.code }).toEqual({ status: 404, code: 'registryNotConfigured' });
      expect(written()).toBe(0);
      expect((await world.ask('v1', { repository: image.repository })).status).toBe(404);
    }
  });

  it('takes an unknown host for its own when the URL says so, and not otherwise', async () => {
    const image = push('settled', { host: 'registry.example.org' });
    const written = writes(world);
    expect((await post(world, image)).status).toBe(404);
    expect((await post(world, image, { registry: 'nobody' })).status).toBe(404);
    expect(written()).toBe(0);
    for (const named of [registry, loginServer, 'myregistry-a1b2c3', ours]) {
      expect((await post(world, image, { registry: named })).status).toBe(200);
    }
    expect(await world.ask('v1', { repository: image.repository })).toMatchObject({ status: 202 });
  });

  it('is asked for by its name, login server, first label, hosts and ARM id', async () => {
    const image = push('asked');
    await post(world, image);
    const names = [
      ...['myregistry', 'MyRegistry', 'myregistry-a1b2c3', loginServer, `${loginServer}:443`],
      ...['myregistry-a1b2c3.eastus.geo.azurecr.io', 'images.contoso.com', ours, ours.toUpperCase()],
    ];
    for (const named of names) {
      const { status, body } = await world.ask('v1', { repository: image.repository, registry: named });
      expect({ named, status, registry: body['registry'] }).toEqual({ named, status: 202, registry });
    }
    for (const named of ['myregistry-ffffff', 'myregistry.azurecr.io', idIn('rg-other')]) {
      const { status, body } = await world.ask('v1', { repository: image.repository, registry: named });
      expect(status).toBe(404);
      expect(body).toMatchObject({ error: { code: 'registryNotConfigured' } });
    }
  });

  it('is left as it was by a deletion whose topic is a namesake in another subscription', async () => {
    const image = push('deleted-elsewhere');
    await post(world, image);
    const before = await world.ask('v1', { repository: image.repository });
    const [written, warned] = [writes(world), warnings(world)];
    const topic = idIn('rg-other', '99999999-0000-0000-0000-000000000000');
    const deletion = { ...image, action: 'delete', at: minute(1), location: 'eastus' } as const;
    expect(await deliver(topic, deletion)).toBe(202);
    expect(warned()).toEqual([expect.stringMatching(/registry event ignored.*"registryNotConfigured"/)]);
    expect(written()).toBe(0);
    const after = await world.ask('v1', { repository: image.repository });
    const withoutAge = ({ elapsedMs: _, ...body }: Readonly<Record<string, unknown>>) => body;
    expect(withoutAge(after.body)).toEqual(withoutAge(before.body));
    expect(after.status).toBe(202);
  });

  it('does not get a push whose topic is a namesake in another resource group, whatever its host', async () => {
    const image = push('pushed-elsewhere');
    const [written, warned] = [writes(world), warnings(world)];
    expect(await deliver(idIn('rg-other'), { ...image, location: 'eastus' })).toBe(202);
    expect(warned()).toHaveLength(1);
    expect(written()).toBe(0);
    expect((await world.ask('v1', { repository: image.repository })).status).toBe(404);
    expect(await deliver(ours.toUpperCase(), { ...image, location: 'eastus' })).toBe(202);
    expect((await world.ask('v1', { repository: image.repository })).status).toBe(202);
  });

  it.each(['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])(
    'is told of an image at %s, which then has the time of the arrival',
    async (at) => {
      const image = push(`time/${at.slice(0, 4)}`, { at });
      const beforeMs = Date.now();
      expect((await post(world, image)).status).toBe(200);
      const { status, body } = await world.ask('v1', { repository: image.repository });
      expect(status).toBe(202);
      const [eastus] = Object(body['regions']);
      expect(eastus).toMatchObject({ region: 'eastus', state: 'available' });
      expect(Date.parse(eastus.at)).toBeGreaterThanOrEqual(beforeMs);
      expect(Date.parse(eastus.at)).toBeLessThanOrEqual(Date.now());
      await expect
        .poll(() => world.lines.filter((line) => line.includes(`"impossibleTime":"${at.slice(0, 10)}`)))
        .toEqual([expect.stringContaining(image.repository)]);
    },
  );

  it('takes a chart whose version has build metadata', async () => {
    const tag = 'mychart-1.2.3+build.5.tgz';
    const chart = push('charts/mychart', { tag, action: 'chart_push' });
    expect((await post(world, chart)).status).toBe(200);
    const { status, body } = await world.ask(tag, { repository: chart.repository });
    expect({ status, tag: body['tag'] }).toEqual({ status: 202, tag });
    const unescaped = `registry=${loginServer}&repository=${chart.repository}&reference=${tag}`;
    expect((await fetch(`${world.host.url}/api/replication?${unescaped}`)).status).toBe(202);
  });

  it('takes a CloudEvent without a subject', async () => {
    const image = push('subject');
    const event = registryEvent(ours, { ...image, location: 'westus' }, 'CloudEventSchemaV1_0');
    const { subject: _, ...others } = event;
    expect(await world.deliver(others, 'receiveRegistryEvent')).toBe(202);
    expect((await world.ask('v1', { repository: image.repository })).body['regions']).toContainEqual(
      expect.objectContaining({ region: 'westus', state: 'available', evidence: 'event' }),
    );
  });

  it('is waited for by evenkeel wait under its login server with a hash or a port, a regional and a custom host', async () => {
    const image = { repository: 'identity/waited', digest: digestOf('waited'), host: loginServer };
    const tag = 'web-1.2.3+build.5.tgz';
    for (const region of regions) {
      const told = { ...image, tag, action: 'chart_push' } as const;
      expect((await post(world, told, { region })).status).toBe(200);
    }
    const hosts = [
      ...['myregistry', 'myregistry-a1b2c3', loginServer, `${loginServer}:443`],
      ...['myregistry-a1b2c3.westus.geo.azurecr.io', 'Images.Contoso.com:8443'],
    ];
    for (const host of hosts) {
      const { exitCode, stderr } = await runCommand([
        'wait',
        `${host}/${image.repository}:${tag}`,
        ...['--app', world.host.url, '--timeout', '10s'],
      ]);
      expect({ host, exitCode, stderr }).toEqual({ host, exitCode: 0, stderr: '' });
    }
  });

  it('is shown by the status with its login server', async () => {
    await world.review();
    const status = Object(await (await fetch(`${world.host.url}/api/status`)).json());
    expect(status.registries).toMatchObject([{ registry, loginServer, id: ours }]);
    expect(status.images.open).toContainEqual(expect.objectContaining({ registry, loginServer }));
  });
});

describe('two registries of one name', () => {
  const theirs = idIn('rg-twin');
  const theirLoginServer = 'myregistry-twin00.azurecr.io';
  const twin = { name: registry, resourceGroup: 'rg-twin', labelHash: 'twin00', home: 'eastus' };

  let world: ReplicationInstallation;
  beforeAll(async () => {
    world = await installReplication({
      azure: { registries: [hashed, twin], registryBehaviour: { copyDelayMs: [0, 0] } },
    });
  });
  afterAll(() => world.close());

  const image = { repository: 'identity/twins', digest: digestOf('twins'), tag: 'v1' };
  const { repository, digest } = image;

  it('are recorded apart, also what they have in common', async () => {
    for (const region of regions) {
      const query = { region, registry };
      expect((await post(world, { ...image, host: loginServer }, query)).status).toBe(200);
    }
    expect((await world.ask('v1', { repository, registry: theirLoginServer })).status).toBe(404);
    expect((await post(world, { ...image, host: theirLoginServer }, { registry })).status).toBe(200);
    for (const [named, id] of [
      [loginServer, ours],
      [theirLoginServer, theirs],
    ] as const) {
      for (const one of [named, named.split('.')[0] ?? '', id]) {
        expect(await world.ask('v1', { repository, registry: one })).toMatchObject({
          status: 200,
          body: { registry, loginServer: named, digest },
        });
      }
    }
    const signals = world.azure
      .topic('evenkeel')
      .events.filter(({ subject }) => subject === `${repository}:v1`);
    expect(signals).toMatchObject([
      { source: ours, data: { registry, loginServer } },
      { source: theirs, data: { registry, loginServer: theirLoginServer } },
    ]);
    expect(new Set(signals.map(({ id }) => id)).size).toBe(2);
  });

  it('are deleted apart', async () => {
    const deletion = { ...image, action: 'delete', at: minute(1), location: 'eastus' } as const;
    expect(await world.deliver(registryEvent(theirs, deletion), 'receiveRegistryEvent')).toBe(202);
    expect((await world.ask('v1', { repository, registry: theirLoginServer })).status).toBe(410);
    expect((await world.ask('v1', { repository, registry: loginServer })).status).toBe(200);
  });

  it('are not told apart by their name, which is refused with what tells them apart', async () => {
    const { status, body } = await world.ask('v1', { repository });
    expect({ status, error: body['error'] }).toEqual({
      status: 400,
      error: {
        code: 'registryAmbiguous',
        message: expect.stringContaining(`${loginServer}, ${theirLoginServer}`),
      },
    });
    const written = writes(world);
    const chart = { ...image, action: 'chart_push', tag: 'web-1.0.0.tgz' } as const;
    const ambiguous = await post(world, chart, { registry });
    expect({ status: ambiguous.status, code: ambiguous.body.error?.code }).toEqual({
      status: 400,
      code: 'registryAmbiguous',
    });
    expect((await post(world, chart)).status).toBe(404);
    expect(written()).toBe(0);
    expect((await post(world, chart, { registry: theirs })).status).toBe(200);
    expect((await world.ask(chart.tag, { repository, registry: theirs })).body).toMatchObject({
      loginServer: theirLoginServer,
    });
  });

  it('tell of their pushes and deletions by webhooks and events, each of its own', async () => {
    const { registries, eventGrid } = world.azure;
    await subscribeRegistryEvents(eventGrid, { host: world.host.url }, [ours, theirs]);
    for (const one of [ours, theirs]) {
      subscribeWebhooks(registries, { host: world.host.url, registry: one });
    }
    const told = async () => {
      await registries.idle();
      await eventGrid.idle();
    };
    const pushed = { repository: 'identity/travels', tag: 'v1', digest: digestOf('travels') };
    for (const one of [ours, theirs]) registries.push({ registry: one, ...pushed });
    await told();
    const states = () =>
      Promise.all(
        [loginServer, theirLoginServer].map(async (one) => {
          const { body } = await world.ask('v1', { repository: pushed.repository, registry: one });
          return [body['state'], Object(body['regions']).length];
        }),
      );
    expect(await states()).toEqual([
      ['replicated', 4],
      ['replicated', 1],
    ]);
    registries.delete({ registry: theirs, repository: pushed.repository, digest: pushed.digest });
    await told();
    expect((await states()).map(([state]) => state)).toEqual(['replicated', 'deleted']);
    expect(world.lines.filter((line) => line.includes('registry event ignored'))).toEqual([]);
  });

  it('are reviewed apart', async () => {
    await world.review();
    const status = Object(await (await fetch(`${world.host.url}/api/status`)).json());
    const seen = status.registries.map((one: { replicas: object[] }) => ({
      ...one,
      replicas: one.replicas.length,
    }));
    expect(seen).toMatchObject([
      { registry, id: ours, loginServer, replicas: 4 },
      { registry, id: theirs, loginServer: theirLoginServer, replicas: 1 },
    ]);
  });
});

describe('a start while Resource Manager does not answer', () => {
  let world: ReplicationInstallation;
  beforeAll(async () => {
    world = await installReplication({ azure: { registries: [hashed] } });
  });
  afterAll(() => world.close());

  it('records a webhook under the login server that it shows, when none was ever known', async () => {
    const { faults } = world.azure;
    faults.add(resourceManagerIsDown);
    const image = { repository: 'identity/first', digest: digestOf('first'), tag: 'v1', host: loginServer };
    // Nothing at all is known of which registry this is.
    const chart = { ...image, action: 'chart_push' } as const;
    expect((await post(world, chart)).status).toBe(503);
    expect((await post(world, image)).status).toBe(200);
    faults.clear();
    await world.restartHost();
    const { status, body } = await world.ask('v1', { repository: image.repository });
    expect(status).toBe(202);
    expect(body).toMatchObject({ loginServer, digest: image.digest });
  });

  it('records every webhook under the login server that was known before', async () => {
    const { faults } = world.azure;
    await world.review();
    faults.add(resourceManagerIsDown);
    await world.restartHost();
    const image = { repository: 'identity/again', digest: digestOf('again'), host: loginServer };
    expect((await post(world, { ...image, action: 'chart_push', tag: 'web-1.0.0.tgz' })).status).toBe(200);
    expect((await post(world, { ...image, tag: 'v1' })).status).toBe(200);
    expect((await post(world, { ...image, host: 'myregistry.azurecr.io' })).status).toBe(404);
    const { status, body } = await world.ask('web-1.0.0.tgz', { repository: image.repository });
    expect(status).toBe(202);
    expect(body).toMatchObject({ loginServer, digest: image.digest });
    faults.clear();
    await world.restartHost();
    expect((await world.ask('v1', { repository: image.repository })).body).toMatchObject({ loginServer });
  });
});
