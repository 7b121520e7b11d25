import type { Deadline } from '../lib/deadline.ts';
import { cellAt } from '../lib/last-day.ts';
import type { LoginServers } from '../registries/login-servers.ts';
import type { Registry } from '../registries/registry.ts';
import { type CopiesOfDay, sumOfCopies } from './copies-of-day.ts';
import { type CopyTimeStats, copyTimeStats } from './copy-times.ts';
import type { Ledger } from './ledger.ts';

/** How long the last copies to a region of a registry took, against its objective. */
export interface RegionCopyTimes extends CopyTimeStats {
  /** Its name. */
  readonly registry: string;
  readonly loginServer: string;
  readonly objectiveMs: number;
}

/** What is known of copies: how long the last ones took, and the copies of the last day to each region. */
export interface CopyReport {
  readonly times: readonly RegionCopyTimes[];
  /** The copies of all registries together, see `copies-of-day.ts`. */
  readonly lastDay: CopiesOfDay['regions'];
}

export const noCopyReport: CopyReport = { times: [], lastDay: {} };

/**
 * The copies of registries, for people. One read for each.
 * @throws {StateUnavailableError}
 */
export async function reportCopyTimes(
  registries: readonly Registry[],
  {
    ledger,
    loginServers,
  }: { readonly ledger: Pick<Ledger, 'copyTimes'>; readonly loginServers: Pick<LoginServers, 'of'> },
  now: Date,
  deadline: Deadline,
): Promise<CopyReport> {
  const reports = await Promise.all(
    registries.map(async (registry) => {
      const loginServer = await loginServers.of(registry, deadline);
      // Nothing was ever stored of a registry whose login server nobody knows.
      if (loginServer === undefined) return undefined;
      const known = await ledger.copyTimes.read(loginServer, deadline);
      const { name, replicationSloMs: objectiveMs } = registry;
      const times = copyTimeStats(known?.times ?? {}, objectiveMs).map(
        (stats): RegionCopyTimes => ({ registry: name, loginServer, objectiveMs, ...stats }),
      );
      return { times, lastDay: known?.lastDay?.regions ?? {} };
    }),
  );
  const known = reports.filter((report) => report !== undefined);
  return {
    times: known.flatMap(({ times }) => times),
    lastDay: sumOfCopies(
      known.map(({ lastDay }) => lastDay),
      cellAt(now.getTime()),
    ),
  };
}
