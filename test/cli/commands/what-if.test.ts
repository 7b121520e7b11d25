import { describe, expect, it } from 'vitest';
import { runCommand } from '../run-command.ts';
import { scriptedApp } from '../scripted-app.ts';

const replica = (region: string) => ({
  region,
  name: region,
  routed: true,
  verdict: 'ok',
  since: '2026-11-21T02:00:00.000Z',
  evidence: { provisioning: null, reachability: null, lateImages: null, policy: null },
  commands: { off: 'az acr … false', on: 'az acr … true' },
});
const registry = (name: string, ...regions: readonly string[]) => ({
  registry: name,
  reviewedAt: '2026-11-21T03:11:00.000Z',
  replicas: regions.map(replica),
});
const status = {
  version: '1.2.3',
  now: '2026-11-21T03:12:00.000Z',
  even: true,
  problems: [],
  registries: [registry('first', 'eastus', 'westus'), registry('second', 'eastus')],
};
const check = (name: string, region: string, refusedBy: readonly string[]) => ({
  status: 200,
  body: {
    ...{
      registry: name,
      loginServer: `${name}.azurecr.io`,
      replica: region,
      region,
      mode: 'flag',
      until: null,
    },
    interlocks: [{ rule: 'minimumRoutable', pass: refusedBy.length === 0, detail: 'others that serve: 1' }],
    refusedBy,
    commands: { off: 'az acr … false', on: 'az acr … true' },
  },
});

async function whatIf(region: string, checks: readonly ReturnType<typeof check>[], ...more: string[]) {
  await using app = await scriptedApp({ status: 200, body: status }, ...checks);
  const result = await runCommand(['flags', '--app', app.url, '--what-if', region, ...more]);
  const asked = app.questions
    .slice(1)
    .map(({ method, query, body }) => ({ method, query, ...JSON.parse(body) }));
  return { ...result, asked };
}

describe('evenkeel flags --what-if', () => {
  it('exits with 0 when every interlock passes, and has changed nothing', async () => {
    const { exitCode, stdout, asked } = await whatIf('West US', [check('first', 'westus', [])]);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      '✔ first westus could be taken out of global routing now\n  ✔ minimumRoutable  others that serve: 1\n',
    );
    expect(asked).toEqual([
      { method: 'POST', query: { whatIf: 'true' }, registry: 'first', region: 'West US' },
    ]);
  });

  it('exits with 3 when one refuses in any of the registries', async () => {
    const checks = [check('first', 'eastus', []), check('second', 'eastus', ['minimumRoutable'])];
    const { exitCode, stdout, asked } = await whatIf('eastus', checks);
    expect(exitCode).toBe(3);
    expect(stdout).toContain('✖ second eastus has to stay in global routing: minimumRoutable refuses\n');
    expect(asked).toHaveLength(2);
  });

  it('asks about one registry with --registry', async () => {
    const { exitCode, asked } = await whatIf(
      'eastus',
      [check('second', 'eastus', [])],
      '--registry',
      'second',
    );
    expect({ exitCode, registries: asked.map((one) => one.registry) }).toEqual({
      exitCode: 0,
      registries: ['second'],
    });
  });

  it('leaves out a registry that was not reviewed yet, and has no replica there', async () => {
    const young = { ...registry('young'), reviewedAt: null };
    const missing = { status: 404, body: { error: { code: 'replicaNotFound', message: 'no replica' } } };
    await using app = await scriptedApp(
      { status: 200, body: { ...status, registries: [young, registry('first', 'westus')] } },
      missing,
      check('first', 'westus', []),
    );
    const { exitCode, stdout } = await runCommand(['flags', '--app', app.url, '--what-if', 'westus']);
    expect({ exitCode, asked: app.questions.length }).toEqual({ exitCode: 0, asked: 3 });
    expect(stdout).toContain('✔ first westus');
  });

  it('prints one document with --json', async () => {
    const { stdout } = await whatIf('westus', [check('first', 'westus', ['minimumRoutable'])], '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      passes: false,
      registries: [{ registry: 'first', refusedBy: ['minimumRoutable'] }],
    });
  });

  it('exits with 1 for a region without a replica, and names the others', async () => {
    const { exitCode, stderr } = await whatIf('brazilsouth', []);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('no replica is in brazilsouth; there are replicas in eastus, westus');
  });
});
