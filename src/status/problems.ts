import type { RegistryStatus } from '../routing/status-view.ts';
import { type Part, type StatusParts, withHealing } from './document.ts';

/** Something that is not as it should be, or that nobody can see. */
interface Problem {
  /** One word for programs; `docs/operations.md` lists them. */
  readonly code: string;
  readonly message: string;
  /** ISO 8601 in UTC; `null` where it is not known. */
  readonly since: string | null;
}

/** Timers that missed so many turns do not run. */
const missedTurns = 3;

/**
 * | code                   | when                                                                |
 * |------------------------|---------------------------------------------------------------------|
 * | `settingBad`           | a setting is wrong                                                  |
 * | `partUnknown`          | a part of the status cannot be read                                 |
 * | `auditOverdue`         | spokes are configured, and no sweep ended for three intervals       |
 * | `auditIncomplete`      | the last sweep could not read everything                            |
 * | `driftFound`           | the last sweep found records that are not right                     |
 * | `dnsConflict`          | two live container groups claim one record set                      |
 * | `imageStalled`         | an image is not everywhere beyond its objective                     |
 * | `tagDiverged`          | regions resolve a tag to different digests beyond the objective     |
 * | `reviewOverdue`        | a registry was not reviewed for three intervals                     |
 * | `registryProblem`      | something is wrong with a registry or its entry                     |
 * | `controlPlaneFrozen`   | Resource Manager does not answer, and nothing is decided            |
 * | `commonCause`          | every replica is unreachable at once: our own view is suspect       |
 * | `replicaFlagged`       | a replica should be out of global routing                           |
 * | `replicaContested`     | another writer keeps reversing a replica's routing                  |
 */
export function problemsOf(parts: StatusParts): Problem[] {
  return [
    ...parts.settingErrors.map((message) => problem('settingBad', message)),
    ...unknownParts(parts),
    ...auditProblems(parts),
    ...conflictProblems(parts),
    ...imageProblems(parts),
    ...reviewProblems(parts),
  ];
}

const problem = (code: string, message: string, since: string | null = null): Problem => ({
  code,
  message,
  since,
});

function unknownParts({ audit, images, reviews, journal }: StatusParts): Problem[] {
  const parts: [string, Part<unknown>][] = [
    ['the report of the last sweep', audit],
    ['the images on their way', images],
    ['the reviews of registries', reviews],
    ['the journal', journal],
  ];
  return parts.flatMap(([name, part]) =>
    'failure' in part ? [problem('partUnknown', `${name} cannot be read: ${part.failure}`)] : [],
  );
}

function auditProblems({ audit, journal, spokes, auditIntervalMs, now }: StatusParts): Problem[] {
  if ('failure' in audit || spokes.length === 0) return [];
  const report = audit.value;
  if (report === undefined) return [problem('auditOverdue', 'no sweep has ended yet')];
  const { finishedAt, complete, unread } = report;
  const noted = 'value' in journal ? journal.value : undefined;
  const findings = withHealing(report, noted).filter(({ healedAt }) => healedAt === null);
  const problems: Problem[] = [];
  if (isOverdue(finishedAt, auditIntervalMs, now)) {
    problems.push(problem('auditOverdue', 'the last sweep is too long ago', finishedAt));
  }
  if (!complete) {
    const reason = unread[0] === undefined ? '' : `: ${unread[0].scope}: ${unread[0].reason}`;
    problems.push(
      problem('auditIncomplete', `the last sweep could not read everything${reason}`, finishedAt),
    );
  }
  if (findings.length > 0) {
    const since = findings.map((finding) => finding.since).sort()[0] ?? finishedAt;
    problems.push(
      problem('driftFound', `${count(findings.length, 'record finding')} of the last sweep`, since),
    );
  }
  return problems;
}

function conflictProblems({ journal }: StatusParts): Problem[] {
  if ('failure' in journal || journal.value === undefined) return [];
  return journal.value.conflicts.map(({ containerGroup, recordSet, owner, since }) =>
    problem('dnsConflict', `${containerGroup} does not get ${recordSet}, which belongs to ${owner}`, since),
  );
}

function imageProblems({ images }: StatusParts): Problem[] {
  if ('failure' in images || images.value === undefined) return [];
  return images.value.images
    .filter(({ state }) => state === 'stalled')
    .map(({ registry, repository, tag, digest, regions, diverged, firstSeen }) => {
      const name = tag === null ? `${registry}/${repository}@${digest}` : `${registry}/${repository}:${tag}`;
      if (diverged) return problem('tagDiverged', `regions resolve ${name} to different digests`, firstSeen);
      const missing = regions.filter(({ state }) => state !== 'available').map(({ region }) => region);
      return problem('imageStalled', `${name} is not in ${missing.join(', ')}`, firstSeen);
    });
}

function reviewProblems({ reviews, registries, reviewIntervalMs, now }: StatusParts): Problem[] {
  if ('failure' in reviews) return [];
  return registries.flatMap((registry) => {
    const review = reviews.value.find((one) => one.registry === registry);
    if (review === undefined) return [problem('reviewOverdue', `${registry} was not reviewed yet`)];
    const overdue = isOverdue(review.reviewedAt, reviewIntervalMs, now)
      ? [problem('reviewOverdue', `the last review of ${registry} is too long ago`, review.reviewedAt)]
      : [];
    return [...overdue, ...problemsOfReview(review)];
  });
}

function problemsOfReview({ registry, reviewedAt, frozen, commonCause, problems, replicas }: RegistryStatus) {
  const found = problems.map((message) => problem('registryProblem', message, reviewedAt));
  if (frozen !== null) {
    const message = `nothing is decided about ${registry}: ${frozen.reason}`;
    found.push(problem('controlPlaneFrozen', message, frozen.since));
  }
  if (commonCause) {
    const message = `every replica of ${registry} is unreachable at once: our own view is suspect`;
    found.push(problem('commonCause', message, reviewedAt));
  }
  for (const { name, region, verdict, since, contested, contestedBy, reasons } of replicas) {
    if (verdict === 'flagged') {
      const why = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`;
      const message = `${registry} in ${region} should be out of global routing${why}`;
      found.push(problem('replicaFlagged', message, since));
    }
    if (contested) {
      const who = contestedBy === null ? 'another writer' : contestedBy;
      found.push(
        problem('replicaContested', `${who} keeps reversing the routing of ${registry}/${name}`, since),
      );
    }
  }
  return found;
}

/** An interval of 0 is that of a timer that never fires: nobody can be late. */
const isOverdue = (at: string, intervalMs: number, now: Date): boolean =>
  intervalMs > 0 && now.getTime() - Date.parse(at) > missedTurns * intervalMs;

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
