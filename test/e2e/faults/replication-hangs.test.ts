import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../registry-notifications.ts';
import { installReplication, type ReplicationInstallation, registry } from '../replication-installation.ts';
import type { StorageRequest } from '../storage-proxy.ts';

let world: ReplicationInstallation;
beforeAll(async () => {
  world = await installReplication();
  const image = { digest: digestOf('warm'), tag: 'warm' };
  await world.tellAll(image);
  await world.review();
});
afterAll(() => world.close());

const printed = (text: string) => world.lines.filter((line) => line.includes(text)).length;
const reviewEnded = () => printed("Executed 'Functions.reviewReplicas'");

/** Starts a review; resolves when it has ended, whatever came of it. */
async function startReview(): Promise<void> {
  const before = reviewEnded();
  await fetch(`${world.host.url}/admin/functions/reviewReplicas`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":""}',
  });
  await expect.poll(reviewEnded, { timeout: 60_000, interval: 20 }).toBeGreaterThan(before);
}

const listsOpenImages = ({ method, name }: StorageRequest) =>
  method === 'GET' && name === 'EvenkeelOpenImages';

describe('table storage that never answers', () => {
  it('with the index of open images holds up neither the review of the replicas nor the status', async () => {
    const release = world.tables.hang(listsOpenImages);
    try {
      const before = printed('registry reviewed');
      await startReview();
      expect(printed('registry reviewed')).toBe(before + 1);
      const status = await fetch(`${world.host.url}/api/status`);
      expect(status.status).toBe(200);
      expect(await status.json()).toMatchObject({ registries: [{ registry }] });
    } finally {
      release();
    }
    await world.review();
  }, 90_000);

  it('with an image holds up no signal of others', async () => {
    const held = { digest: digestOf('held'), tag: 'held' };
    const other = { digest: digestOf('other'), tag: 'other' };
    const { remove } = world.azure.faults.add({ match: 'Topics_PublishEvents', kind: 'status', status: 503 });
    await world.tellAll(held);
    await world.tellAll(other);
    remove();
    const name = held.digest.slice('sha256:'.length);
    const release = world.tables.hang(
      (request) => request.name === 'EvenkeelImages' && request.text.includes(name),
    );
    try {
      await startReview();
      const replicated = 'evenkeel.registry.replicated';
      expect(world.signalIds(replicated, 'team/app:other')).toHaveLength(1);
      expect(world.signalIds(replicated, 'team/app:held')).toHaveLength(0);
    } finally {
      release();
    }
    await world.review();
    expect(world.signalIds('evenkeel.registry.replicated', 'team/app:held')).toHaveLength(1);
  }, 90_000);
});
