import { describe, expect, it } from 'vitest';
import { runCommand } from '../run-command.ts';
import { type Scripted, scriptedApp } from '../scripted-app.ts';

const group =
  '/subscriptions/s/resourceGroups/rg-spoke-a/providers/Microsoft.ContainerInstance/containerGroups/web';
const off = 'az acr replication update --registry myregistry --name westus --global-endpoint-routing false';

const replica = (region: string, command: string) => ({
  region,
  name: region,
  routed: true,
  verdict: 'ok',
  since: '2026-11-21T01:00:00.000Z',
  evidence: {},
  commands: { off: command, on: 'az 2' },
});

const even = {
  version: '1.2.3',
  now: '2026-11-21T03:12:00.000Z',
  even: true,
  problems: [],
  dns: {
    spokes: [{ key: 'rg-spoke-a', groups: 12, recordSets: 24, findings: 0, conflicts: 0 }],
    audit: {
      startedAt: '2026-11-21T02:59:00.000Z',
      finishedAt: '2026-11-21T03:00:00.000Z',
      complete: true,
      findings: [],
    },
    repairs: { event: 5, audit: 1 },
  },
  images: {
    open: [{ registry: 'myregistry', repository: 'team/app', digest: 'sha256:0', state: 'pending' }],
    total: 1,
  },
  registries: [
    {
      registry: 'myregistry',
      reviewedAt: '2026-11-21T03:11:00.000Z',
      mode: 'flag',
      replicas: [replica('eastus', 'az 1'), replica('westus', off)],
    },
  ],
  signals: { unpublished: 0, lastPublishedAt: null },
  somethingNew: { kept: true },
};

const notEven = {
  ...even,
  even: false,
  problems: [
    { code: 'driftFound', message: '2 record findings of the last sweep', since: '2026-11-21T02:50:00.000Z' },
    { code: 'settingBad', message: 'DNS_ZONE_MAP:\u001b[2J expected JSON', since: null },
  ],
  dns: {
    ...even.dns,
    audit: {
      ...even.dns.audit,
      findings: [
        { finding: 'aMissing', containerGroup: group, healedAt: null },
        { finding: 'orphan', containerGroup: `${group}-healed`, healedAt: '2026-11-21T03:10:00.000Z' },
      ],
    },
  },
  registries: even.registries.map((registry) => ({
    ...registry,
    replicas: registry.replicas.map((replica) =>
      replica.region === 'westus' ? { ...replica, verdict: 'flagged' } : replica,
    ),
  })),
};

async function status(answer: Scripted, ...args: readonly string[]) {
  await using app = await scriptedApp(answer);
  const result = await runCommand(['status', '--app', app.url, ...args], { env: { EVENKEEL_KEY: 'a-key' } });
  return { ...result, questions: app.questions };
}

describe('evenkeel status exits with', () => {
  it.each<[number, string, Scripted]>([
    [0, 'all even', { status: 200, body: even }],
    [3, 'a problem', { status: 200, body: notEven }],
    [1, 'no access', 401],
    [1, 'an app that cannot answer now', 503],
    [1, 'no connection', 'hangUp'],
    [1, 'a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
    [1, 'something that is not evenkeel', { status: 200, body: 'hello' }],
  ])('%i after %s', async (exitCode, _, answer) => {
    const result = await status(answer);
    expect(result.exitCode, result.stdout + result.stderr).toBe(exitCode);
    if (exitCode === 1) expect(result.stderr).toMatch(/^✖ the app .+\n$/);
  });
});

describe('evenkeel status', () => {
  it('asks with the key in a header', async () => {
    const { questions } = await status({ status: 200, body: even });
    expect(questions).toMatchObject([
      { path: '/api/status', query: {}, headers: { 'x-functions-key': 'a-key' } },
    ]);
  });

  it('says in one line that all is even, and then how much there is', async () => {
    const { stdout } = await status({ status: 200, body: even });
    expect(stdout).toMatch(/^✔ All good {2}http:\S+, evenkeel 1\.2\.3, 2026-11-21T03:12:00\.000Z\n\n/);
    expect(stdout).toContain('1 spoke, 12 container groups, 24 record sets; last sweep 12m 00s ago\n');
    expect(stdout).toContain('2 in 1 registry, 0 flagged, 0 out of global routing\n');
    expect(stdout).toContain('0 unpublished, none published yet\n');
  });

  it('says what is not even first, for how long, where, and what to do', async () => {
    const { stdout } = await status({ status: 200, body: notEven });
    expect(stdout).toMatch(/^✖ 2 problems /);
    expect(stdout).toContain('driftFound  2 record findings of the last sweep  for 22m 00s\n');
    expect(stdout).toContain(`aMissing  ${group}\n`);
    expect(stdout).not.toContain('-healed');
    expect(stdout).toContain(`${off}\n`);
    expect(stdout).not.toContain('az 1');
  });

  it('breaks lines at words by the width of a terminal, below the text that they go on with', async () => {
    await using app = await scriptedApp({ status: 200, body: notEven });
    const terminal = { columns: 50, rows: 24 };
    const run = { env: { NO_COLOR: '1' }, terminal };
    const { stdout } = await runCommand(['status', '--app', app.url], run);
    expect(stdout).toContain(`
  driftFound  2 record findings of the last sweep
              for 22m 00s
  settingBad  DNS_ZONE_MAP: [2J expected JSON
`);
    // A command is to be copied as it is.
    expect(stdout).toContain(`\n  ${off}\n`);
  });

  it('passes on nothing that a terminal would obey', async () => {
    const { stdout } = await status({ status: 200, body: notEven });
    expect(stdout).toContain('DNS_ZONE_MAP: [2J expected JSON');
    expect(stdout).not.toContain('\u001b');
  });

  it('prints the whole document with --json', async () => {
    const { stdout, exitCode } = await status({ status: 200, body: notEven }, '--json');
    expect(JSON.parse(stdout)).toEqual(notEven);
    expect(exitCode).toBe(3);
  });
});
