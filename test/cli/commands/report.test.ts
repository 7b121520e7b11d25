import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { copyTimes, image } from '../../../scripts/status-page/sample-parts.ts';
import { evenStatus, unevenStatus } from '../../../scripts/status-page/sample-status.ts';
import type { StatusDocument } from '../../../src/status/schema.ts';
import { runCommand } from '../run-command.ts';
import { scriptedApp } from '../scripted-app.ts';

async function report(
  status: object,
  args: readonly string[] = [],
  terminal?: { columns: number; rows: number },
) {
  await using app = await scriptedApp({ status: 200, body: status });
  const result = await runCommand(['report', '--app', app.url, ...args], terminal && { terminal });
  return { ...result, questions: app.questions };
}

const twoRegistries: StatusDocument = {
  ...unevenStatus,
  registries: ['myregistry', 'second'].flatMap((registry) =>
    unevenStatus.registries.map((one) => ({
      ...one,
      registry,
      id: `/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/${registry}`,
      loginServer: `${registry}.azurecr.io`,
    })),
  ),
  copyTimes: ['myregistry', 'second'].map((registry) => copyTimes(registry, 'westus', 1)),
  images: {
    open: ['myregistry', 'second'].map((registry) =>
      image({
        registry,
        repository: 'team/app',
        tag: 'v1',
        minutes: 20,
        there: ['eastus'],
        missing: ['westus'],
      }),
    ),
    total: 2,
  },
};

describe('evenkeel report', () => {
  it('shows the copy times of each region, and that no image is late', async () => {
    const { exitCode, stdout, stderr, questions } = await report(evenStatus);
    expect(stdout).toBe(`myregistry.azurecr.io  objective 10m 00s
region         copies  p50     p95      in time
eastus         200     0.0s    0.0s     100%
southeastasia  200     21s     1m 24s   100%
westeurope     200     47s     3m 32s   100%
westus         200     1m 36s  10m 55s  94%

✔ No image misses a region after its objective
`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(questions.map(({ path }) => path)).toEqual(['/api/status']);
  });

  it('names each image that misses a region, with the commands that repair it', async () => {
    const { exitCode, stdout } = await report(unevenStatus);
    const [, images = ''] = stdout.split('\n\n✖ ');
    expect(images).toMatch(
      /^1 image misses a region after the objective; 1 image in replication\n\nmyregistry\/team\/app:v42 is missing in southeastasia after 14m 00s\n {2}To copy it from eastus to southeastasia:\n/,
    );
    expect(images).toContain('\n    az acr login --name myregistry --endpoint southeastasia\n');
    expect(images).toMatch(/\n {4}skopeo copy .*\n$/);
    expect(exitCode).toBe(3);
  });

  it('says where an image has to be pushed again', async () => {
    const open = image({ repository: 'team/app', tag: 'v1', minutes: 20, there: [], missing: ['westus'] });
    const { stdout } = await report({ ...evenStatus, images: { open: [open], total: 1 } });
    expect(stdout).toContain('  To push it to westus again, where it was built:\n');
  });

  it('says for which regions the app sent no commands of their own', async () => {
    const missing = ['southeastasia', 'westeurope', 'westus'];
    const open = image({ repository: 'team/app', tag: 'v1', minutes: 20, there: ['eastus'], missing });
    const images = { open: [{ ...open, repairs: open.repairs.slice(0, 1) }], total: 1 };
    const { stdout } = await report({ ...evenStatus, images });
    expect(stdout).toMatch(/\n {2}Likewise for westeurope, westus\n$/);
  });

  it('keeps to one registry', async () => {
    const { stdout } = await report(twoRegistries, ['--registry', 'second']);
    expect(stdout).toContain('second/team/app:v1');
    expect(stdout).not.toContain('myregistry');
  });

  it('refuses a registry that the app does not watch', async () => {
    const { exitCode, stderr } = await report(twoRegistries, ['--registry', 'third']);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      '✖ --registry: the app does not watch third; it watches myregistry.azurecr.io, second.azurecr.io\n',
    );
  });

  it('prints one document', async () => {
    const { exitCode, stdout } = await report(unevenStatus, ['--json']);
    expect(JSON.parse(stdout)).toEqual({
      now: unevenStatus.now,
      copyTimes: unevenStatus.copyTimes,
      images: unevenStatus.images.open.filter(({ state }) => state === 'stalled'),
      pending: 1,
      unread: [],
      exitCode: 3,
    });
    expect(exitCode).toBe(3);
  });

  it.each([
    ['copyTimes', 'the app cannot read the copy times now'],
    ['images', 'the app cannot read the list of images now'],
  ])('does not take %s that cannot be read for none', async (part, line) => {
    const { exitCode, stdout } = await report({ ...evenStatus, copyTimes: [], unknown: [part] });
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`✖ ${line}\n`);
    expect(stdout).not.toMatch(part === 'images' ? /No image misses/ : /No copy has been measured/);
  });

  it.each([
    ['an app of a version without copy times', undefined],
    ['an app that measured none yet', []],
  ])('says so for %s', async (_, times) => {
    const { stdout } = await report({ ...evenStatus, copyTimes: times });
    expect(stdout).toMatch(/^No copy has been measured yet\.\n/);
  });

  it('breaks sentences at the width of a terminal, and leaves commands whole', async () => {
    const { stdout } = await report(twoRegistries, [], { columns: 44, rows: 24 });
    const lines = stripVTControlCharacters(stdout).split('\n');
    const commands = lines.filter((line) => line.startsWith('    '));
    expect(commands.some((line) => line.length > 44)).toBe(true);
    expect(lines.filter((line) => line.length > 44 && !commands.includes(line))).toEqual([]);
  });

  it('fits its tables on a terminal of 80 columns, whatever the registry is called', async () => {
    const registry = 'x'.repeat(50);
    const long = { ...evenStatus, copyTimes: [copyTimes(registry, 'germanywestcentral', 3)] };
    const { stdout } = await report(long, [], { columns: 80, rows: 24 });
    const widths = stripVTControlCharacters(stdout)
      .split('\n')
      .map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
  });
});
