import { type ChildProcess, spawn } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { serveHttp } from '../../../local/azure/http-server.ts';
import { spawnHost } from '../../../local/host/spawn-host.ts';
import { bundledHost } from '../../support/bundled-host.ts';
import { aStorageAccount } from '../../support/storage-account.ts';

const program = fileURLToPath(new URL('../../../local/azure/main.ts', import.meta.url));

interface Command {
  readonly child: ChildProcess;
  output(): string;
  readonly exit: Promise<number | null>;
  /** Waits for output that matches, and returns its first group. */
  says(pattern: RegExp): Promise<string>;
}

/** The settings that the command prints. */
const printedSettings = (output: string): Record<string, string> =>
  Object.fromEntries(
    [...output.matchAll(/^ {2}([A-Z][A-Za-z_]+) {2,}(.+)$/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );

let nextPort = 10_000 + (process.pid % 10_000);

/** A URL of this machine on which nothing listens, below the ports that the system gives to whoever asks for any. */
async function freeUrl(): Promise<{ readonly url: string; readonly port: number }> {
  for (;;) {
    nextPort += 1;
    const server = await serveHttp(nextPort, async () => undefined).catch(() => undefined);
    if (server === undefined) continue;
    const { url, port } = server;
    await server.close();
    return { url, port };
  }
}

describe('npm run azure', () => {
  const running: ChildProcess[] = [];
  afterEach(() => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
  });

  const start = (...args: string[]): Command => {
    const child = spawn(
      process.execPath,
      [program, '--port', '0', '--dns-port', '0', '--no-storage', ...args],
      {
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    );
    running.push(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    }
    return {
      child,
      output: () => text,
      exit: new Promise((resolve) => child.once('exit', resolve)),
      says: (pattern) =>
        vi.waitFor(
          () => {
            const found = pattern.exec(text);
            if (found === null) throw new Error(`waited for ${pattern} in: ${text}`);
            return found[1] ?? '';
          },
          { timeout: 10_000, interval: 10 },
        ),
    };
  };

  it('prints where it is and how to use it, answers, and ends with 0 on SIGTERM', async () => {
    const command = start('--no-deliver-to');
    const url = await command.says(/^evenkeel azure ready on (http:\/\/127\.0\.0\.1:\d+)$/m);
    expect(command.output()).toContain(`ARM_ENDPOINT                    ${url}\n`);
    const setting: unknown = JSON.parse(await command.says(/^ {2}REGISTRIES +(.+)$/m));
    expect(setting).toMatchObject([
      {
        id: expect.stringMatching(/\/registries\/myregistry$/),
        endpoints: { westus: `${url}/registry-endpoints/myregistry/westus` },
      },
    ]);
    expect(command.output()).toMatch(/^ {2}REGISTRY_WEBHOOK_SECRET +\S+$/m);
    expect(command.output()).toMatch(/dig @127\.0\.0\.1 -p \d+ web\.spoke-a/);
    const hub = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-hub-dns';
    const zones = [
      'spoke-a.internal.contoso.com',
      'spoke-b.internal.contoso.com',
      '1.10.in-addr.arpa',
      '10.in-addr.arpa',
    ];
    for (const name of zones) {
      const zone = `${hub}/providers/Microsoft.Network/privateDnsZones/${name}`;
      const answer = await fetch(`${url}${zone}?api-version=2024-06-01`);
      expect(await answer.json()).toMatchObject({ name });
    }
    // What it prints is in local.settings.sample.json, which has its default ports.
    await command.says(/(docs\/simulator\.md)/);
    const printed = printedSettings(command.output());
    const sample = JSON.parse(
      await readFile(new URL('../../../local.settings.sample.json', import.meta.url), 'utf8'),
    );
    const { AzureWebJobsStorage: _, ...settings } = printed;
    expect(JSON.parse(JSON.stringify(settings).replaceAll(url, 'http://127.0.0.1:7080'))).toEqual(
      Object.fromEntries(Object.keys(settings).map((name) => [name, sample.Values[name]])),
    );
    expect(sample.Values).toMatchObject({
      FUNCTIONS_WORKER_RUNTIME: 'node',
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    });
    command.child.kill('SIGTERM');
    expect(await command.exit).toBe(0);
  });

  it('says in one line which port is in use, and ends with 1', async () => {
    const occupant = await serveHttp(0, async () => undefined);
    const command = start('--port', String(occupant.port));
    expect(await command.exit).toBe(1);
    await occupant.close();
    await command.says(/(\n)/);
    expect(command.output()).toBe(`port ${occupant.port} is in use\n`);
  });

  it('shows no key where the host is down, delivers events once it is up, and ends with the process that started it', async () => {
    const free = await freeUrl();
    const command = start('--deliver-to', free.url, '--key', 'hush+key=', '--function-key', 'hush+key=');
    const url = await command.says(/ready on (\S+)/);
    await command.says(/No events are delivered yet: .* connect ECONNREFUSED/);
    expect(command.output()).toContain(`${free.url}/runtime/webhooks/EventGrid?functionName=`);
    expect(command.output()).not.toContain('hush');
    const received: string[] = [];
    const host = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const kind = request.headers['aeg-event-type'];
      if (request.method === 'OPTIONS') response.setHeader('WebHook-Allowed-Origin', 'eventgrid.azure.net');
      const [, eventType] = /"eventType":"([^"]+)"/.exec(body) ?? [];
      const [, validationResponse] = /"validationCode":"([^"]+)"/.exec(body) ?? [];
      if (request.url?.startsWith('/api/'))
        received.push(`${request.url} ${request.headers['x-evenkeel-secret']}`);
      if (kind === 'Notification') received.push(`${request.url?.split('?')[1]} ${eventType}`);
      response.end(JSON.stringify({ validationResponse }));
    });
    host.listen(free.port, '127.0.0.1');
    await command.says(/Events are delivered to reconcileDns and trackIpDrift/);
    await fetch(`${url}/_sim/container-groups`, {
      method: 'POST',
      body: '{"resourceGroup":"rg-spoke-a","name":"web"}',
    });
    await vi.waitFor(() => expect(received).toHaveLength(2), { timeout: 5_000, interval: 10 });
    await command.says(/(Events and webhooks of the registry are delivered)/);
    await fetch(`${url}/_sim/registries/push`, {
      method: 'POST',
      body: '{"repository":"team/app","tag":"v1"}',
    });
    await vi.waitFor(() => expect(received).toHaveLength(2 + 4 * 2), { timeout: 5_000, interval: 10 });
    command.child.disconnect();
    expect(await command.exit).toBe(0);
    host.closeAllConnections();
    host.close();
    const secret = await command.says(/REGISTRY_WEBHOOK_SECRET +(\S+)/);
    expect(received.toSorted()).toEqual([
      ...['eastus', 'southeastasia', 'westeurope', 'westus'].map(
        (region) => `/api/registry-webhook?region=${region}&code=hush%2Bkey%3D ${secret}`,
      ),
      ...Array(4).fill(
        'functionName=receiveRegistryEvent&code=hush%2Bkey%3D Microsoft.ContainerRegistry.ImagePushed',
      ),
      'functionName=reconcileDns&code=hush%2Bkey%3D Microsoft.Resources.ResourceWriteSuccess',
      'functionName=trackIpDrift&code=hush%2Bkey%3D Microsoft.Resources.ResourceWriteSuccess',
    ]);
  });

  it('has a host with these settings keep DNS right and know the images, with no further step', async () => {
    const free = await freeUrl();
    const command = start('--deliver-to', free.url);
    const url = await command.says(/ready on (\S+)/);
    const dnsPort = await command.says(/dig @127\.0\.0\.1 -p (\d+)/);
    const { connectionString } = await aStorageAccount();
    const settings = { ...printedSettings(command.output()), AzureWebJobsStorage: connectionString };
    const directory = fileURLToPath(new URL('../../..', import.meta.url));
    const host = await spawnHost({ directory, program: bundledHost, port: free.port, env: settings });
    try {
      await command.says(/(Events and webhooks of the registry are delivered)/);
      const post = (path: string, body: object) =>
        fetch(`${url}/_sim/${path}`, { method: 'POST', body: JSON.stringify(body) });
      await post('container-groups', { resourceGroup: 'rg-spoke-a', name: 'web' });
      await post('registries/push', { repository: 'team/app', tag: 'v1' });
      const resolver = new Resolver();
      resolver.setServers([`127.0.0.1:${dnsPort}`]);
      const resolved = () => resolver.resolve4('web.spoke-a.internal.contoso.com').catch(() => []);
      await expect.poll(resolved, { timeout: 10_000 }).toEqual(['10.1.0.4']);
      const question = `${host.url}/api/replication?registry=myregistry&repository=team/app&reference=v1&wait=10`;
      expect(await (await fetch(question)).json()).toMatchObject({ state: 'replicated' });
    } finally {
      await host.stop();
    }
  });
});
