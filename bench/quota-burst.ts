import { ManualClock } from '../local/azure/clock.ts';
import type { QuotaOptions } from '../local/azure/private-dns/quotas.ts';
import { seededRandom } from '../local/azure/random.ts';
import { coalescedReads } from '../src/dns/coalesced-reads.ts';
import { type ContainerGroupId, parseContainerGroupId } from '../src/dns/container-group.ts';
import { ownedAMetadata, ownedPtrMetadata } from '../src/dns/ownership.ts';
import { createRateLimiter } from '../src/dns/rate-limiter.ts';
import { type ReconcilePorts, reconcile } from '../src/dns/reconcile.ts';
import { type RecordSetKey, recordSetId, zoneId } from '../src/dns/record-set.ts';
import type { RequeueMessage } from '../src/dns/requeue.ts';
import { parseZoneMap, reverseRecordOf, type Spoke } from '../src/dns/zone-map.ts';
import type { Deadline } from '../src/lib/deadline.ts';
import { ThrottledError } from '../src/lib/errors.ts';
import { settingValue } from '../src/settings/setting.ts';
import { QuotaZones } from './quota-zones.ts';

const groupCount = 600;
/** A zone takes 60 creations, updates or deletions a minute. Each group needs one: the last minute begins after nine. */
export const floorSeconds = 60 * (groupCount / 60 - 1);
const invocationMs = 25_000;
/** https://learn.microsoft.com/azure/event-grid/delivery-and-retry */
const backOffMs = [10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000, 10_800_000];
const giveUpMs = 6 * 3_600_000;

const zoneMap = settingValue(
  parseZoneMap(
    JSON.stringify({
      busy: {
        forwardZone: 'busy.example.com',
        reverseZones: ['1.10.in-addr.arpa'],
        zoneResourceGroup: 'hub',
      },
      calm: {
        forwardZone: 'calm.example.com',
        reverseZones: ['2.10.in-addr.arpa'],
        zoneResourceGroup: 'hub',
      },
    }),
  ),
);

type Story = 'creation' | 'move' | 'removal';

/**
 * Redeploys a subnet: 600 groups of one spoke are created, move, or are removed at the same moment. Measures the time
 * until every record is right, against the time that the quotas alone require. The clock is simulated; the reconciler,
 * the rate limiter and the coalesced reads are the deployed ones.
 */
export async function quotaBurst(): Promise<string[]> {
  const lines: string[] = [];
  for (const window of ['fixed', 'tokenBucket'] as const) {
    for (const story of ['creation', 'move', 'removal'] as const) {
      const { seconds, calmSeconds, world } = await measure(story, window);
      const ratio = (seconds / floorSeconds).toFixed(2);
      const { calls, failures, requeued } = world.tally();
      lines.push(
        `${story} of ${groupCount} groups, ${window} quota: ${seconds} s simulated, ${floorSeconds} s by quota alone (${ratio}); ` +
          `${calls.get} reads, ${calls.list} lists, ${calls.refused} refused, ${requeued} requeued, ` +
          `${failures} failed deliveries; a group in the zone beside it took ${calmSeconds} s`,
      );
    }
  }
  return lines;
}

/** The simulated seconds until every record is right. They are the same in every run. */
export async function measure(story: Story, window: QuotaOptions['window']) {
  const world = new World(window);
  const groups = Array.from({ length: groupCount }, (_, index) => idOf('busy', index));
  const addressOf = (index: number, block: number) =>
    `10.1.${block + Math.floor(index / 200)}.${(index % 200) + 4}`;
  for (const [index, group] of groups.entries()) {
    if (story !== 'creation') world.seed(group, addressOf(index, 0));
    if (story !== 'removal') world.addresses.set(group.key, addressOf(index, story === 'move' ? 100 : 0));
  }
  for (const group of groups) void world.deliver(group);

  // During the burst, one group changes in another zone.
  const calm = idOf('calm', 0);
  await world.pass(120);
  world.addresses.set(calm.key, '10.2.0.4');
  void world.deliver(calm);
  const calmSeconds = await world.secondsUntilRight([calm]);
  const seconds = 120 + calmSeconds + (await world.secondsUntilRight(groups));
  return { seconds, calmSeconds, world };
}

/**
 * The simulated seconds until the A record set of every group that moves is right, while the reverse zone refuses every
 * call throughout.
 */
export async function measureForward(window: QuotaOptions['window']): Promise<number> {
  const world = new World(window, { isReverseThrottled: true });
  const groups = Array.from({ length: groupCount }, (_, index) => idOf('busy', index));
  for (const [index, group] of groups.entries()) {
    world.seed(group, `10.1.${Math.floor(index / 200)}.${(index % 200) + 4}`);
    world.addresses.set(group.key, `10.1.${100 + Math.floor(index / 200)}.${(index % 200) + 4}`);
  }
  for (const group of groups) void world.deliver(group);
  return world.secondsUntil(() => groups.every((group) => world.isForwardRight(group)));
}

/** Zones with quotas, groups with addresses, an Event Grid that retries, and a queue. */
class World {
  readonly addresses = new Map<string, string>();
  /** The addresses of the records before the burst. */
  private readonly seeded = new Map<string, string>();
  private readonly clock = new ManualClock(Date.UTC(2026, 0, 1));
  private readonly zones: QuotaZones;
  private readonly queue: { readonly message: RequeueMessage; readonly dueAt: number }[] = [];
  private readonly ports: ReconcilePorts;
  private requeued = 0;
  private failures = 0;

  constructor(window: QuotaOptions['window'], { isReverseThrottled = false } = {}) {
    this.zones = new QuotaZones(this.clock, window);
    const { ports, lister } = this.zones;
    const refuseReverse = ({ type, zone }: Pick<RecordSetKey, 'type' | 'zone'>) => {
      if (isReverseThrottled && type === 'PTR') throw new ThrottledError('a call', zoneId(zone), 60_000);
    };
    const recordSets: typeof ports = {
      read: async (key, deadline) => {
        refuseReverse(key);
        return ports.read(key, deadline);
      },
      create: async (key, content, deadline) => {
        refuseReverse(key);
        await ports.create(key, content, deadline);
      },
      update: async (observed, content, deadline) => {
        refuseReverse(observed.key);
        await ports.update(observed, content, deadline);
      },
      delete: async (observed, deadline) => {
        refuseReverse(observed.key);
        await ports.delete(observed, deadline);
      },
    };
    const recordSetLister: typeof lister = {
      async *list(zone, type, deadline) {
        refuseReverse({ zone, type });
        yield* lister.list(zone, type, deadline);
      },
    };
    this.ports = {
      containerGroups: {
        read: async ({ key }) => {
          const address = this.addresses.get(key);
          return address === undefined
            ? { kind: 'unaddressed', reason: 'gone' }
            : { kind: 'addressed', address, isRunning: true };
        },
      },
      recordSets: { ...recordSets, ...coalescedReads(recordSets, recordSetLister) },
      requeueQueue: {
        requeue: async (message, delayMs) => {
          this.requeued++;
          this.queue.push({ message, dueAt: this.clock.now() + delayMs });
        },
      },
      clock: { now: () => new Date(this.clock.now()), sleep: (ms) => this.clock.sleep(ms) },
      rateLimiter: createRateLimiter(() => this.clock.now()),
      random: seededRandom(7),
    };
  }

  tally() {
    return { calls: this.zones.calls, requeued: this.requeued, failures: this.failures };
  }

  /** Writes the records of a group as the reconciler left them two days ago. */
  seed(group: ContainerGroupId, address: string): void {
    this.seeded.set(group.key, address);
    const { a, ptr } = this.placesOf(group, address);
    const writtenAt = new Date(this.clock.now() - 48 * 3_600_000);
    this.zones.put(a, {
      values: [address],
      ttlSeconds: 60,
      metadata: ownedAMetadata({}, group.key, [], writtenAt),
    });
    this.zones.put(ptr, { values: [hostOf(a)], ttlSeconds: 60, metadata: ownedPtrMetadata({}, group.key) });
  }

  /** Delivers an event as Event Grid does: again after a failure, with growing pauses. */
  async deliver(group: ContainerGroupId, hints: readonly string[] = []): Promise<void> {
    for (const pauseMs of backOffMs) {
      if (await this.reconcile(group, hints)) return;
      this.failures++;
      await this.clock.sleep(pauseMs);
    }
  }

  /** Lets simulated seconds pass. The queue is polled each second. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await this.clock.advance(1_000);
      const now = this.clock.now();
      const due = this.queue.filter(({ dueAt }) => dueAt <= now);
      for (const entry of due) {
        this.queue.splice(this.queue.indexOf(entry), 1);
        void this.deliver(entry.message.group, entry.message.addresses);
      }
    }
  }

  secondsUntilRight(groups: readonly ContainerGroupId[]): Promise<number> {
    return this.secondsUntil(() => groups.every((group) => this.isRight(group)));
  }

  async secondsUntil(isOver: () => boolean): Promise<number> {
    for (let seconds = 0; seconds * 1_000 < giveUpMs; seconds++) {
      if (isOver()) return seconds;
      await this.pass(1);
    }
    throw new Error(`not right after ${giveUpMs / 3_600_000} simulated hours`);
  }

  /** Whether the A record set of a group shows its address. */
  isForwardRight(group: ContainerGroupId): boolean {
    const a: RecordSetKey = { zone: spokeOf(group).forwardZone, type: 'A', name: group.name };
    return this.zones.sets.get(recordSetId(a))?.values.join() === this.addresses.get(group.key);
  }

  private isRight(group: ContainerGroupId): boolean {
    const address = this.addresses.get(group.key);
    const spoke = spokeOf(group);
    const a: RecordSetKey = { zone: spoke.forwardZone, type: 'A', name: group.name };
    const shown = this.zones.sets.get(recordSetId(a))?.values.join();
    const before = this.seeded.get(group.key);
    if (
      shown !== address ||
      (before !== undefined && before !== address && this.namesAt(group, before) !== undefined)
    ) {
      return false;
    }
    return address === undefined || this.namesAt(group, address) === hostOf(a);
  }

  private namesAt(group: ContainerGroupId, address: string): string | undefined {
    return this.zones.sets.get(recordSetId(this.placesOf(group, address).ptr))?.values.join();
  }

  private placesOf(group: ContainerGroupId, address: string): { a: RecordSetKey; ptr: RecordSetKey } {
    const spoke = spokeOf(group);
    const place = reverseRecordOf(spoke, address);
    if (place === undefined) throw new TypeError(`no reverse zone covers ${address}`);
    return { a: { zone: spoke.forwardZone, type: 'A', name: group.name }, ptr: { ...place, type: 'PTR' } };
  }

  private async reconcile(group: ContainerGroupId, hints: readonly string[]): Promise<boolean> {
    const spoke = spokeOf(group);
    const end = this.clock.now() + invocationMs;
    const deadline: Deadline = {
      signal: new AbortController().signal,
      remainingMs: () => Math.max(0, end - this.clock.now()),
    };
    const request = {
      group,
      spoke,
      zones: zoneMap,
      foreignRecords: 'overwrite',
      policy: 'sync',
      hints,
      recordSets: [],
      trigger: 'event',
    } as const;
    try {
      await reconcile(request, this.ports, deadline);
      return true;
    } catch {
      return false;
    }
  }
}

const hostOf = ({ zone, name }: RecordSetKey): string => `${name}.${zone.name}.`;

function spokeOf(group: ContainerGroupId): Spoke {
  const spoke = zoneMap.spokeOf(group);
  if (spoke === undefined) throw new TypeError('every group of the benchmark is mapped');
  return spoke;
}

function idOf(resourceGroup: string, index: number): ContainerGroupId {
  const provider = 'providers/Microsoft.ContainerInstance/containerGroups';
  const id = parseContainerGroupId(
    `/subscriptions/s/resourceGroups/${resourceGroup}/${provider}/app-${index}`,
  );
  if (id === undefined) throw new TypeError('not the id of a container group');
  return id;
}
