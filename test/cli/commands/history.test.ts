import { describe, expect, it } from 'vitest';
import { parseSubject } from '../../../src/cli/commands/history/query.ts';
import { runCommand } from '../run-command.ts';
import { type Scripted, scriptedApp } from '../scripted-app.ts';

const record = 'web.spoke-a.internal.contoso.com';
const workspace = '00000000-0000-0000-0000-00000000000a';
const group =
  '/subscriptions/s/resourcegroups/rg-spoke-a/providers/microsoft.containerinstance/containergroups/web';

/** As https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format shows it. */
const answer = (rows: readonly (readonly unknown[])[], more: object = {}): Scripted => ({
  status: 200,
  body: {
    tables: [
      {
        name: 'PrimaryResult',
        columns: [
          { name: 'TimeGenerated', type: 'datetime' },
          { name: 'Finding', type: 'string' },
          { name: 'ContainerGroup', type: 'string' },
          { name: 'HostName', type: 'string' },
          { name: 'Zone', type: 'string' },
          { name: 'LiveAddress', type: 'string' },
          { name: 'RecordAddress', type: 'string' },
          { name: 'EventId', type: 'string' },
          { name: 'LagMs', type: 'long' },
        ],
        rows,
      },
    ],
    ...more,
  },
});
const row = (time: string, finding: string, live: string, recorded: string, lagMs: number | null) => [
  time,
  finding,
  group,
  'web',
  'spoke-a.internal.contoso.com',
  live,
  recorded,
  'event-1',
  lagMs,
];
const rows = [
  row('2026-11-21T07:30:00.123Z', 'no_change', '10.1.0.9', '10.1.0.9', 4_200),
  row('2026-11-21T07:29:30Z', 'drift_detected', '10.1.0.9', '10.1.0.4', 61_000),
  row('2026-11-20T07:00:00Z', 'first_seen', '10.1.0.4', '', null),
];

async function history(script: Scripted, ...args: readonly string[]) {
  await using logs = await scriptedApp(script);
  const env = { EVENKEEL_LOG_WORKSPACE_ID: workspace, EVENKEEL_LOGS_QUERY_ENDPOINT: logs.url };
  const result = await runCommand(['history', ...args], { env });
  return { ...result, questions: logs.questions };
}

describe('evenkeel history', () => {
  it('shows what was observed, the newest first', async () => {
    const { exitCode, stdout, stderr } = await history(answer(rows), record);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(
      stdout.replaceAll(/ {2,}/g, '  '),
    ).toBe(`time  finding  live address  recorded  after  container group
2026-11-21T07:30:00.123Z  right  10.1.0.9  10.1.0.9  4s  rg-spoke-a/web
2026-11-21T07:29:30.000Z  drift  10.1.0.9  10.1.0.4  1m 01s  rg-spoke-a/web
2026-11-20T07:00:00.000Z  first seen  10.1.0.4  none  -  rg-spoke-a/web

3 observations since 2026-11-14T08:00:00.000Z
`);
  });

  it('asks the workspace one question, for the time and the record that are named', async () => {
    const { questions } = await history(answer([]), record, '--since', '24h', '--limit', '3', '--changes');
    expect(questions.map(({ method, path, headers }) => [method, path, headers.authorization])).toEqual([
      ['POST', `/v1/workspaces/${workspace}/query`, undefined],
    ]);
    expect(JSON.parse(questions[0]?.body ?? '')).toEqual({
      query: `EvenkeelDrift_CL
| where HostName =~ "web" and Zone =~ "spoke-a.internal.contoso.com"
| where Finding != "no_change"
| top 3 by TimeGenerated desc
| project TimeGenerated, Finding, ContainerGroup, HostName, Zone, LiveAddress, RecordAddress, EventId, LagMs`,
      timespan: '2026-11-20T08:00:00.000Z/2026-11-21T08:00:00.000Z',
    });
  });

  it('prints the rows with --json', async () => {
    const { stdout } = await history(answer(rows), record, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      since: '2026-11-14T08:00:00.000Z',
      until: '2026-11-21T08:00:00.000Z',
      observations: [{ Finding: 'no_change', LagMs: 4200, ContainerGroup: group }, {}, { LagMs: null }],
    });
  });

  it('says that there may be more, and that there is nothing', async () => {
    expect((await history(answer(rows), record, '--limit', '3')).stdout).toContain('; --limit shows more\n');
    expect((await history(answer([]), record)).stdout).toBe(
      `Nothing was observed of ${record} since 2026-11-14T08:00:00.000Z\n`,
    );
  });

  const refused = (status: number, code: string): Scripted => ({
    status,
    body: { error: { code, message: 'a long sentence', innererror: { code: 'SEM0100' } } },
  });
  it.each<[string, Scripted, string, RegExp]>([
    ['no role', refused(403, 'InsufficientAccessError'), 'missingPermission', /Log Analytics Reader/],
    ['no such workspace', refused(404, 'WorkspaceNotFoundError'), 'refusedCall', /give its customer id/],
    ['no such table', refused(400, 'BadArgumentError'), 'refusedCall', /check --table/],
    [
      'a result that was cut short',
      answer(rows, { error: { code: 'PartialError', message: 'too much' } }),
      'refusedCall',
      /cut short: ask for less time/,
    ],
    [
      'rows of another table',
      {
        status: 200,
        body: { tables: [{ name: 'x', columns: [{ name: 'A', type: 'string' }], rows: [['b']] }] },
      },
      'unexpectedAnswer',
      /not a table of observations/,
    ],
  ])('says in one line what is wrong: %s', async (_, script, code, message) => {
    const { exitCode, stdout, stderr } = await history(script, record, '--json');
    expect(stderr).toMatch(/^✖ .*\n$/);
    expect(stderr).toMatch(message);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code } });
    expect(exitCode).toBe(1);
  });

  it.each([
    [['web'], {}, /expected the name of a record such as/],
    [[record], {}, /EVENKEEL_LOG_WORKSPACE_ID: expected the customer id of the log workspace, found nothing/],
    [[record, '--workspace', 'my-workspace'], {}, /expected a customer id such as/],
    [[record, '--limit', '0'], {}, /--limit: expected a whole number from 1 to 5000/],
    [[record, '--table', 'x | drop'], {}, /--table: expected the name of a table/],
    [[record, '--since', 'yesterday'], {}, /--since: expected a time span/],
    [
      [record],
      { EVENKEEL_LOG_WORKSPACE_ID: workspace, EVENKEEL_LOGS_QUERY_ENDPOINT: 'http://10.0.0.1' },
      /plain http is accepted on loopback only/,
    ],
  ])('asks nothing for %j with %j', async (args, env, message) => {
    const { exitCode, stderr } = await runCommand(['history', ...args], { env });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(message);
  });
});

describe('the query', () => {
  it.each([
    [record, { kind: 'record', hostName: 'web', zone: 'spoke-a.internal.contoso.com' }],
    [
      'WEB.Spoke-A.internal.contoso.com.',
      { kind: 'record', hostName: 'web', zone: 'spoke-a.internal.contoso.com' },
    ],
    ['rg-spoke-a/Web', { kind: 'group', idEnd: group.replace('/subscriptions/s', '') }],
    [group.toUpperCase(), { kind: 'group', idEnd: group }],
  ])('of %s is about %j', (text, subject) => {
    expect(parseSubject(text)).toEqual(subject);
  });

  it.each(['web', 'a b.c.d', 'web"|x.y.z', '', '/web', 'a/b/c'])('is refused for %j', (text) => {
    expect(() => parseSubject(text)).toThrow(/expected the name of a record/);
  });
});
