import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Cron } from 'croner';
import type { Metafile } from 'esbuild';
import { unzipSync } from 'fflate';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../local/azure/local-azure.ts';
import { sampleZoneMap } from '../../local/azure/sample.ts';
import { type HostProcess, spawnHost } from '../../local/host/spawn-host.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { buildApp } from '../../scripts/build.ts';
import { appFiles } from '../../scripts/package/app-files.ts';
import { packageApp } from '../../scripts/package/app-package.ts';
import { billOfMaterials } from '../../scripts/package/bill-of-materials.ts';
import { type BundledPackage, bundledPackages } from '../../scripts/package/bundled-packages.ts';
import { packageCommand } from '../../scripts/package/command-package.ts';
import { readSharedManifest } from '../../scripts/package/manifest.ts';
import { zipped } from '../../scripts/package/zip.ts';
import { machineNode } from '../e2e/built-command.ts';
import { resourceEvent } from '../e2e/events.ts';
import { allBicep, captures } from '../infra/bicep-text.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

let directory: string;
let zip: Uint8Array;
let files: Readonly<Record<string, Uint8Array>>;
let metafile: Metafile;
let bundled: readonly BundledPackage[];
/** An empty directory, in which only the two packages were installed, without a network. */
let installed: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'evenkeel-package-'));
  const manifest = await readSharedManifest(root, {});
  zip = await buildZip();
  await packageApp(root, join(directory, 'app-package'), zip, manifest);
  await packageCommand(root, join(directory, 'command'), manifest);
  installed = join(directory, 'installed');
  await mkdir(installed);
  const env = { ...process.env, npm_config_cache: join(directory, 'cache'), npm_config_offline: 'true' };
  const { stdout } = await run('npm', ['pack', './command', './app-package', '--silent'], {
    cwd: directory,
    env,
  });
  const tarballs = stdout.trim().split('\n');
  await run('npm', ['install', ...tarballs.map((name) => join(directory, name))], { cwd: installed, env });
  files = unzipSync(await readFile(join(installed, 'node_modules/evenkeel-app/evenkeel.zip')));
}, 120_000);
afterAll(() => rm(directory, { recursive: true }));

async function buildZip(): Promise<Uint8Array> {
  const dist = join(directory, 'dist');
  metafile = await buildApp(dist);
  bundled = await bundledPackages(metafile, root);
  const manifest = await readSharedManifest(root, {});
  return zipped(await appFiles({ root, dist, metafile, bundled, manifest }));
}

const textOf = (path: string): string => Buffer.from(files[path] ?? []).toString();

describe('the package', () => {
  it('is the same, byte for byte, for the same sources, and leaves alone what was built before', async () => {
    const built = () => stat(join(directory, 'dist/main.js'));
    const before = await built();
    expect(Buffer.compare(await buildZip(), zip)).toBe(0);
    expect((await built()).mtimeMs).toBe(before.mtimeMs);
  });

  it('stays under 5 MiB', () => {
    expect(zip.length).toBeLessThan(5 * 1024 * 1024);
  });

  it('holds the bundle, what the host reads, and whose work it is, and nothing else', () => {
    const others = Object.keys(files).filter((path) => !/^dist\/.*(?<!\.map)$/.test(path));
    expect(others).toEqual(['LICENSE', 'THIRD-PARTY-NOTICES.txt', 'host.json', 'package.json']);
    expect(JSON.parse(textOf('package.json'))).toEqual({
      ...{ name: 'evenkeel-app', version: packageJson.version, license: 'MIT' },
      ...{ type: 'module', main: 'dist/main.js', engines: { node: '>=22' } },
    });
  });

  it('tells assistants its version', () => {
    expect(JSON.parse(textOf('host.json')).extensions.mcp).toMatchObject({
      serverVersion: packageJson.version,
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

describe.each(['evenkeel', 'evenkeel-app'])('the npm package %s', (name) => {
  const at = (file: string) => join(installed, 'node_modules', name, file);

  it('says what it is, where it comes from and what it runs on, and depends on nothing', async () => {
    const manifest = JSON.parse(await readFile(at('package.json'), 'utf8'));
    expect(manifest).toMatchObject({
      ...{ name, version: packageJson.version, license: 'MIT', repository: packageJson.repository },
      engines: { node: expect.stringMatching(/^>=\d\d$/) },
    });
    expect(manifest.keywords).toContain('azure-functions');
    expect(Object.keys(manifest)).toEqual(expect.arrayContaining(['files', 'exports', 'description']));
    expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining([expect.stringMatching(/ependencies/)]));
    expect(await readdir(join(installed, 'node_modules'))).toEqual([
      '.bin',
      '.package-lock.json',
      'evenkeel',
      'evenkeel-app',
    ]);
  });

  it('links to pages that are there', async () => {
    const readme = await readFile(at('README.md'), 'utf8');
    const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
    const base = `https://github.com/contoso/evenkeel/blob/v${packageJson.version}/`;
    expect(links.length).toBeGreaterThan(2);
    expect(
      links.filter((link) => !link.startsWith(base) || !existsSync(join(root, link.slice(base.length)))),
    ).toEqual([]);
  });
});

describe('the bundle', () => {
  it('loads no package that is left out of the install, but for what nobody asks for', () => {
    const leftOut = Object.values(packageJson.overrides).flatMap((packages) => Object.keys(packages));
    expect(leftOut).toContain('apache-arrow');
    const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
    const loaded = imports.filter(({ path }) =>
      leftOut.some((name) => path.includes(`node_modules/${name}/`)),
    );
    expect(loaded).toMatchObject([
      { path: expect.stringContaining('/apache-arrow/'), kind: 'dynamic-import' },
    ]);
  });

  it('is told package by package to whoever scans it', () => {
    const bill = billOfMaterials('evenkeel-app', '1.2.3', 'MIT', bundled);
    expect(bill.metadata.component.purl).toBe('pkg:npm/evenkeel-app@1.2.3');
    expect(bill.components.map(({ name }) => name)).toEqual(bundled.map(({ name }) => name));
    expect(bill.components.map(({ purl }) => purl)).toContainEqual(
      expect.stringMatching(/^pkg:npm\/%40azure\/identity@\d+\.\d+\.\d+$/),
    );
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

  it('is of one version with the installed command, which asks it', async () => {
    const command = join(installed, 'node_modules/.bin/evenkeel');
    const { stdout: version } = await run(machineNode, [command, '--version']);
    const status = await run(machineNode, [command, 'status', '--json', '--app', host.url]).catch(
      (error) => error,
    );
    expect({ command: version, app: JSON.parse(status.stdout).version }).toEqual({
      command: `${packageJson.version}\n`,
      app: packageJson.version,
    });
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
