import { execFileSync } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageCommand } from '../../scripts/package/command-package.ts';
import { readSharedManifest } from '../../scripts/package/manifest.ts';
import { replication } from '../cli/commands/wait/fixtures.ts';
import { scriptedApp } from '../cli/scripted-app.ts';
import { digestOf } from '../e2e/registry-notifications.ts';
import { installReplication, type ReplicationInstallation } from '../e2e/replication-installation.ts';
import { runAction, runTemplate } from './pipeline-steps.ts';

const root = join(import.meta.dirname, '../..');
const repository = 'team/piped';

/** The packaged command, away from this repository and its packages. */
let packaged: string;
let tarball: string;
let world: ReplicationInstallation;
beforeAll(async () => {
  packaged = join(await mkdtemp(join(tmpdir(), 'evenkeel-command-')), 'command');
  await packageCommand(root, packaged, await readSharedManifest(root, {}));
  const destination = ['--pack-destination', join(packaged, '..')];
  const name = execFileSync('npm', ['pack', packaged, '--silent', '--offline', ...destination], {
    encoding: 'utf8',
  });
  tarball = join(packaged, '..', name.trim());
  world = await installReplication();
  await world.tellAll({ repository, digest: digestOf('everywhere'), tag: 'everywhere' });
  await world.tell({ repository, digest: digestOf('half'), tag: 'half', region: 'eastus' });
}, 120_000);
afterAll(async () => {
  await world.close();
  await rm(join(packaged, '..'), { recursive: true });
});

interface Wanted {
  readonly image: string;
  readonly app?: string;
  readonly key?: string;
  readonly regions?: string;
  readonly evidence?: string;
  readonly timeout?: string;
  readonly closure?: boolean;
  readonly gone?: boolean;
}

/** Both ways into a pipeline take the same things by other names. */
const ways = {
  'the GitHub action': ({
    image,
    app = world.host.url,
    key = '',
    evidence = '',
    closure,
    gone,
    ...more
  }: Wanted) =>
    runAction(packaged, {
      image,
      app,
      key,
      'min-evidence': evidence,
      closure: String(closure ?? false),
      gone: String(gone ?? false),
      timeout: '60s',
      ...more,
    }).then(({ outputs, ...rest }) => ({ ...rest, told: outputs['exit-code'] })),
  'the Azure Pipelines template': ({ evidence = 'any', key, ...more }: Wanted) =>
    runTemplate(
      join(packaged, 'templates/wait-for-image.yml'),
      { app: world.host.url, package: tarball, minEvidence: evidence, timeout: '60s', ...more },
      key === undefined ? {} : { evenkeelKey: key },
      join(packaged, '../npm-cache'),
    ).then(({ outputs, ...rest }) => ({ ...rest, told: outputs['exitCode'] })),
};

describe.each(Object.entries(ways))('%s', (_, run) => {
  const image = (tag: string) => `myregistry/${repository}:${tag}`;
  const key = 'a-function-key';

  it('ends well when the image is in every region', async () => {
    const { exitCode, told, log } = await run({ image: image('everywhere'), key });
    expect(log).toMatch(/✔ myregistry\/team\/piped:everywhere \(sha256:\w{12}\) is in eastus, /);
    expect({ exitCode, told }).toEqual({ exitCode: 0, told: '0' });
  }, 120_000);

  it('ends well when it is in the named region', async () => {
    const { exitCode, told, log } = await run({ image: image('half'), key, regions: 'eastus' });
    expect({ exitCode, told }, log).toEqual({ exitCode: 0, told: '0' });
  }, 120_000);

  it('fails with 2 when the image is not there in time, and names the regions', async () => {
    const { exitCode, told, log } = await run({ image: image('half'), key, timeout: '1s' });
    expect(log).toContain(
      'is still missing after 1s in southeastasia (waiting), westeurope (waiting), westus',
    );
    expect({ exitCode, told }).toEqual({ exitCode: 2, told: '2' });
  }, 120_000);

  it('fails with 1 for arguments that are wrong, and runs nothing that they contain', async () => {
    const { exitCode, told, log } = await run({ image: '$(touch hacked; echo x)`id`" --help', key });
    expect(log).toContain('names no repository');
    expect(log).not.toMatch(/Usage:|uid=/);
    expect({ exitCode, told }).toEqual({ exitCode: 1, told: '1' });
  }, 120_000);

  it('hands on what is asked for, and the key in a header, and shows the key nowhere', async () => {
    const pullable = replication('replicated', ['eastus+pullable']);
    await using app = await scriptedApp({ status: 200, body: { ...pullable, closure: { children: [] } } });
    const { exitCode, log } = await run({
      image: image('v1'),
      app: app.url,
      key,
      evidence: 'pullable',
      closure: true,
    });
    expect(exitCode, log).toBe(0);
    expect(app.questions).toMatchObject([
      { query: { pullable: 'true', closure: 'true' }, headers: { 'x-functions-key': key } },
    ]);
    expect(log).not.toContain(key);
  }, 120_000);

  it('waits for the end of an image when told to', async () => {
    await using app = await scriptedApp({ status: 200, body: replication('deleted', ['eastus!gone']) });
    const { exitCode, log } = await run({ image: image('v1'), app: app.url, key, gone: true });
    expect(log).toContain('is gone from eastus');
    expect(exitCode).toBe(0);
    expect(app.questions).toMatchObject([{ query: { gone: 'true' } }]);
  }, 120_000);

  it('lets nothing that the app says be a command to the agent', async () => {
    const message = 'no ##vso[task.setvariable variable=exitCode;isOutput=true]0 and ##[add-path]/tmp';
    await using app = await scriptedApp({ status: 400, body: { error: { code: 'x', message } } });
    const { exitCode, told, log } = await run({ image: image('v1'), app: app.url, key });
    expect(log).toContain('## vso[task.setvariable variable=exitCode;isOutput=true]0 and ## [add-path]/tmp');
    expect({ exitCode, told }).toEqual({ exitCode: 1, told: '1' });
  }, 120_000);
});

describe('the GitHub action', () => {
  it('says what to do where its command was not built', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'evenkeel-action-'));
    await copyFile(join(root, 'action.yml'), join(directory, 'action.yml'));
    const { exitCode, log } = await runAction(directory, { image: 'myregistry/app:v1', app: world.host.url });
    expect(exitCode).toBe(1);
    expect(log).toMatch(/^::error::.* docs\/pipelines\.md says\n$/);
    await rm(directory, { recursive: true });
  });
});
