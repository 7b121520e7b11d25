import { describe, expect, it } from 'vitest';
import { runCommand } from '../run-command.ts';
import { type Scripted, scriptedApp } from '../scripted-app.ts';

const rules = ['minimumRoutable', 'holdDown'];
const answer = (refusedBy: readonly string[], more: object = {}) => ({
  registry: 'myregistry',
  loginServer: 'myregistry.azurecr.io',
  replica: 'westus',
  region: 'westus',
  mode: 'flag',
  until: '2026-11-21T09:00:00.000Z',
  interlocks: rules.map((rule) => ({ rule, pass: !refusedBy.includes(rule), detail: `detail of ${rule}` })),
  refusedBy,
  commands: { off: 'az acr … false', on: 'az acr … true' },
  ...more,
});
const passes = { status: 200, body: answer([]) };
const accepted = { status: 202, body: answer([]) };
const refuses = { status: 200, body: answer(['minimumRoutable']) };
const ended = { status: 202, body: answer([]) };

const begin = ['rehearse', 'myregistry', 'westus', '--for', '1h'];
const stop = ['rehearse', 'myregistry', 'westus', '--end'];

async function run(
  args: readonly string[],
  script: readonly Scripted[],
  { typed, user = 'ada' }: { readonly typed?: readonly string[]; readonly user?: string } = {},
) {
  await using app = await scriptedApp(...script);
  const env = { EVENKEEL_APP: app.url, USER: user };
  const result = await runCommand(args, { env, ...(typed === undefined ? {} : { typed }) });
  const asked = app.questions.map(({ method, query, body }) => ({
    method,
    query,
    body: body === '' ? undefined : JSON.parse(body),
  }));
  return { ...result, asked };
}

describe('evenkeel rehearse', () => {
  it('shows every interlock, asks, and then asks the app for it', async () => {
    const wish = [...begin, '--reason', 'game day'];
    const { exitCode, stdout, stderr, asked } = await run(wish, [passes, accepted], { typed: ['y'] });
    expect(exitCode).toBe(0);
    const body = { registry: 'myregistry', region: 'westus', for: 'PT3600S', by: 'ada', reason: 'game day' };
    expect(asked).toEqual([
      { method: 'POST', query: { whatIf: 'true' }, body },
      { method: 'POST', query: {}, body },
    ]);
    expect(stdout).toContain('  ✔ minimumRoutable  detail of minimumRoutable\n');
    expect(stderr).toContain(
      'Take westus of myregistry out of global routing until 2026-11-21T09:00:00.000Z?',
    );
    expect(stdout).toContain('    az acr … false\n');
    expect(stdout).toContain('    evenkeel rehearse myregistry.azurecr.io westus --end\n');
  });

  it('says that evenkeel turns the switch where it enforces', async () => {
    const enforcing = { status: 202, body: answer([], { mode: 'enforce' }) };
    const { stdout } = await run([...begin, '--yes'], [passes, enforcing]);
    expect(stdout).toContain('evenkeel turns the switch, both ways');
    expect(stdout).not.toContain('az acr');
  });

  it.each([
    ['a no', ['n'], 'nothing was changed\n'],
    ['no terminal', undefined, 'run this on a terminal, or give --yes'],
  ])('changes nothing after %s', async (_, typed, told) => {
    const { exitCode, stdout, asked } = await run(begin, [passes], typed === undefined ? {} : { typed });
    expect(exitCode).toBe(2);
    expect(stdout).toContain(told);
    expect(asked.map(({ query }) => query)).toEqual([{ whatIf: 'true' }]);
  });

  it('asks nothing where an interlock refuses', async () => {
    const { exitCode, stdout, stderr, asked } = await run([...begin, '--yes'], [refuses], { typed: ['y'] });
    expect(exitCode).toBe(3);
    expect(stdout).toContain('  ✖ minimumRoutable  detail of minimumRoutable\n');
    expect(stderr).toBe('');
    expect(asked).toHaveLength(1);
  });

  it('exits with 3 where an interlock refuses meanwhile', async () => {
    const conflict = {
      status: 409,
      body: answer(['holdDown'], { error: { code: 'interlocked', message: '…' } }),
    };
    const { exitCode, stdout } = await run([...begin, '--yes'], [passes, conflict]);
    expect(exitCode).toBe(3);
    expect(stdout).toContain('nothing was changed: holdDown refuses');
  });

  it('ends one, without asking', async () => {
    const { exitCode, stdout, stderr, asked } = await run(stop, [ended]);
    expect(exitCode).toBe(0);
    expect(asked).toEqual([
      { method: 'DELETE', query: { registry: 'myregistry', region: 'westus' }, body: undefined },
    ]);
    expect(stdout).toContain('ends with the next review\n');
    expect(stdout).toContain('    az acr … true\n');
    expect(stderr).toBe('');
  });

  it('prints one document with --json', async () => {
    const yes = await run([...begin, '--yes', '--json'], [passes, accepted]);
    expect(JSON.parse(yes.stdout)).toMatchObject({ result: 'accepted', region: 'westus', refusedBy: [] });
    const no = await run([...begin, '--yes', '--json'], [refuses]);
    expect(JSON.parse(no.stdout)).toMatchObject({ result: 'refused', refusedBy: ['minimumRoutable'] });
    const unasked = await run([...begin, '--json'], [passes]);
    expect(JSON.parse(unasked.stdout)).toMatchObject({ result: 'notAsked' });
    const over = await run([...stop, '--json'], [ended]);
    expect(JSON.parse(over.stdout)).toMatchObject({ result: 'ended' });
  });

  const told = (status: number, code: string, message: string) => ({
    status,
    body: { error: { code, message } },
  });
  it.each([
    [
      'a registry that is not configured',
      told(404, 'registryNotConfigured', 'the registry …'),
      'argumentBad',
      'the registry …',
    ],
    ['an app without rehearsals', 404, 'appRefused', 'is this version deployed there?'],
    ['an address that leads elsewhere', 302, 'appRefused', "give the app's own base URL"],
    ['a key that is wrong', 401, 'appRefused', 'EVENKEEL_KEY'],
    [
      'a state that cannot be read',
      told(503, 'notRecorded', 'try again'),
      'appNotAnswered',
      '503: try again',
    ],
    ['another answer', { status: 200, body: {} }, 'appRefused', 'another version'],
  ] as const)('is one line, and one document, for %s', async (_, scripted, code, message) => {
    const { exitCode, stdout, stderr } = await run([...begin, '--yes', '--json'], [scripted]);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ error: { code, message: expect.stringContaining(message) } });
    expect(stderr).toMatch(/^✖ .*\n$/);
  });

  it.each([
    ['no time', ['rehearse', 'myregistry', 'westus'], /--for: say how long/],
    ['a time without a unit', ['rehearse', 'myregistry', 'westus', '--for', '60'], /at most 7 days/],
    ['a time beyond a week', ['rehearse', 'myregistry', 'westus', '--for', '8d'], /at most 7 days/],
    ['a time and an end', [...stop, '--for', '1h'], /exclude each other/],
  ])('refuses %s before it asks the app', async (_, args, message) => {
    const { exitCode, stderr, asked } = await run(args, [passes]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(message);
    expect(asked).toEqual([]);
  });
});
