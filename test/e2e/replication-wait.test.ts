import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf, minute } from './registry-notifications.ts';
import { installReplication, type ReplicationInstallation, regions } from './replication-installation.ts';

let world: ReplicationInstallation;
/** Base URL of a second instance of the app. */
let elsewhere: string;
beforeAll(async () => {
  world = await installReplication();
  elsewhere = (await world.startHost()).url;
});
afterAll(() => world.close());

/** Begins to ask; the answer comes with the time at which it came. */
async function begin(reference: string, repository: string, wait = '30') {
  const startedMs = performance.now();
  const { answer } = await world.askAndWait(reference, { repository, wait });
  const answered = answer.then((one) => ({ ...one, atMs: performance.now() }));
  return { answered, startedMs };
}

describe('a question that waits', () => {
  it.each([
    ['the instance that was asked', () => world.host.url],
    ['another instance', () => elsewhere],
  ])('is answered within a second of the last notification, when that comes to %s', async (name, via) => {
    const image = { repository: 'team/awaited', digest: digestOf(name), tag: name.replaceAll(' ', '-') };
    await world.tellAll(image, regions.slice(1));
    const { answered } = await begin(image.tag, image.repository);
    expect(await world.tell({ ...image, region: 'eastus' }, via())).toBe(200);
    const toldMs = performance.now();
    const { status, body, atMs } = await answered;
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: 'replicated', digest: image.digest });
    expect(atMs - toldMs).toBeLessThan(1_000);
  });

  it('is answered as soon as an image is everywhere that nobody had told of when it was asked', async () => {
    const image = { repository: 'team/asked-first', digest: digestOf('asked first'), tag: 'v1' };
    const { answered } = await begin('v1', image.repository);
    await world.tellAll(image);
    const toldMs = performance.now();
    const { status, atMs } = await answered;
    expect(status).toBe(200);
    expect(atMs - toldMs).toBeLessThan(1_000);
  });

  it('is answered when the image is deleted meanwhile', async () => {
    const image = { repository: 'team/given-up', digest: digestOf('given up') };
    await world.tellAll({ ...image, tag: 'v1' }, ['eastus']);
    const { answered } = await begin('v1', image.repository);
    await world.tellAll({ ...image, action: 'delete', at: minute(1) }, ['eastus']);
    expect(await answered).toMatchObject({ status: 410, body: { state: 'deleted' } });
  });

  it('is told that the image is pending, or unknown, when the wait ends and not before', async () => {
    const image = { repository: 'team/impatient', digest: digestOf('impatient'), tag: 'v1' };
    await world.tellAll(image, ['eastus']);
    const expectations = [
      { tag: 'v1', status: 202, said: { state: 'pending' } },
      { tag: 'v2', status: 404, said: { error: { code: 'imageNotSeen' } } },
    ];
    const questions = expectations.map(async ({ tag, status, said }) => {
      const { answered, startedMs } = await begin(tag, image.repository, '0.7');
      const answer = await answered;
      expect(answer).toMatchObject({ status, body: said });
      expect(Number(answer.retryAfter)).toBeGreaterThan(0);
      expect(answer.atMs - startedMs).toBeGreaterThanOrEqual(700);
    });
    await Promise.all(questions);
  });
});
