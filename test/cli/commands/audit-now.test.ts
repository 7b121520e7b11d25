import { describe, expect, it } from 'vitest';
import { evenStatus } from '../../../scripts/status-page/sample-status.ts';
import { runCommand, TestClock } from '../run-command.ts';
import { type Scripted, scriptedApp } from '../scripted-app.ts';

const group =
  '/subscriptions/s/resourceGroups/rg-spoke-a/providers/Microsoft.ContainerInstance/containerGroups/web';
const zone =
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/a.internal.contoso.com';
const before = { ...evenStatus, now: '2026-11-21T03:07:12.000Z' };
const finding = {
  finding: 'addressDiffers',
  containerGroup: group,
  recordSets: [`${zone}/A/web`],
  liveAddress: '10.1.0.9',
  recordAddress: '10.1.0.4',
  repair: 'repaired by the app, within a minute',
};

/** The status after a sweep that began at that time. */
const swept = (startedAt: string, audit: object = {}): Scripted => ({
  status: 200,
  body: { ...before, dns: { ...before.dns, audit: { ...before.dns.audit, startedAt, ...audit } } },
});
const old = swept('2026-11-21T03:07:11.999Z');
const fresh = (audit: object = {}) => swept('2026-11-21T03:07:13.000Z', audit);

async function audit(script: readonly Scripted[], args: readonly string[] = [], env: object = {}) {
  const clock = new TestClock();
  await using app = await scriptedApp(...script);
  const result = await runCommand(['audit', '--now', '--app', app.url, ...args], {
    clock,
    env: { EVENKEEL_KEY: 'function-key', EVENKEEL_MASTER_KEY: 'master-key', ...env },
  });
  return { ...result, questions: app.questions, clock };
}

describe('evenkeel audit --now', () => {
  it('runs auditDns with the master key, and asks with the function key until that sweep has ended', async () => {
    const { exitCode, stdout, questions } = await audit([
      { status: 200, body: before },
      202,
      old,
      503,
      fresh(),
    ]);
    expect(questions.map(({ method, path, headers }) => [method, path, headers['x-functions-key']])).toEqual([
      ['GET', '/api/status', 'function-key'],
      ['POST', '/admin/functions/auditDns', 'master-key'],
      ['GET', '/api/status', 'function-key'],
      ['GET', '/api/status', 'function-key'],
      ['GET', '/api/status', 'function-key'],
    ]);
    expect(questions[1]).toMatchObject({
      body: '{"input":""}',
      headers: { 'content-type': 'application/json' },
    });
    expect(stdout).toBe('✔ no findings; 23 container groups, 47 managed record sets, 2 spokes\n');
    expect(exitCode).toBe(0);
  });

  it('shows what the app found, how many more there are, and exits with 3', async () => {
    const found = fresh({ findings: [finding], findingsTotal: 12 });
    const { exitCode, stdout } = await audit([{ status: 200, body: before }, 202, found]);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(
      /^addressDiffers {2,}rg-spoke-a\/web {2,}10\.1\.0\.9 {2,}10\.1\.0\.4 {2,}A web\.a\.internal\.contoso\.com$/m,
    );
    expect(stdout).toContain('  … and 11 more findings\n');
    expect(stdout).toContain('  addressDiffers: repaired by the app, within a minute\n');
    expect(stdout).toMatch(/\n✖ 12 findings; /);
  });

  it('prints the report as the app sent it with --json', async () => {
    const found = fresh({ findings: [finding], somethingNew: 1 });
    const { stdout } = await audit([{ status: 200, body: before }, 202, found], ['--json']);
    expect(JSON.parse(stdout)).toMatchObject({ findings: [finding], somethingNew: 1 });
  });

  it('exits with 1 after a sweep that did not read everything', async () => {
    const unread = [{ scope: '/subscriptions/s', reason: 'assign the role Reader' }];
    const { exitCode, stdout } = await audit([
      { status: 200, body: before },
      202,
      fresh({ complete: false, unread }),
    ]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('✖ not read completely: /subscriptions/s: assign the role Reader\n');
  });

  it('gives up when no sweep ends, and says where to look', async () => {
    const { exitCode, stderr, clock } = await audit([{ status: 200, body: before }, 202, old]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/✖ no sweep has ended within 11m 00s: look at the log of auditDns/);
    expect(clock.sleeps.length).toBe(330);
  });

  it.each([
    ['no master key', [401], /set EVENKEEL_MASTER_KEY to the master key of the app; a function key does not/],
    ['a function key in its place', [403], /set EVENKEEL_MASTER_KEY/],
    ['no such function', [404], /it has no function auditDns/],
    ['a host that is busy', [503], /503: try again later/],
  ] as const)('says in one line what it needs: %s', async (_, [status], message) => {
    const { exitCode, stderr, questions } = await audit([{ status: 200, body: before }, status]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^✖ the app answered .*\n$/);
    expect(stderr).toMatch(message);
    expect(questions.length).toBe(2);
  });

  it.each([
    [{}, /^✖ EVENKEEL_MASTER_KEY: expected the master key of the app, which --now needs, found nothing; az /],
    [
      { EVENKEEL_MASTER_KEY: 'a b' },
      /^✖ EVENKEEL_MASTER_KEY: expected a key, found characters that no key has/,
    ],
  ])('asks an app in Azure for nothing without a usable key: %j', async (env, message) => {
    const { exitCode, stderr } = await runCommand(['audit', '--now', '--app', 'https://app.invalid'], {
      env,
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(message);
  });
});
