import * as v from 'valibot';
import { regions, registry, type SoakWorld, topic } from './world.ts';

/** An image that was pushed, and what became of it. */
export interface PushedImage {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  readonly pushedAtMs: number;
  /** The regions that have it. */
  readonly regions: Set<string>;
  everywhereAtMs?: number;
  signalledAtMs?: number;
  isDeleted?: boolean;
}

export interface Load {
  readonly images: readonly PushedImage[];
  /** How clients were answered, by status; `none` where a connection broke. */
  readonly answers: ReadonlyMap<string, number>;
  /** Changes of container groups so far. */
  readonly changes: number;
  /** Milliseconds from a change of a container group to its record, and from everywhere to the signal, since the last call. */
  takeLags(): { readonly record: readonly number[]; readonly signal: readonly number[] };
  stop(): void;
}

/** Container groups of a spoke, around which their number moves. */
const groupsOfSpoke = 10;
const everyMs = { group: 1_500, push: 2_000, query: 1_000, wait: 8_000, watch: 250 };
/** More than that at a time says nothing about the app, but about the machine. */
const mostClients = 32;

const signalSchema = v.object({
  type: v.literal('evenkeel.registry.replicated'),
  subject: v.string(),
});

/** Everything that happens to the app from outside, by chance. @param random in [0, 1) */
export function startLoad({ azure, url }: SoakWorld, random: () => number): Load {
  const images: PushedImage[] = [];
  const bySubject = new Map<string, PushedImage>();
  const answers = new Map<string, number>();
  const waiting = new Map<
    string,
    { readonly id: string; readonly spoke: string; readonly sinceMs: number }
  >();
  let lags = { record: [] as number[], signal: [] as number[] };
  let changes = 0;
  let clients = 0;
  let names = 0;
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];

  azure.registries.onArrival(({ replica: { region }, change }) => {
    const image = bySubject.get(`${change.repository}:${change.tag}`);
    if (image === undefined || change.kind !== 'push') return;
    image.regions.add(region);
    if (image.regions.size === regions.length) image.everywhereAtMs ??= Date.now();
  });
  azure.topic(topic).onEvent((event) => {
    const signal = v.safeParse(signalSchema, event);
    const image = signal.success ? bySubject.get(signal.output.subject) : undefined;
    if (image === undefined || image.signalledAtMs !== undefined) return;
    image.signalledAtMs = Date.now();
    lags.signal.push(Math.max(0, image.signalledAtMs - (image.everywhereAtMs ?? image.signalledAtMs)));
  });

  function changeGroup(): void {
    const spoke = random() < 0.5 ? 'spoke-a' : 'spoke-b';
    const resourceGroup = `rg-${spoke}`;
    const present = azure.containerGroups.list(resourceGroup);
    const chosen = pick(present);
    const isTold = (name: string, id: string) =>
      waiting.set(`${name}.${spoke}`, { id, spoke, sinceMs: Date.now() });
    changes += 1;
    if (chosen === undefined || present.length < groupsOfSpoke * (0.5 + random())) {
      // Names come back: a new group often has the name of one that was deleted.
      const name = `group-${names++ % (groupsOfSpoke * 3)}`;
      if (present.some((one) => one.name === name)) return;
      return void isTold(name, azure.containerGroups.create({ resourceGroup, name }));
    }
    const lot = random();
    if (lot < 0.45) azure.containerGroups.delete(chosen.id);
    else if (lot < 0.8) azure.containerGroups.restart(chosen.id);
    // Without an event: a sweep finds it.
    else return void azure.containerGroups.move(chosen.id);
    isTold(chosen.name, chosen.id);
  }

  /** Takes the time of the records that have become right. */
  function watchRecords(): void {
    for (const [key, { id, spoke, sinceMs }] of waiting) {
      const name = key.slice(0, key.indexOf('.'));
      const recorded = azure.zones.get(`${spoke}.internal.contoso.com`, 'A', name)?.values[0];
      if (recorded !== azure.containerGroups.address(id)) continue;
      lags.record.push(Date.now() - sinceMs);
      waiting.delete(key);
    }
  }

  function push(): void {
    const number = images.length;
    const [repository, tag] = [`team/app-${number % 5}`, `v${number}`];
    const region = pick(regions) ?? '';
    const pushedAtMs = Date.now();
    const digest = azure.registries.push({ registry, repository, tag, region });
    const image: PushedImage = { repository, tag, digest, pushedAtMs, regions: new Set([region]) };
    images.push(image);
    bySubject.set(`${repository}:${tag}`, image);
    if (random() < 0.2) deleteOne();
  }

  function deleteOne(): void {
    const image = pick(
      images.slice(-20).filter(({ isDeleted, signalledAtMs }) => !isDeleted && signalledAtMs),
    );
    if (image === undefined) return;
    image.isDeleted = true;
    azure.registries.delete({ registry, repository: image.repository, digest: image.digest });
  }

  async function ask(more: Readonly<Record<string, string>>): Promise<void> {
    const image = pick(images.slice(-20));
    if (image === undefined || clients >= mostClients) return;
    const { repository, tag, digest } = image;
    const reference = random() < 0.5 ? tag : digest;
    const query = new URLSearchParams({ registry, repository, reference, ...more });
    const path = random() < 0.1 ? '/api/status' : `/api/replication?${query}`;
    clients += 1;
    let status = 'none';
    try {
      const answer = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(75_000) });
      await answer.arrayBuffer();
      status = String(answer.status);
    } catch {
      // The instance was killed, or the whole run is over.
    }
    clients -= 1;
    answers.set(status, (answers.get(status) ?? 0) + 1);
  }

  const timers = [
    setInterval(changeGroup, everyMs.group),
    setInterval(push, everyMs.push),
    setInterval(watchRecords, everyMs.watch),
    setInterval(() => void ask({}), everyMs.query),
    setInterval(() => void ask({ wait: '15' }), everyMs.wait),
    setInterval(() => void ask({ verify: 'true', pullable: 'true' }), everyMs.wait),
  ];
  return {
    images,
    answers,
    get changes() {
      return changes;
    },
    takeLags() {
      const taken = lags;
      lags = { record: [], signal: [] };
      return taken;
    },
    stop() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
