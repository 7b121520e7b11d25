import { describe, expect, it } from 'vitest';
import { runCommand, TestClock } from '../run-command.ts';
import { type Scripted, scriptedApp } from '../scripted-app.ts';
import { digest, failure, otherDigest, region, replication } from './wait/fixtures.ts';

const image = 'myregistry/team/app:v1';
const pending = replication('pending', ['eastus+webhook', 'westus']);
const replicated = replication('replicated', ['eastus+webhook', 'westus+event']);
const notYet = { status: 202, body: pending, headers: { 'retry-after': '5' } };
const everywhere = { status: 200, body: replicated };

const disagreeing = {
  status: 409,
  body: replication('stalled', ['eastus+webhook', 'westus+webhook', 'southeastasia'], {
    diverged: { southeastasia: otherDigest },
  }),
};
const superseded = { status: 409, body: { ...pending, state: 'superseded', supersededBy: otherDigest } };
const left = replication('deleted', ['eastus!gone', 'westus!gone']);
const leaving = { status: 202, body: replication('deleted', ['eastus!gone', 'westus!present']) };
const lacking = {
  status: 200,
  body: {
    ...replicated,
    regions: [{ ...region('eastus+verified'), pullable: { checked: 2, missing: [otherDigest] } }],
  },
};

/** Escapes in a form that can be read, and matched. */
const visible = (text: string): string => text.replaceAll('\x1b', '␛');

async function wait(
  script: readonly Scripted[],
  args: readonly string[] = [],
  run: Parameters<typeof runCommand>[1] & { readonly clock?: TestClock } = {},
) {
  await using app = await scriptedApp(...script);
  const clock = run.clock ?? new TestClock();
  const result = await runCommand(['wait', image, '--app', app.url, ...args], { ...run, clock });
  return { ...result, questions: app.questions, sleeps: clock.sleeps };
}

const named = (...regions: string[]) => regions.flatMap((region) => ['--regions', region]);

describe('evenkeel wait exits with', () => {
  it.each<[number, string, readonly Scripted[], readonly string[]]>([
    [0, 'an image that is everywhere', [everywhere], []],
    [0, 'one that gets there', [404, notYet, everywhere], []],
    [0, 'an app that comes back', [503, 'hangUp', 502, everywhere], []],
    [0, 'the named region', [notYet], ['--regions', 'East US']],
    [2, 'a named region that lacks it, each named by its own option', [notYet], named('westus', 'eastus')],
    [0, 'the named region, though others disagree', [disagreeing], ['--regions', 'eastus,westus']],
    [0, 'the named region, though superseded elsewhere', [superseded], ['--regions', 'eastus']],
    [0, 'an image that goes', [leaving, { status: 200, body: left }], ['--gone']],
    [0, 'an image that is gone from the named region', [leaving], ['--gone', '--regions', 'eastus']],
    [2, 'an image that does not go', [leaving], ['--gone']],
    [2, 'an image to go that nobody has seen', [404], ['--gone']],
    [2, 'a layer that never comes', [lacking], ['--min-evidence', 'pullable']],
    [3, 'the named region, which disagrees', [disagreeing], ['--regions', 'southeastasia']],
    [
      0,
      'a stall that ends',
      [{ ...notYet, body: { ...pending, state: 'stalled' } }, everywhere],
      ['--through-stall'],
    ],
    [1, 'no access', [401], []],
    [1, 'no right', [403], []],
    [1, 'a bad request', [{ status: 400, body: failure('Malformed') }], []],
    [1, 'a registry that is not configured', [{ status: 404, body: failure('registryNotConfigured') }], []],
    [1, 'a redirect', [{ status: 302, headers: { location: 'http://127.0.0.1:1/' } }], []],
    [1, 'an app that never answers', ['hangUp'], []],
    [1, 'an app that is out of order all the time', [503], []],
    [2, 'an image that is not there in time', [notYet], []],
    [2, 'an image that nobody has seen', [404], []],
    [2, 'an app that answered, and is gone at the end', [404, 'hangUp'], []],
    [2, 'evidence that never gets good enough', [everywhere], ['--min-evidence', 'verified']],
    [3, 'a stall', [{ ...notYet, body: { ...pending, state: 'stalled' } }], []],
    [
      3,
      'a successor',
      [{ status: 409, body: { ...pending, state: 'superseded', supersededBy: otherDigest } }],
      [],
    ],
    [3, 'regions that disagree', [{ status: 409, body: pending }], []],
    [3, 'a deletion', [{ status: 410, body: { ...pending, state: 'deleted' } }], []],
  ])('%i after %s', async (exitCode, _, script, args) => {
    const result = await wait(script, ['--timeout', '30s', ...args]);
    expect(result.exitCode, result.stdout + result.stderr).toBe(exitCode);
    const last = exitCode === 1 ? result.stderr : result.stdout;
    expect(last.trimEnd().split('\n').at(-1)).toMatch(exitCode === 0 ? /^✔ / : /^✖ /);
  });
});

describe('evenkeel wait asks', () => {
  it('for the image, lets the app hold the question, and sends the key as a header only', async () => {
    const { questions, stdout, stderr } = await wait([everywhere], [], { env: { EVENKEEL_KEY: 'the-key' } });
    expect(questions).toHaveLength(1);
    expect(questions[0]).toMatchObject({
      path: '/api/replication',
      query: { registry: 'myregistry', repository: 'team/app', reference: 'v1', wait: '25' },
      headers: { 'x-functions-key': 'the-key' },
    });
    expect(stdout + stderr).not.toContain('the-key');
  });

  it('for verification when that is the evidence wanted', async () => {
    const verified = { status: 200, body: replication('replicated', ['eastus+verified']) };
    const { questions, exitCode } = await wait([everywhere, verified], ['--min-evidence', 'verified']);
    expect(questions.map(({ query }) => query['verify'])).toEqual(['true', 'true']);
    expect(exitCode).toBe(0);
  });

  it.each([
    ['layers when they have to be there', ['--min-evidence', 'pullable'], { pullable: 'true' }],
    ['platforms when they have to be there', ['--closure'], { closure: 'true' }],
    ['the end of the image when that is wanted', ['--gone'], { gone: 'true' }],
    ['nothing else', [], {}],
  ])('for %s', async (_, args, wanted) => {
    const { questions } = await wait([everywhere], [...args, '--timeout', '1s']);
    const { registry, repository, reference, wait: held, ...asked } = questions[0]?.query ?? {};
    expect(asked).toEqual(wanted);
  });

  it('more often when somebody watches, or waits for some of the regions', async () => {
    const terminal = { columns: 80, rows: 24 };
    const waitsOf = async (...asked: Parameters<typeof wait>) =>
      (await wait(...asked)).questions.map(({ query }) => query['wait']);
    expect(await waitsOf([notYet, notYet, everywhere], [], { terminal })).toEqual(['0', '5', '5']);
    expect(await waitsOf([notYet, notYet, everywhere], ['--regions', 'westus'])).toEqual(['0', '2', '2']);
  });

  it('again at once after a question that was held, and after Retry-After otherwise', async () => {
    const clock = new TestClock();
    const held = { ...notYet, during: () => clock.advance(25_000) };
    const { questions, sleeps } = await wait([held, held, notYet, everywhere], [], { clock });
    expect(questions).toHaveLength(4);
    expect(sleeps).toEqual([5000]);
  });

  it('until the very end of its time, and never lets the app hold a question beyond it', async () => {
    const { questions, sleeps, exitCode } = await wait([notYet], ['--timeout', '12s']);
    expect(questions.map(({ query }) => query['wait'])).toEqual(['12', '7', '2', '0']);
    expect(sleeps).toEqual([5000, 5000, 2000]);
    expect(exitCode).toBe(2);
  });

  it('and rests after it has looked only where the app asks for it', async () => {
    const args = ['--regions', 'westus'];
    expect((await wait([notYet, everywhere], args)).sleeps).toEqual([]);
    expect((await wait([notYet, notYet, everywhere], args)).sleeps).toEqual([5000]);
    expect((await wait([503, everywhere], args)).sleeps).toEqual([3000]);
  });

  it('without haste in its last second', async () => {
    const args = ['--min-evidence', 'verified', '--timeout', '1s'];
    const { questions, sleeps } = await wait([everywhere], args);
    expect(questions).toHaveLength(2);
    expect(sleeps).toEqual([1000]);
  });

  it('nobody but the app: a redirect is not followed', async () => {
    await using other = await scriptedApp(everywhere);
    const redirect = { status: 307, headers: { location: `${other.url}/api/replication` } };
    await wait([redirect], [], { env: { EVENKEEL_KEY: 'the-key' } });
    expect(other.questions).toEqual([]);
  });
});

describe('evenkeel wait shows', () => {
  it('a line at each change in a log, without control characters', async () => {
    const { stdout, stderr } = await wait([503, 404, notYet, notYet, everywhere]);
    expect(stdout).toBe(
      `${[
        'Waiting until myregistry/team/app:v1 is in every region, for at most 10m 00s.',
        '     0s  the app answered 503; trying again',
        '     3s  the app answers again',
        '     3s  not seen by evenkeel yet',
        '     6s  seen as sha256:1a2b3c4d1a2b',
        '     6s  eastus has it (webhook), 1 of 2',
        '    16s  westus has it (event), 2 of 2',
        '✔ myregistry/team/app:v1 (sha256:1a2b3c4d1a2b) is in eastus, westus, after 16s',
      ].join('\n')}\n`,
    );
    expect(stderr).toBe('');
  });

  it('a display on a terminal, which it gives back', async () => {
    const { stdout } = await wait([notYet, notYet, everywhere], [], { terminal: { columns: 80, rows: 24 } });
    expect(visible(stdout)).toContain('␛[32m  ✔ ␛[39meastus');
    expect(visible(stdout)).toMatch(/␛\[\?25l.*␛\[\?25h.*is in eastus, westus, after 5s\n$/s);
  });

  it.each([
    ['of unknown width', { columns: 0, rows: 0 }, {}],
    ['that cannot move its cursor', { columns: 80, rows: 24 }, { TERM: 'dumb' }],
  ])('lines on a terminal %s', async (_, terminal, env) => {
    const { stdout } = await wait([notYet, everywhere], [], { terminal, env });
    expect(stdout).toContain('     0s  eastus has it (webhook), 1 of 2\n');
    expect(visible(stdout)).not.toMatch(/␛\[\d*[AJK]|␛\[\?/);
  });

  it('no colours where NO_COLOR asks for none', async () => {
    const run = { terminal: { columns: 80, rows: 24 }, env: { NO_COLOR: '1' } };
    const { stdout } = await wait([everywhere], [], run);
    expect(visible(stdout)).not.toMatch(/␛\[\d+m/);
  });

  it('what repairs the regions that are missing, below the line that names them', async () => {
    const repairs = ['westus', 'eastus'].map((name) => ({
      region: name,
      commands: ['sign in', `repair ${name}`],
    }));
    const stalled = { status: 202, body: { ...pending, state: 'stalled', repairs } };
    const { stdout } = await wait([stalled]);
    expect(stdout).toMatch(/, after 0s\n {2}To repair westus, run:\n {4}sign in\n {4}repair westus\n$/);
  });

  it('what was not waited for, and why', async () => {
    const leftOut = [
      { region: 'westeurope', reason: 'seeding' },
      { region: 'uksouth', reason: 'addedLater' },
      { region: 'ukwest', reason: 'notSelected' },
      { region: 'norwayeast', reason: 'anotherReason' },
    ];
    const all = { status: 200, body: { ...replicated, leftOut } };
    const line =
      '  Not waited for: westeurope (being seeded), uksouth (added after the push), ukwest (not selected in REGISTRIES), norwayeast (anotherReason)\n';
    expect((await wait([all])).stdout.endsWith(`westus, after 0s\n${line}`)).toBe(true);
    expect((await wait([all], ['--regions', 'eastus'])).stdout).not.toContain('Not waited for');
  });

  it('that the tag latest was assumed', async () => {
    await using app = await scriptedApp(everywhere);
    const { stdout } = await runCommand(['wait', 'myregistry/team/app', '--app', app.url]);
    expect(stdout).toContain('No tag or digest given: waiting for the tag latest.\n');
    expect(app.questions[0]?.query['reference']).toBe('latest');
  });
});

describe('evenkeel wait --json', () => {
  it('prints one document at the end, and nothing else', async () => {
    const { stdout, stderr } = await wait([notYet], ['--json', '--timeout', '5s']);
    expect(JSON.parse(stdout)).toEqual({
      outcome: 'timedOut',
      exitCode: 2,
      message: expect.stringContaining('westus (waiting)'),
      registry: 'myregistry',
      repository: 'team/app',
      reference: 'v1',
      missing: ['westus'],
      waitedMs: 5000,
      answer: { digest, state: 'pending', regions: [region('eastus+webhook'), region('westus')] },
    });
    expect(stderr).toBe('');
  });

  it('prints one for an error too, beside the line on stderr', async () => {
    const { stdout, stderr } = await wait([401], ['--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'appRefused', message: expect.stringContaining('401') },
      outcome: 'failed',
      exitCode: 1,
      missing: [],
      answer: null,
    });
    expect(stderr).toMatch(/^✖ the app answered 401: set EVENKEEL_KEY.*\n$/);
  });

  it('leaves the display to stderr', async () => {
    const { stdout, stderr } = await wait([everywhere], ['--json'], { terminal: { columns: 80, rows: 24 } });
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'replicated' });
    expect(visible(stderr)).toContain('␛[?25h');
  });
});

describe('evenkeel wait, interrupted', () => {
  it.each([
    [130, 'Ctrl-C'],
    [143, 'SIGTERM'],
  ])('exits with %i after %s, gives the terminal back and says so as JSON', async (exitCode) => {
    const interruption = new AbortController();
    // Never answered: the call itself has to end.
    const forEver = { status: 200, during: () => new Promise(() => interruption.abort(exitCode)) };
    const run = { interrupted: interruption.signal, terminal: { columns: 80, rows: 24 } };
    const result = await wait([forEver], ['--json'], run);
    expect(result.exitCode).toBe(exitCode);
    expect(JSON.parse(result.stdout)).toEqual({
      error: { code: 'interrupted', message: 'interrupted after 0s' },
    });
    expect(visible(result.stderr)).toMatch(/␛\[\?25h\ninterrupted after 0s\n$/);
  });
});

describe('evenkeel', () => {
  it.each([
    [['wait'], /missing required argument 'image'/],
    [['wait', image], /EVENKEEL_APP/],
    [['wait', 'myregistry', '--app', 'http://127.0.0.1:1'], /names no repository/],
    [['wait', image, '--app', 'http://10.0.0.1'], /^✖ --app: expected https/],
    [['wait', image, '--timeout', '600'], /^✖ --timeout: expected .* such as 90s or 10m, found "600"/],
    [['wait', image, '--regions', ','], /^✖ --regions: expected/],
    [
      ['wait', image, '--min-evidence', 'rumour'],
      /Allowed choices are any, webhook, event, verified, pullable/,
    ],
    [['wait', image, '--gone', '--closure'], /'--gone' cannot be used with option '--closure'/],
    [['wait', image, '--gone', '--min-evidence', 'verified'], /'--gone' cannot be used with/],
    [['wiat', image], /unknown command 'wiat'/],
  ])('%j is refused in one line, with 1', async (args, line) => {
    const { exitCode, stdout, stderr } = await runCommand(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^✖ .*\n$/);
    expect(stderr).toMatch(line);
  });

  it.each([[['--help']], [['wait', '--help']]])('%j shows an example, and is no error', async (args) => {
    const { exitCode, stdout } = await runCommand(args);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Examples?:\n {2}evenkeel /);
  });
});
