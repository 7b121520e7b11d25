import { describe, expect, it } from 'vitest';
import { image } from '../../../scripts/status-page/sample-parts.ts';
import { evenStatus, unevenStatus } from '../../../scripts/status-page/sample-status.ts';
import { runCommand } from '../run-command.ts';
import { type Scripted, scriptedApp } from '../scripted-app.ts';
import { digest, otherDigest, replication } from './wait/fixtures.ts';

async function images(answer: Scripted, ...args: readonly string[]) {
  await using app = await scriptedApp(answer);
  const result = await runCommand(['images', ...args, '--app', app.url]);
  return { ...result, questions: app.questions };
}

const young = image({
  registry: 'myregistry',
  repository: 'team/app',
  tag: 'v2',
  minutes: 1,
  there: ['eastus', 'westeurope'],
  missing: ['westus'],
});
const late = image({
  registry: 'myregistry',
  repository: 'team/worker',
  tag: 'v7',
  minutes: 20,
  there: ['eastus'],
  missing: ['westeurope', 'westus'],
});
const status = (more: object = {}): Scripted => ({
  status: 200,
  body: { ...evenStatus, images: { open: [late, { ...young, extra: 1 }], total: 2 }, ...more },
});

describe('evenkeel images', () => {
  it('lists the images that are on their way, and where they are missing, with one call', async () => {
    const { exitCode, stdout, stderr, questions } = await images(status());
    expect(stdout.replaceAll(/ {2,}/g, '  ')).toBe(`image  state  age  in  missing in
myregistry/team/worker:v7  stalled  20m 00s  1 of 3  westeurope, westus
myregistry/team/app:v2  pending  1m 00s  2 of 3  westus

✖ 2 images in replication, 1 late; evenkeel report has the repairs
`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: '' });
    expect(questions.map(({ path }) => path)).toEqual(['/api/status']);
  });

  it.each([
    [['--late'], ['team/worker']],
    [['--region', 'West Europe'], ['team/worker']],
    [['--repository', 'app'], ['team/app']],
    [
      ['--region', 'westus', '--registry', 'myregistry.azurecr.io'],
      ['team/worker', 'team/app'],
    ],
    [['--region', 'eastus'], []],
  ])('keeps with %j to %j', async (args, repositories) => {
    const { stdout } = await images(status(), ...args, '--json');
    const document: { images: { repository: string }[] } = JSON.parse(stdout);
    expect(document.images.map(({ repository }) => repository)).toEqual(repositories);
  });

  it('prints each image as the app sent it with --json', async () => {
    const { stdout } = await images(status(), '--repository', 'app', '--json');
    expect(JSON.parse(stdout)).toEqual({
      now: evenStatus.now,
      images: [{ ...young, extra: 1 }],
      total: 2,
      isComplete: true,
      exitCode: 0,
    });
  });

  it('says that there are more than the app lists', async () => {
    const { stdout } = await images(status({ images: { open: [young], total: 5000 } }));
    expect(stdout).toContain('  the app lists the 1 oldest of 5000\n');
    expect(stdout).toMatch(/✔ 1 of 5000 images in replication, none late\n$/);
  });

  it('does not take a list that the app cannot read for an empty one', async () => {
    const { exitCode, stdout } = await images({
      status: 200,
      body: { ...unevenStatus, images: { open: [], total: null }, unknown: ['images'] },
    });
    expect({ exitCode, stdout }).toEqual({
      exitCode: 1,
      stdout: '✖ the app cannot read the list of images now\n',
    });
  });
});

describe('evenkeel images IMAGE', () => {
  const name = 'myregistry/team/app:v1';

  it('shows one image region by region, without waiting', async () => {
    const body = replication('pending', ['eastus+webhook', 'westus'], { supersededBy: otherDigest });
    const { exitCode, stdout, questions } = await images({ status: 202, body }, name);
    expect(stdout.replaceAll(/ {2,}/g, '  ')).toBe(`· ${name} (sha256:1a2b3c4d1a2b) is pending
  its tag moved on to sha256:9f8e7d6c9f8e

region  state  evidence  why
eastus  available  webhook  -
westus  waiting  -  -
`);
    expect(exitCode).toBe(3);
    expect(questions.map(({ path, query }) => ({ path, query }))).toEqual([
      {
        path: '/api/replication',
        query: { registry: 'myregistry', repository: 'team/app', reference: 'v1' },
      },
    ]);
  });

  it('exits with 0 when it is in every region, and prints what the app said with --json', async () => {
    const body = { ...replication('replicated', ['eastus+webhook']), extra: 1 };
    const { exitCode, stdout } = await images({ status: 200, body }, name, '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ ...body, digest });
  });

  it.each<[string, Scripted, RegExp]>([
    ['an image that was never seen', 404, /evenkeel has not seen myregistry\/team\/app:v1: check the name/],
    ['a wrong key', 401, /set EVENKEEL_KEY/],
    ['an app that cannot answer now', 503, /503: try again later/],
  ])('says in one line what is wrong: %s', async (_, answer, message) => {
    const { exitCode, stderr } = await images(answer, name);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^✖ .*\n$/);
    expect(stderr).toMatch(message);
  });

  it('takes no filter of lists', async () => {
    const { exitCode, stderr } = await images(200, name, '--late');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/are for lists, and one image is named/);
  });
});
