import type { AuditReport } from '../dns/audit/report.ts';
import type { DnsPolicy } from '../dns/policy.ts';
import type { Registry } from '../registries/registry.ts';
import type { CopyReport } from '../replication/copy-time-report.ts';
import type { OpenList } from '../replication/open-images.ts';
import type { RegistryStatus } from '../routing/status-view.ts';
import type { Journal } from './journal.ts';

/** One part of the status, or the reason why it could not be read. */
export type Part<T> = { readonly value: T } | { readonly failure: string };

/** Everything that the status document is made from. Each part is read on its own, so that one failure hides no other. */
export interface StatusParts {
  readonly version: string;
  readonly now: Date;
  /** URL of the Azure portal. */
  readonly portal: string;
  /** Sentences on what is wrong with settings. */
  readonly settingErrors: readonly string[];
  /** Keys of the zone map. */
  readonly spokes: readonly string[];
  /** The configured registries. */
  readonly registries: readonly Pick<Registry, 'id' | 'name' | 'hosts'>[];
  /** The report of the last audit; `undefined` before the first one. */
  readonly audit: Part<AuditReport | undefined>;
  /** `undefined` without registries. */
  readonly images: Part<OpenList | undefined>;
  readonly copyTimes: Part<CopyReport>;
  readonly reviews: Part<readonly RegistryStatus[]>;
  readonly journal: Part<Journal | undefined>;
  /** Whether signals go to a topic, or to the log only. */
  readonly hasTopic: boolean;
  readonly auditIntervalMs: number;
  /** The next sweep; `undefined` when there is none. */
  readonly nextSweepAt: Date | undefined;
  /** How far evenkeel may go with the records of a container group, by its ARM id. */
  readonly policyOf: (containerGroup: string) => DnsPolicy;
  readonly reviewIntervalMs: number;
}

/** @returns `undefined` also for a part that could not be read. */
export const partValue = <T>(part: Part<T>): T | undefined => ('value' in part ? part.value : undefined);
