import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceEvent } from '../events.ts';
import { type Installation, install } from '../installation.ts';
import { records, recordsOf } from '../records.ts';

let installation: Installation;

beforeAll(async () => {
  installation = await install();
});
afterAll(() => installation.close());

/** Kills the host, as `kill -9` does, when the nth write has taken effect and before its answer. */
function killAfterWrite(nth: number): Promise<void> {
  const { azure, host } = installation;
  const killed = Promise.withResolvers<void>();
  let writes = 0;
  const remove = azure.onHandled(async ({ operation }) => {
    if (!/^RecordSets_(CreateOrUpdate|Delete)$/.test(operation)) return;
    writes++;
    if (writes !== nth) return;
    remove();
    await host.kill();
    killed.resolve();
  });
  return killed.promise;
}

interface Story {
  readonly name: string;
  readonly writes: number;
  /** Brings the world to where the event that meets the crash is raised. */
  begin(web: { name: string; id: string }): Promise<string>;
  readonly addressAtEvent: string | undefined;
}

const stories: Story[] = [
  {
    name: 'creation',
    writes: 2,
    addressAtEvent: '10.1.0.4',
    begin: async ({ name }) =>
      installation.azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name, address: '10.1.0.4' }),
  },
  {
    name: 'move',
    writes: 3,
    addressAtEvent: '10.1.0.5',
    begin: async ({ name }) => {
      const { azure, deliver } = installation;
      const id = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name, address: '10.1.0.4' });
      await deliver(resourceEvent(id));
      azure.containerGroups.move(id, '10.1.0.5');
      return id;
    },
  },
  {
    name: 'removal',
    writes: 2,
    addressAtEvent: undefined,
    begin: async ({ name }) => {
      const { azure, deliver } = installation;
      const id = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name, address: '10.1.0.4' });
      await deliver(resourceEvent(id));
      azure.containerGroups.delete(id);
      return id;
    },
  },
];

const cases = stories.flatMap((story) =>
  Array.from({ length: story.writes }, (_, index) => index + 1).flatMap((nth) => [
    { story, nth, isMoved: false },
    { story, nth, isMoved: true },
  ]),
);

describe('a host that is killed between two writes, and the event delivered again', () => {
  it.each(
    cases.map((one) => ({
      ...one,
      title: `${one.story.name}, after write ${one.nth}${one.isMoved ? ', moved once more' : ''}`,
    })),
  )('leaves the records right and no stale PTR: $title', async ({ story, nth, isMoved }) => {
    const { azure, restartHost } = installation;
    const web = { name: 'web', id: azure.containerGroups.id('rg-spoke-a', 'web') };
    const id = await story.begin(web);
    const event = resourceEvent(id);
    const killed = killAfterWrite(nth);
    const delivery = installation.deliver(event).catch(() => 'lost');
    await killed;
    expect(await delivery).toBe('lost');

    let address = story.addressAtEvent;
    if (isMoved) {
      address = '10.1.0.9';
      if (story.addressAtEvent === undefined) {
        azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web', address });
      } else azure.containerGroups.move(id, address);
    }
    await restartHost();
    expect(await installation.deliver(event)).toBe(202);
    expect(records(azure)).toEqual(address === undefined ? [] : recordsOf('web', 'a', address));

    if (address !== undefined) azure.containerGroups.delete(id);
    expect(await installation.deliver(resourceEvent(id, 'Delete'))).toBe(202);
    expect(records(azure)).toEqual([]);
  });
});
