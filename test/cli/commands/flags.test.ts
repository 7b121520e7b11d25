import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../run-command.ts';
import { type Scripted, scriptedApp } from '../scripted-app.ts';

const now = '2026-11-21T03:12:00.000Z';
const rules = ['minimumRoutable', 'commonCause', 'controlPlane', 'changeBudget', 'holdDown', 'anotherWriter'];

const replica = (region: string, changes: object = {}) => ({
  region,
  name: region,
  routed: true,
  verdict: 'ok',
  since: '2026-11-21T02:00:00.000Z',
  evidence: {
    provisioning: { state: 'Succeeded', since: '2026-11-21T02:00:00.000Z' },
    reachability: { kind: 'alive', latencyMs: 23 },
    lateImages: { late: 0, lateInRegistry: 0 },
    policy: null,
  },
  reasons: [],
  interlocks: [],
  action: { do: 'nothing', because: 'its routing is as it should be' },
  disabledByUs: false,
  contested: false,
  contestedBy: null,
  commands: {
    off: `az acr replication update --name ${region} --global-endpoint-routing false`,
    on: `az acr replication update --name ${region} --global-endpoint-routing true`,
    resume: null,
  },
  ...changes,
});

const flagged = (region: string, changes: object = {}) =>
  replica(region, {
    verdict: 'flagged',
    since: '2026-11-21T03:00:00.000Z',
    evidence: {
      provisioning: { state: 'Updating', since: '2026-11-21T03:00:00.000Z' },
      reachability: { kind: 'failing', reason: 'answered 503', latencyMs: 4 },
      lateImages: { late: 3, lateInRegistry: 4 },
      policy: null,
    },
    reasons: ['its regional endpoint does not serve: answered 503'],
    interlocks: rules.map((rule) => ({ rule, pass: rule !== 'holdDown', detail: `detail of ${rule}` })),
    action: { do: 'nothing', because: 'an interlock refuses' },
    ...changes,
  });

const registry = (name: string, replicas: readonly object[], changes: object = {}) => ({
  registry: name,
  reviewedAt: '2026-11-21T03:11:00.000Z',
  mode: 'flag',
  frozen: null,
  commonCause: false,
  problems: [],
  replicas,
  ...changes,
});

const statusOf = (...registries: readonly object[]) => ({
  version: '1.2.3',
  now,
  even: false,
  problems: [],
  registries,
  somethingNew: true,
});
const well = statusOf(registry('myregistry', [replica('eastus'), replica('westus')]));
const ill = statusOf(
  registry('first', [replica('eastus'), replica('northeurope', { routed: false })]),
  registry('second', [replica('eastus'), flagged('westus')]),
);

async function flags(
  body: unknown,
  args: readonly string[] = [],
  run: Parameters<typeof runCommand>[1] = {},
) {
  const answer: Scripted = typeof body === 'number' ? body : { status: 200, body };
  await using app = await scriptedApp(answer);
  const result = await runCommand(['flags', '--app', app.url, ...args], run);
  return { ...result, lines: result.stdout.split('\n'), questions: app.questions };
}

describe('evenkeel flags exits with', () => {
  it.each<[number, string, unknown, readonly string[]]>([
    [0, 'nothing flagged', well, []],
    [3, 'a flag', ill, []],
    [0, 'a flag of another registry', ill, ['--registry', 'first.azurecr.io']],
    [3, 'a flag of the registry that was asked for', ill, ['--registry', 'SECOND']],
    [1, 'a registry that the app does not watch', ill, ['--registry', 'third']],
    [1, 'a registry that was not reviewed yet', statusOf(registry('new', [], { reviewedAt: null })), []],
    [1, 'no registry at all', statusOf(), []],
    [1, 'no access', 401, []],
    [1, 'something that is no status', { registries: 'none' }, []],
  ])('%i after %s', async (exitCode, _, body, args) => {
    const result = await flags(body, args);
    expect(result.exitCode, result.stdout + result.stderr).toBe(exitCode);
  });
});

describe('evenkeel flags in a pipe', () => {
  it('shows flags first, then what is out of routing, in columns and without colours', async () => {
    const { lines, stdout } = await flags(ill);
    expect(lines.slice(0, 5)).toEqual([
      '✖ 1 of 4 replicas in 2 registries flagged',
      '',
      'registry  region       routing  verdict  for      evidence                                    held by',
      'second    westus       on       flagged  12m 00s  answered 503, Updating, 3 of 4 late images  holdDown',
      'first     northeurope  off      ok       1h 12m   answers in 23 ms                            -',
    ]);
    expect(stdout).toContain('\n2 healthy replicas not shown; use --all to show all\n');
    expect(stdout).not.toContain('\u001b');
  });

  it('tells of each flag why, what holds, and the command to run', async () => {
    const { stdout } = await flags(ill);
    expect(stdout).toContain(
      `
second westus has been flagged for 12m 00s
  its regional endpoint does not serve: answered 503
  ✔ minimumRoutable  detail of minimumRoutable
  ✔ commonCause      detail of commonCause
  ✔ controlPlane     detail of controlPlane
  ✔ changeBudget     detail of changeBudget
  ✖ holdDown         detail of holdDown
  ✔ anotherWriter    detail of anotherWriter
  evenkeel changes nothing: an interlock refuses
  ! do not run this yet: holdDown refuses it
  to take it out of global routing, although holdDown refuses:
    az acr replication update --name westus --global-endpoint-routing false
`,
    );
    expect(stdout).not.toContain('routing true');
  });

  it.each<[string, object, string | undefined]>([
    ['off, for one that is flagged and routed', flagged('westus', { interlocks: [] }), 'routing false'],
    ['off, for one whose routing is not known', flagged('westus', { routed: null }), 'routing false'],
    ['none, for one that is flagged and off', flagged('westus', { routed: false }), undefined],
    [
      'on, for one that is well and that evenkeel switched off',
      replica('westus', { routed: false, disabledByUs: true }),
      'routing true',
    ],
    [
      'none, for one that is well and that somebody else switched off',
      replica('westus', { routed: false }),
      undefined,
    ],
    [
      'that ends a contest',
      flagged('westus', {
        routed: false,
        contested: true,
        contestedBy: 'terraform',
        commands: { off: '', on: '', resume: 'az tag update' },
      }),
      'az tag update',
    ],
  ])('gives the command %s', async (_, one, command) => {
    const { lines } = await flags(statusOf(registry('myregistry', [one])));
    const commands = lines.filter((line) => line.startsWith('    az '));
    expect(commands).toHaveLength(command === undefined ? 0 : 1);
    expect(commands[0] ?? '').toContain(command ?? '');
  });

  it('shows replicas that are well with --all, in one line when there is nothing else to show', async () => {
    expect((await flags(well)).lines).toEqual([
      '✔ none of 2 replicas in 1 registry flagged',
      '',
      '2 healthy replicas not shown; use --all to show all',
      '',
    ]);
    expect((await flags(well, ['--all'])).lines.slice(3)).toEqual([
      'myregistry  eastus  on       ok       1h 12m  answers in 23 ms  -',
      'myregistry  westus  on       ok       1h 12m  answers in 23 ms  -',
      '',
    ]);
  });

  it.each([
    [{ reachability: { kind: 'throttled', retryAfterMs: 5 } }, 'answers 429'],
    [{ reachability: { kind: 'unknown', reason: 'its name does not resolve' } }, 'its name does not resolve'],
    [{ provisioning: null }, 'not read'],
    [{ policy: { routing: 'never' } }, 'policy: never'],
    [{ policy: { routing: 'off', until: '2026-12-01T04:00:00Z' } }, 'maintenance until 2026-12-01T04:00:00Z'],
    [{ somethingNew: 1 }, ''],
  ])('says what was seen at a glance: %j', async (evidence, words) => {
    const { lines } = await flags(
      statusOf(registry('myregistry', [replica('westus', { routed: null, evidence })])),
    );
    expect(lines[3]).toMatch(new RegExp(`unknown {2}ok {7}1h 12m {2}${words}`));
  });

  it('says of a registry that nothing is decided, and why', async () => {
    const frozen = { since: '2026-11-21T03:00:00.000Z', reason: 'no answer: 503' };
    const changes = { frozen, commonCause: true, problems: ['it has no replica in brazilsouth'] };
    const { stdout } = await flags(statusOf(registry('myregistry', [replica('eastus')], changes)));
    expect(stdout).toContain('! myregistry: no decisions for 12m 00s: no answer: 503\n');
    expect(stdout).toContain(
      '! myregistry: no endpoint can be reached; the cause may be on the way to all of them\n',
    );
    expect(stdout).toContain('! myregistry: it has no replica in brazilsouth\n');
  });

  it('passes on nothing that a terminal would obey', async () => {
    const one = flagged('westus', { reasons: ['\u001b[2J gone'] });
    expect((await flags(statusOf(registry('myregistry', [one])))).stdout).not.toContain('\u001b');
  });
});

describe('evenkeel flags on a terminal', () => {
  const width = (lines: readonly string[]) => {
    const table = lines.slice(2, lines.indexOf('', 2));
    return Math.max(...table.map((line) => stripVTControlCharacters(line).length));
  };

  it('has colours, and columns as wide as they need to be', async () => {
    const { stdout, lines } = await flags(ill, [], { terminal: { columns: 200, rows: 24 } });
    expect(stdout).toContain('\u001b[31mflagged\u001b[39m');
    expect(width(lines)).toBe(102);
  });

  it.each([101, 92, 80])('of %i columns wraps the evidence', async (columns) => {
    const { lines, stdout } = await flags(ill, [], { terminal: { columns, rows: 24 } });
    expect(width(lines)).toBeLessThanOrEqual(columns);
    expect(stripVTControlCharacters(stdout)).toMatch(/flagged {2}12m 00s {2}answered .*holdDown\n {40,}\w/);
  });

  it.each([60, 40])('of %i columns gives each replica lines of its own', async (columns) => {
    const { lines, stdout } = await flags(ill, [], {
      terminal: { columns, rows: 24 },
      env: { NO_COLOR: '1' },
    });
    expect(width(lines)).toBeLessThanOrEqual(columns);
    expect(stdout).toContain('second westus\n  flagged for 12m 00s\n  routing on\n  answered 503, ');
  });
});

describe('evenkeel flags on a narrow terminal', () => {
  it.each([60, 40])('of %i columns breaks sentences at words, and leaves commands whole', async (columns) => {
    const { stdout } = await flags(ill, [], { terminal: { columns, rows: 24 }, env: { NO_COLOR: '1' } });
    const lines = stdout.split('\n');
    const commands = lines.filter((line) => line.startsWith('    az acr '));
    expect(commands.length).toBeGreaterThan(0);
    expect(lines.filter((line) => line.length > columns && !commands.includes(line))).toEqual([]);
  });
});

describe('evenkeel flags of two registries with one name', () => {
  const idIn = (group: string) =>
    `/subscriptions/s/resourceGroups/${group}/providers/Microsoft.ContainerRegistry/registries/myregistry`;
  const twin = (group: string, loginServer: string, hosts: readonly string[], one: object) =>
    registry('myregistry', [one], { id: idIn(group), loginServer, hosts });
  const twins = statusOf(
    twin('rg-a', 'myregistry.azurecr.io', ['images.contoso.com'], replica('eastus')),
    twin('rg-b', 'myregistry-a1b2c3.azurecr.io', [], flagged('eastus')),
  );

  it('shows their login servers in place of their names', async () => {
    const { stdout } = await flags(twins, ['--all']);
    expect(stdout).toContain('myregistry.azurecr.io         eastus');
    expect(stdout).toContain('myregistry-a1b2c3.azurecr.io  eastus');
  });

  it.each([
    ['myregistry.azurecr.io', 0],
    ['images.contoso.com', 0],
    [idIn('RG-A'), 0],
    ['myregistry-a1b2c3', 3],
    ['myregistry-a1b2c3.azurecr.io:443', 3],
    [idIn('rg-b'), 3],
  ])('finds one by %s', async (name, exitCode) => {
    expect((await flags(twins, ['--registry', name])).exitCode).toBe(exitCode);
  });

  it('refuses the name, and says what names each', async () => {
    const { exitCode, stderr } = await flags(twins, ['--registry', 'myregistry']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      '--registry: 2 registries have the name myregistry; name one of myregistry.azurecr.io, myregistry-a1b2c3.azurecr.io',
    );
  });
});

describe('evenkeel flags --json', () => {
  it('prints what the status says of the registries, and how many replicas are flagged', async () => {
    const { stdout, stderr, exitCode } = await flags(ill, ['--json', '--registry', 'second']);
    expect(JSON.parse(stdout)).toEqual({
      now,
      flagged: 1,
      registries: [registry('second', [replica('eastus'), flagged('westus')])],
    });
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 3 });
  });
});
