import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Cron } from 'croner';
import { unzipSync } from 'fflate';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../local/azure/local-azure.ts';
import { sampleZoneMap } from '../../local/azure/sample.ts';
import { type HostProcess, spawnHost } from '../../local/host/spawn-host.ts';
import { buildApp } from '../../scripts/build.ts';
import { packageFiles } from '../../scripts/package/package-files.ts';
import { zipped } from '../../scripts/package/zip.ts';
import { resourceEvent } from '../e2e/events.ts';
import { allBicep, captures } from './bicep-text.ts';

const root = join(import.meta.dirname, '../..');
let directory: string;

async function packed(name: string): Promise<Uint8Array> {
  const dist = join(directory, name, 'dist');
  return zipped(await packageFiles({ root, dist, metafile: await buildApp(dist) }));
}

let zip: Uint8Array;
let files: Readonly<Record<string, Uint8Array>>;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'evenkeel-package-'));
  zip = await packed('1');
  files = unzipSync(zip);
});
afterAll(() => rm(directory, { recursive: true }));

const textOf = (path: string): string => Buffer.from(files[path] ?? []).toString();

describe('the package', () => {
  it('is the same, byte for byte, for the same sources', async () => {
    expect(Buffer.compare(await packed('2'), zip)).toBe(0);
  });

  it('stays under 5 MiB', () => {
    expect(zip.length).toBeLessThan(5 * 1024 * 1024);
  });

  it('holds the bundle, what the host reads, and whose work it is, and nothing else', () => {
    const others = Object.keys(files).filter((path) => !/^dist\/.*(?<!\.map)$/.test(path));
    expect(others).toEqual(['LICENSE', 'THIRD-PARTY-NOTICES.txt', 'host.json', 'package.json']);
    expect(JSON.parse(textOf('package.json'))).toEqual({
      ...{ name: 'evenkeel', version: expect.any(String), license: 'MIT' },
      ...{ type: 'module', main: 'dist/main.js' },
    });
  });

  it('names each bundled package once, with its licence', () => {
    const [, list = ''] = textOf('THIRD-PARTY-NOTICES.txt').split('\n\n');
    const lines = list.split('\n');
    expect(lines).toContainEqual(expect.stringMatching(/^valibot \d+\.\d+\.\d+: MIT$/));
    expect(new Set(lines).size).toBe(lines.length);
    expect(
      lines.filter(
        (line) => !/^[@\w./-]+ \d[\w.-]*: (?:MIT|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause)$/.test(line),
      ),
    ).toEqual([]);
  });
});

describe('the package, unpacked where there is no node_modules', () => {
  let azure: LocalAzure;
  let host: HostProcess;
  beforeAll(async () => {
    const app = join(directory, 'app');
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(app, path)), { recursive: true });
      await writeFile(join(app, path), content);
    }
    azure = await startLocalAzure();
    const env = {
      ARM_ENDPOINT: azure.armEndpoint,
      DNS_ZONE_MAP: JSON.stringify(sampleZoneMap),
      AzureWebJobsStorage: '',
    };
    // Pipelines run this on each version of Node.js that the app may run on in Azure.
    host = await spawnHost({ directory: app, env, node: process.env['EVENKEEL_HOST_NODE'] });
  });
  afterAll(async () => {
    await host?.stop();
    await azure?.close();
  });

  const functionsSchema = v.array(
    v.object({
      name: v.string(),
      config: v.object({ bindings: v.array(v.looseObject({ type: v.string() })) }),
    }),
  );
  const functions = async () =>
    v.parse(functionsSchema, await (await fetch(`${host.url}/admin/functions`)).json());
  const triggers = async () =>
    new Map((await functions()).map(({ name, config }) => [name, config.bindings.map(({ type }) => type)]));

  it('reconciles', async () => {
    const id = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    const answer = await fetch(`${host.url}/runtime/webhooks/EventGrid?functionName=reconcileDns`, {
      method: 'POST',
      headers: { 'aeg-event-type': 'Notification', 'content-type': 'application/json' },
      body: JSON.stringify([resourceEvent(id)]),
    });
    expect(answer.status).toBe(202);
    const address = azure.containerGroups.address(id);
    expect(azure.zones.get('spoke-a.internal.contoso.com', 'A', 'web')?.values).toEqual([address]);
  });

  it('has each function that a subscription delivers to, with that trigger', async () => {
    const targets = [
      ...captures(allBicep(), /functionName: '(\w+)'/g),
      ...captures(allBicep(), /\/functions\/([A-Za-z]+)'/g),
    ];
    expect(targets).toContain('reconcileDns');
    const known = await triggers();
    expect(targets.filter((name) => !known.get(name)?.includes('eventGridTrigger'))).toEqual([]);
  });

  it('has the function that webhooks call', async () => {
    const [route] = captures(allBicep(), /\$\{appUrl\}\/api\/([\w-]+)\?/g);
    const receiver = (await functions()).find(({ name }) => name === 'receiveRegistryWebhook');
    expect(receiver?.config.bindings).toContainEqual(
      expect.objectContaining({ type: 'httpTrigger', route, authLevel: 'function' }),
    );
  });

  it('has schedules that can be read', async () => {
    const bindings = (await functions()).flatMap(({ config }) => config.bindings);
    const timers = bindings.filter(({ type }) => type === 'timerTrigger');
    expect(timers.length).toBeGreaterThanOrEqual(2);
    for (const { schedule } of timers) {
      expect(new Cron(String(schedule), { paused: true }).nextRun()).not.toBeNull();
    }
  });
});
