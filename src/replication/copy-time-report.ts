import type { Deadline } from '../lib/deadline.ts';
import type { LoginServers } from '../registries/login-servers.ts';
import type { Registry } from '../registries/registry.ts';
import { type CopyTimeStats, copyTimeStats } from './copy-times.ts';
import type { Ledger } from './ledger.ts';

/** How long the last copies to a region of a registry took, against its objective. */
export interface RegionCopyTimes extends CopyTimeStats {
  /** Its name. */
  readonly registry: string;
  readonly loginServer: string;
  readonly objectiveMs: number;
}

/**
 * The copy times of registries, for people. One read for each.
 * @throws {StateUnavailableError}
 */
export async function reportCopyTimes(
  registries: readonly Registry[],
  {
    ledger,
    loginServers,
  }: { readonly ledger: Pick<Ledger, 'copyTimes'>; readonly loginServers: Pick<LoginServers, 'of'> },
  deadline: Deadline,
): Promise<RegionCopyTimes[]> {
  const reports = await Promise.all(
    registries.map(async (registry) => {
      const loginServer = await loginServers.of(registry, deadline);
      // Nothing was ever stored of a registry whose login server nobody knows.
      if (loginServer === undefined) return [];
      const known = await ledger.copyTimes.read(loginServer, deadline);
      const { name, replicationSloMs: objectiveMs } = registry;
      return copyTimeStats(known?.times ?? {}, objectiveMs).map(
        (stats): RegionCopyTimes => ({ registry: name, loginServer, objectiveMs, ...stats }),
      );
    }),
  );
  return reports.flat();
}
