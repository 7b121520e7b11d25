import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceEvent } from './events.ts';
import { type Installation, install } from './installation.ts';
import { records, recordsOf } from './records.ts';

let installation: Installation;

beforeAll(async () => {
  installation = await install();
});
afterAll(() => installation.close());

interface Story {
  readonly name: string;
  readonly writes: number;
  /** Brings the world to where the event that meets the crash is raised. */
  begin(group: Group): Promise<string>;
  /** Whether the container group has its next address, its first one or none when that event is raised. */
  readonly atEvent: 'first' | 'next' | 'none';
}

/** A container group to be, with the addresses that it may have one after the other. */
interface Group {
  readonly name: string;
  readonly first: string;
  readonly next: string;
  readonly last: string;
}

const create = ({ name }: Group, address: string) =>
  installation.azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name, address });
async function withRecords(group: Group): Promise<string> {
  const id = create(group, group.first);
  await installation.deliver(resourceEvent(id));
  return id;
}

const stories: readonly Story[] = [
  { name: 'creation', writes: 2, atEvent: 'first', begin: async (group) => create(group, group.first) },
  {
    name: 'move',
    writes: 3,
    atEvent: 'next',
    begin: async (group) => {
      const id = await withRecords(group);
      installation.azure.containerGroups.move(id, group.next);
      return id;
    },
  },
  {
    name: 'removal',
    writes: 2,
    atEvent: 'none',
    begin: async (group) => {
      const id = await withRecords(group);
      installation.azure.containerGroups.delete(id);
      return id;
    },
  },
];

const cases = stories
  .flatMap((story) =>
    Array.from({ length: story.writes }, (_, index) => index + 1).flatMap((nth) => [
      { story, nth, isMoved: false },
      { story, nth, isMoved: true },
    ]),
  )
  .map((one, index) => {
    const addressAt = (third: number) => `10.1.${third}.${index + 4}`;
    const name = `${one.story.name}-${one.nth}${one.isMoved ? '-moved' : ''}`;
    const group = { name, first: addressAt(1), next: addressAt(2), last: addressAt(3) };
    return {
      ...one,
      group,
      title: `${one.story.name}, after write ${one.nth}${one.isMoved ? ', moved once more' : ''}`,
    };
  });

/** What names the record sets of one group in the path of a request, whichever of its addresses they are for. */
const recordSetsOf = ({ name, first }: Group) =>
  new RegExp(`/(A/${name}|PTR/${first.split('.').at(-1)}\\.\\d+)$`, 'i');

/**
 * Has no write that a case chose answered while the host lives. Resolves when all of those have taken effect, with how
 * many writes there are of each case.
 */
async function heldAfterWrites(): Promise<() => number[]> {
  const held = cases.map(({ group, nth }) => ({
    ...{ isOfGroup: recordSetsOf(group), nth, writes: 0 },
    reached: Promise.withResolvers<void>(),
  }));
  const { azure, host } = installation;
  azure.onHandled(async ({ operation, id }) => {
    if (!/^RecordSets_(CreateOrUpdate|Delete)$/.test(operation)) return;
    const one = held.find(({ isOfGroup }) => isOfGroup.test(id));
    if (one === undefined) return;
    one.writes += 1;
    if (one.writes !== one.nth) return;
    one.reached.resolve();
    await host.exited;
  });
  await Promise.all(held.map(({ reached }) => reached.promise));
  return () => held.map(({ writes }) => writes);
}

describe('a host that is killed between two writes, and the event delivered again', () => {
  /** The records when each event was delivered again, and when every group was deleted after that. */
  let repaired: readonly string[];
  let left: readonly string[];
  beforeAll(async () => {
    const { azure, deliver, restartHost } = installation;
    const begun = await Promise.all(
      cases.map(async (one) => {
        const id = await one.story.begin(one.group);
        return { ...one, id, event: resourceEvent(id) };
      }),
    );
    const held = heldAfterWrites();
    const deliveries = begun.map(({ event }) => deliver(event).catch(() => 'lost'));
    const writes = await held;
    await installation.host.kill();
    expect(writes()).toEqual(cases.map(({ nth }) => nth));
    expect(new Set(await Promise.all(deliveries))).toEqual(new Set(['lost']));

    for (const { story, group, id, isMoved } of begun) {
      if (!isMoved) continue;
      if (story.atEvent === 'none') create(group, group.last);
      else azure.containerGroups.move(id, group.last);
    }
    await restartHost();
    const again = await Promise.all(begun.map(({ event }) => deliver(event)));
    expect(new Set(again)).toEqual(new Set([202]));
    repaired = records(azure);

    for (const { id } of azure.containerGroups.list()) azure.containerGroups.delete(id);
    await Promise.all(begun.map(({ id }) => deliver(resourceEvent(id, 'Delete'))));
    left = records(azure);
  });

  it.each(cases)('leaves the records right and no stale PTR: $title', ({ story, isMoved, group }) => {
    const atEvent = { first: group.first, next: group.next, none: undefined }[story.atEvent];
    const address = isMoved ? group.last : atEvent;
    const name = new RegExp(`\\b${group.name}\\.`);
    const own = repaired.filter((line) => name.test(line));
    expect(own).toEqual(address === undefined ? [] : recordsOf(group.name, 'a', address));
    expect(left.filter((line) => name.test(line))).toEqual([]);
  });
});
