import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { realClock } from '../../local/azure/clock.ts';
import { runCommand } from '../cli/run-command.ts';
import { type Broken, brokenSetUps } from './broken-set-ups.ts';
import { appId, installForDoctor, principal } from './doctor-installation.ts';
import { records } from './records.ts';

type World = Awaited<ReturnType<typeof installForDoctor>>;

const reportSchema = v.object({
  exitCode: v.number(),
  checks: v.array(
    v.object({
      check: v.string(),
      findings: v.array(
        v.object({ severity: v.string(), what: v.string(), why: v.string(), fix: v.string() }),
      ),
      skipped: v.nullable(v.string()),
      failure: v.nullable(v.string()),
    }),
  ),
});

describe('evenkeel doctor', () => {
  let world: World;
  beforeAll(async () => {
    world = await installForDoctor();
  });
  afterAll(() => world.close());

  async function doctor({ settings = {}, args = [], clockAheadMs = 0 }: Broken = {}) {
    const { now, sleep } = realClock();
    const clock = { now: () => new Date(now() + clockAheadMs), sleep };
    const env = { ...world.settings, ...settings, EVENKEEL_APP: world.host.url };
    const all = ['doctor', '--principal', principal, '--app-id', appId, '--json', ...args];
    const { exitCode, stdout, stderr } = await runCommand(all, { env, clock });
    expect(stderr).toBe('');
    const report = v.parse(reportSchema, JSON.parse(stdout));
    expect(report.exitCode).toBe(exitCode);
    const findings = report.checks.flatMap(({ check, findings: found, failure }) => [
      ...found.map(({ severity, what }) => `${check}: ${severity}: ${what}`),
      ...(failure === null ? [] : [`${check}: failure: ${failure}`]),
    ]);
    return { exitCode, findings, report };
  }

  it('finds nothing in an installation that is in good order, and looks at everything', async () => {
    const mark = world.azure.requests.mark();
    const { exitCode, findings, report } = await doctor();
    expect(findings).toEqual([]);
    expect(exitCode).toBe(0);
    expect(report.checks.filter(({ skipped }) => skipped !== null)).toEqual([]);
    expect(report.checks).toHaveLength(14);
    const writes = world.azure.requests
      .since(mark)
      .filter(({ method, operation }) => method !== 'GET' && !/GetFullUrl|GetCallbackConfig/.test(operation));
    // The empty batch that the topic is tried with.
    expect(writes.map(({ operation }) => operation)).toEqual(['Topics_PublishEvents']);
  });

  it.each(brokenSetUps)('finds %s, and nothing else', async (_, expected, breakIt) => {
    const broken = await breakIt(world);
    try {
      const { exitCode, findings } = await doctor(broken);
      const [found, ...others] = findings.map((one) => one.replace(/http:\S+/, 'URL'));
      expect(others).toEqual([]);
      expect(found?.slice(0, expected.length)).toBe(expected);
      expect(exitCode).toBe(expected.includes(': note: ') ? 0 : 3);
    } finally {
      await broken.repair?.();
    }
  });

  it('is well again once all of that is repaired', async () => {
    expect((await doctor()).findings).toEqual([]);
  });

  describe('with --send-event', () => {
    const canaries = () => records(world.azure).filter((line) => line.includes('evenkeel-doctor'));

    it('sends an event through, sees it arrive, and leaves nothing behind', async () => {
      const before = records(world.azure);
      const published = world.azure.topic('evenkeel').events.length;
      const { findings, report } = await doctor({ args: ['--send-event'] });
      expect(findings).toEqual([]);
      expect(report.checks.at(-1)).toMatchObject({ check: 'event-path', skipped: null });
      expect(world.azure.topic('evenkeel').events.slice(published)).toMatchObject([
        { type: 'evenkeel.dns.driftDetected', data: { finding: 'orphan' } },
      ]);
      // The record set is gone before the host's line about it is here.
      await vi.waitUntil(
        () => world.lines.some((line) => /dns reconciled .*"removed".*evenkeel-doctor-/.test(line)),
        { timeout: 20_000, interval: 20 },
      );
      expect(records(world.azure)).toEqual(before);
    });

    it('leaves nothing behind when the answer to the creation of its record set is lost', async () => {
      world.azure.faults.add({ match: 'RecordSets_CreateOrUpdate', kind: 'lostAnswer', times: 1 });
      const { report } = await doctor({ args: ['--send-event'] });
      expect(report.checks.at(-1)).toMatchObject({
        failure: expect.stringMatching(/^create A evenkeel-doctor-\w+ on \S+ did not succeed/),
      });
      expect(canaries()).toEqual([]);
    });

    it('says so when it does not arrive, and leaves nothing behind all the same', async () => {
      world.azure.eventGrid.unsubscribe('repair');
      let now = Date.now();
      const sleep = async () => {
        now += 60_000;
      };
      const clock = { now: () => new Date(now), sleep };
      const env = { ...world.settings, EVENKEEL_APP: world.host.url };
      const { exitCode, stdout } = await runCommand(['doctor', '--send-event'], { env, clock });
      expect(exitCode).toBe(3);
      expect(stdout).toMatch(
        /✖ a test event about evenkeel-doctor-\w+\.spoke-a\S+ had no effect within 90 s\n/,
      );
      expect(canaries()).toEqual([]);
      await world.subscribeDrift();
    });
  });

  it('tells people what, why and how to fix it, and what it skipped', async () => {
    const env = { ...world.settings, EVENKEEL_APP: world.host.url, ROUTING_MODE: 'on' };
    const { now, sleep } = realClock();
    const clock = { now: () => new Date(now()), sleep };
    const { exitCode, stdout } = await runCommand(['doctor', '--app-id', appId], { env, clock });
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^Settings\n {2}✖ ROUTING_MODE: .*\n {4}why: .*\n {4}fix: .*az functionapp/);
    expect(stdout).toContain("- Roles of the app's identity: skipped: give --principal");
    expect(stdout).toContain('✔ Zones\n');
    expect(stdout).toMatch(/\n\n✖ 1 error\n$/);
  });

  it('ends with 1 where a check could not run and there is nothing to fix', async () => {
    world.azure.faults.add({
      kind: 'status',
      status: 403,
      code: 'AuthorizationFailed',
      match: 'PrivateZones_Get',
    });
    const { exitCode, findings } = await doctor();
    world.azure.faults.clear();
    expect(exitCode).toBe(1);
    expect(findings).toEqual([expect.stringMatching(/^zones: failure: .*assign the role Reader/)]);
  });

  it('still looks at Azure when the app does not answer', async () => {
    const env = { ...world.settings, EVENKEEL_APP: 'http://127.0.0.1:1' };
    const { exitCode, stdout } = await runCommand(['doctor', '--app-id', appId], { env });
    expect(exitCode).toBe(3);
    expect(stdout).toContain('✖ the app does not report its status: the app cannot be reached');
    expect(stdout).toContain('- Schedules: skipped');
    expect(stdout).toContain('✔ Zones\n');
  });
});
