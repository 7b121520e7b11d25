import type { Answered } from '../replication/query.ts';

/** The document that `GET /api/replication` answers with. Times are ISO 8601 in UTC. */
export function replicationBody({ answer, etaMs, closure }: Answered, now: Date) {
  const { image, tag, state, regions, firstSeenMs, replicatedAtMs, stalledAtMs, supersededBy, diverged } =
    answer;
  const { registry, repository, digest } = image.id;
  return {
    ...{ registry, repository, tag: tag ?? null, digest, state },
    firstSeen: new Date(firstSeenMs).toISOString(),
    replicatedAt: iso(replicatedAtMs),
    elapsedMs: Math.max(0, (replicatedAtMs ?? now.getTime()) - firstSeenMs),
    etaMs: etaMs === undefined ? null : Math.round(etaMs),
    regions,
    ...(stalledAtMs === undefined ? {} : { stalledAt: iso(stalledAtMs) }),
    ...(supersededBy === undefined ? {} : { supersededBy }),
    ...(diverged.size === 0 ? {} : { diverged: Object.fromEntries(diverged) }),
    ...(closure === undefined ? {} : { closure }),
  };
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());
