import type { RegistryStatus } from '../routing/status-view.ts';
import { type Part, partValue, type StatusParts } from './parts.ts';
import type { Finding, Problem } from './schema.ts';
import { shownImage, shownName } from './shown-name.ts';

/** A timer that missed so many turns does not run. */
const missedTurns = 3;

/**
 * | code                   | when                                                                |
 * |------------------------|---------------------------------------------------------------------|
 * | `settingBad`           | a setting is wrong                                                  |
 * | `partUnknown`          | a part of the status cannot be read                                 |
 * | `auditOverdue`         | spokes are configured, and no audit finished for three intervals    |
 * | `auditIncomplete`      | the last audit could not read everything                            |
 * | `driftFound`           | the last audit found records that are not right                     |
 * | `dnsConflict`          | two live container groups claim one record set                      |
 * | `imageStalled`         | an image is still missing in a region after its objective           |
 * | `tagDiverged`          | regions still resolve a tag to different digests after the objective |
 * | `reviewOverdue`        | a registry was not reviewed for three intervals                     |
 * | `registryProblem`      | something is wrong with a registry or its entry                     |
 * | `controlPlaneFrozen`   | Resource Manager does not answer, and nothing is decided            |
 * | `commonCause`          | every replica is unreachable at once: our own view is suspect       |
 * | `replicaFlagged`       | a replica should be out of global routing                           |
 * | `replicaContested`     | another writer keeps reversing a replica's routing                  |
 *
 * @param openFindings what the last audit found and nothing has healed since.
 */
export function problemsOf(parts: StatusParts, openFindings: readonly Finding[]): Problem[] {
  return [
    ...parts.settingErrors.map((message) => problem('settingBad', message)),
    ...unreadableParts(parts),
    ...auditProblems(parts, openFindings),
    ...conflictProblems(parts),
    ...imageProblems(parts),
    ...reviewProblems(parts),
  ];
}

const problem = (
  code: string,
  message: string,
  since: string | null = null,
  subject: string | null = null,
): Problem => ({ code, message, since, subject });

function unreadableParts({ audit, images, copyTimes, reviews, journal }: StatusParts): Problem[] {
  const parts: [string, Part<unknown>][] = [
    ['the last audit report', audit],
    ['the list of replicating images', images],
    ['the copy times', copyTimes],
    ['the registry reviews', reviews],
    ['the journal', journal],
  ];
  return parts.flatMap(([name, part]) =>
    'failure' in part ? [problem('partUnknown', `${name} cannot be read: ${part.failure}`)] : [],
  );
}

function auditProblems(
  { audit, spokes, auditIntervalMs, now }: StatusParts,
  openFindings: readonly Finding[],
): Problem[] {
  if ('failure' in audit || spokes.length === 0) return [];
  if (audit.value === undefined) return [problem('auditOverdue', 'no audit has finished yet')];
  const { finishedAt, complete, incompleteSince, unread } = audit.value;
  const problems: Problem[] = [];
  if (isOverdue(finishedAt, auditIntervalMs, now)) {
    problems.push(problem('auditOverdue', 'the last audit finished too long ago', finishedAt));
  }
  if (!complete) {
    const reason = unread[0] === undefined ? '' : `: ${reasonWithScope(unread[0])}`;
    problems.push(
      problem(
        'auditIncomplete',
        `the last audit could not read everything${reason}`,
        incompleteSince ?? finishedAt,
        unread[0]?.scope ?? null,
      ),
    );
  }
  if (openFindings.length > 0) {
    const since = openFindings.flatMap((finding) => finding.since ?? []).sort()[0] ?? finishedAt;
    const findings = openFindings.length === 1 ? '1 open finding' : `${openFindings.length} open findings`;
    problems.push(problem('driftFound', `the last audit has ${findings}`, since));
  }
  return problems;
}

/** Most reasons name what was asked for themselves. */
const reasonWithScope = ({ scope, reason }: { readonly scope: string; readonly reason: string }): string =>
  reason.toLowerCase().includes(scope.toLowerCase()) ? reason : `${scope}: ${reason}`;

function conflictProblems({ journal }: StatusParts): Problem[] {
  const conflicts = partValue(journal)?.conflicts ?? [];
  return conflicts.map(({ containerGroup, recordSet, owner, since }) =>
    problem(
      'dnsConflict',
      `${containerGroup} claims ${recordSet}, which belongs to ${owner}`,
      since,
      containerGroup,
    ),
  );
}

function imageProblems(parts: StatusParts): Problem[] {
  const names = namesOf(parts);
  const stalled = partValue(parts.images)?.images.filter(({ state }) => state === 'stalled') ?? [];
  return stalled.map((image) => {
    const { regions, diverged, firstSeen } = image;
    const name = shownImage(image, names);
    if (diverged)
      return problem('tagDiverged', `regions resolve ${name} to different digests`, firstSeen, name);
    const missing = regions.filter(({ state }) => state !== 'available').map(({ region }) => region);
    return problem('imageStalled', `${name} is missing in ${missing.join(', ')}`, firstSeen, name);
  });
}

function reviewProblems(parts: StatusParts): Problem[] {
  const { reviews, reviewIntervalMs, now } = parts;
  if ('failure' in reviews) return [];
  return namesOf(parts).flatMap((named, _, all) => {
    const review = reviews.value.find(({ id }) => id === named.id);
    const name = shownName(named, all);
    if (review === undefined)
      return [problem('reviewOverdue', `${name} has not been reviewed yet`, null, named.id)];
    const { reviewedAt } = review;
    const overdue = isOverdue(reviewedAt, reviewIntervalMs, now)
      ? [problem('reviewOverdue', `${name} was last reviewed too long ago`, reviewedAt, named.id)]
      : [];
    return [...overdue, ...registryProblems({ ...review, registry: name })];
  });
}

function registryProblems({
  id: registryId,
  registry,
  reviewedAt,
  frozen,
  commonCause,
  commonCauseSince = reviewedAt,
  problems,
  problemsSince,
  replicas,
}: RegistryStatus): Problem[] {
  const found = problems.map((message) =>
    problem('registryProblem', message, problemsSince[message] ?? reviewedAt, registryId),
  );
  if (frozen !== null) {
    const message = `routing decisions for ${registry} are paused: ${frozen.reason}`;
    found.push(problem('controlPlaneFrozen', message, frozen.since, registryId));
  }
  if (commonCause) {
    const message = `every replica of ${registry} is unreachable at once, so evenkeel's own network is suspect`;
    found.push(problem('commonCause', message, commonCauseSince, registryId));
  }
  for (const { id, name, region, verdict, since, contested, contestedBy, reasons } of replicas) {
    if (verdict === 'flagged') {
      const why = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`;
      const message = `${registry} in ${region} should be out of global routing${why}`;
      found.push(problem('replicaFlagged', message, since, id));
    }
    if (contested) {
      const message = `${contestedBy ?? 'another writer'} keeps reversing the routing of ${registry}/${name}`;
      found.push(problem('replicaContested', message, since, id));
    }
  }
  return found;
}

/** The configured registries, with the login servers that the reviews know. */
const namesOf = ({ registries, reviews }: StatusParts) =>
  registries.map(({ id, name }) => ({
    id,
    registry: name,
    loginServer: partValue(reviews)?.find((one) => one.id === id)?.loginServer ?? null,
  }));

/** An interval of 0 is that of a timer that never fires: nothing can be overdue. */
const isOverdue = (at: string, intervalMs: number, now: Date): boolean =>
  intervalMs > 0 && now.getTime() - Date.parse(at) > missedTurns * intervalMs;
