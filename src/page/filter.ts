import type { CopyTimes, Registry, StatusDocument } from '../status/schema.ts';
import { findingLabel, signalLabel } from './labels.ts';
import { needsAttention } from './replica-state.ts';

/** What the reader wants to see of the lists. */
export interface Filter {
  /** Words that a row has to hold, all of them, in any order. */
  readonly text: string;
  readonly onlyProblems: boolean;
}

export const noFilter: Filter = { text: '', onlyProblems: false };

export const isFiltering = ({ text, onlyProblems }: Filter): boolean => onlyProblems || text.trim() !== '';

/** @returns the document with only the rows that the reader wants to see. Its numbers and problems stay. */
export function filtered(status: StatusDocument, { text, onlyProblems }: Filter): StatusDocument {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (...texts: readonly (string | null | undefined)[]): boolean => {
    const all = texts.join(' ').toLowerCase();
    return words.every((word) => all.includes(word));
  };
  const { dns, images, registries, copyTimes, signals } = status;
  return {
    ...status,
    dns: {
      ...dns,
      spokes: dns.spokes.filter(
        ({ key, findings, conflicts }) => holds(key) && (!onlyProblems || findings + conflicts > 0),
      ),
      audit: dns.audit && {
        ...dns.audit,
        findings: dns.audit.findings.filter(
          ({ finding, containerGroup, recordSets, liveAddress, recordAddress, healedAt }) =>
            (!onlyProblems || healedAt === null) &&
            holds(findingLabel(finding), containerGroup, ...recordSets, liveAddress, recordAddress),
        ),
        unread: dns.audit.unread.filter(({ scope, reason }) => holds(scope, reason)),
        sharedAddresses: dns.audit.sharedAddresses.filter(
          ({ address, containerGroups }) => !onlyProblems && holds(address, ...containerGroups),
        ),
      },
      conflicts: dns.conflicts.filter(({ containerGroup, recordSet, owner }) =>
        holds(containerGroup, recordSet, owner),
      ),
    },
    images: {
      ...images,
      open: images.open.filter(
        ({ registry, loginServer, repository, tag, digest, regions, state, diverged }) =>
          (!onlyProblems || diverged || state === 'stalled') &&
          holds(
            registry,
            loginServer,
            `${repository}:${tag}@${digest}`,
            ...regions.map(({ region }) => region),
          ),
      ),
    },
    registries: registries.flatMap((registry) => {
      const own = [registry.registry, registry.loginServer, ...registry.hosts, ...registry.problems];
      const replicas = registry.replicas.filter(
        (replica) =>
          (!onlyProblems || needsAttention(replica)) && holds(...own, replica.region, replica.name),
      );
      const isWanted = replicas.length > 0 || (holds(...own) && (!onlyProblems || hasProblem(registry)));
      return isWanted ? [{ ...registry, replicas }] : [];
    }),
    copyTimes: copyTimes.filter(
      (times) => (!onlyProblems || isLate(times)) && holds(times.registry, times.loginServer, times.region),
    ),
    signals: {
      ...signals,
      recent: signals.recent.filter(
        ({ type, subject }) => !onlyProblems && holds(type, signalLabel(type), subject),
      ),
    },
  };
}

export const hasProblem = ({ reviewedAt, frozen, commonCause, problems }: Registry): boolean =>
  reviewedAt === null || frozen !== null || commonCause || problems.length > 0;

/** Whether some copies took longer than the objective allows. */
export const isLate = ({ withinObjective }: CopyTimes): boolean =>
  withinObjective !== null && withinObjective < 1;
