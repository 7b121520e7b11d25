import type { Mutation } from './mutations.ts';

export const jobs = ['dns', 'replication', 'routing'] as const;
export type Job = (typeof jobs)[number];

export const jobOf = ({ file }: Pick<Mutation, 'file'>): Job | undefined =>
  jobs.find((job) => file.startsWith(`src/${job}/`));

/**
 * The order in which mutations are tried: one of each job in turn, so that each job has a score whenever the time is
 * over. Within a job the order is random.
 */
export function draw(mutations: readonly Mutation[], random: () => number): Mutation[] {
  const byJob = jobs.map((job) =>
    shuffled(
      mutations.filter((mutation) => jobOf(mutation) === job),
      random,
    ),
  );
  const longest = Math.max(...byJob.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) =>
    byJob.flatMap((ofJob) => ofJob.slice(turn, turn + 1)),
  ).flat();
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
