import type { Mutation } from './mutations.ts';

/** A mutation after which the program does the same. */
export interface Equivalence {
  readonly file: string;
  /** The text that is replaced with some of what stands before and after it, so that it is the only one in the file. */
  readonly text: string;
  /** The same text after the mutation. */
  readonly becomes: string;
  /** Why no test can see it. */
  readonly reason: string;
}

/** They are left out of the score. */
export const equivalences: readonly Equivalence[] = [
  {
    file: 'src/dns/stamp.ts',
    text: 'metadataValue(metadata, stampKey) ?? Number.NaN',
    becomes: '(metadataValue(metadata, stampKey))',
    reason: 'a date of undefined is none either; only its type refuses it',
  },
  {
    file: 'src/dns/previous-addresses.ts',
    text: 'twin.leftAt < entry.leftAt',
    becomes: 'twin.leftAt <= entry.leftAt',
    reason: 'with the same time they are the same entry',
  },
  {
    file: 'src/dns/previous-addresses.ts',
    text: 'a.address < b.address',
    becomes: 'a.address <= b.address',
    reason: 'no address is there twice',
  },
  {
    file: 'src/replication/verdict.ts',
    text: '(reference.tag === undefined ? undefined : histories.get(reference.tag))',
    becomes: '(false ? undefined : histories.get(reference.tag))',
    reason: 'no tag is undefined, so there is no history of that either',
  },
  {
    file: 'src/dns/zone-map.ts',
    text: "reverseZoneProblem(String(issue.input)) ?? ''",
    becomes: '(reverseZoneProblem(String(issue.input)))',
    reason: 'it is asked only where there is a problem',
  },
  {
    file: 'src/dns/zone-map.ts',
    text: 'if (first === undefined) continue;',
    becomes: 'if (false) continue;',
    reason: 'every key has at least one spelling',
  },
  {
    file: 'src/dns/audit/compare.ts',
    text: 'a.recordSet < b.recordSet',
    becomes: 'a.recordSet <= b.recordSet',
    reason: 'no record set has two findings of one kind',
  },
  {
    file: 'src/dns/audit/compare.ts',
    text: 'sorted.length / maxHints',
    becomes: 'sorted.length * maxHints',
    reason: 'parts without findings are left out',
  },
  {
    file: 'src/dns/reconcile-target.ts',
    text: 'resourceGroup === undefined || name === undefined',
    becomes: 'resourceGroup === undefined && name === undefined',
    reason: 'the text has both, or neither',
  },
  {
    file: 'src/dns/audit/sweep.ts',
    text: '(mustSearch ? (configured ?? []) : [])',
    becomes: '(mustSearch ? ((configured)) : [])',
    reason: 'where they must be searched for here, they are configured',
  },
  {
    file: 'src/dns/rate-limiter.ts',
    text: 'if ((slots.at(-1) ?? 0) <= now)',
    becomes: 'if (false)',
    reason: 'only gives back the memory of a scope whose slots are all over',
  },
  {
    file: 'src/dns/rate-limiter.ts',
    text: '(slots.at(-1) ?? 0) <= now',
    becomes: '(slots.at(-1) ?? 0) < now',
    reason: 'only gives back the memory of a scope whose slots are all over',
  },
  {
    file: 'src/dns/rate-limiter.ts',
    text: '(slots.at(-1) ?? 0) <= now)',
    becomes: '((slots.at(-1))) <= now)',
    reason: 'only gives back the memory of a scope whose slots are all over',
  },
  {
    file: 'src/dns/rate-limiter.ts',
    text: 'slotsOf.delete(known);',
    becomes: ';',
    reason: 'only gives back the memory of a scope whose slots are all over',
  },
  {
    file: 'src/dns/reconcile.ts',
    text: 'lacksRecheck = changes.length > 0',
    becomes: 'lacksRecheck = changes.length >= 0',
    reason: 'without a change nothing is re-checked',
  },
  {
    file: 'src/dns/read-claims.ts',
    text: 'spoke === undefined || hostName',
    becomes: 'spoke === undefined && hostName',
    reason: 'where there is no spoke there is no host name',
  },
  {
    file: 'src/dns/coalesced-reads.ts',
    text: 'if (first !== undefined) void',
    becomes: 'if (true) void',
    reason: 'more than one waits there',
  },
  {
    file: 'src/dns/prune/prunable.ts',
    text: "return ownership.kind === 'other' ?",
    becomes: 'return true ?',
    reason: 'whoever is no other group has no owner here',
  },
  {
    file: 'src/dns/prune/find.ts',
    text: 'a.owner.key < b.owner.key',
    becomes: 'a.owner.key <= b.owner.key',
    reason: 'no owner is there twice',
  },
  {
    file: 'src/dns/prune/find.ts',
    text: 'orderOf(a) < orderOf(b)',
    becomes: 'orderOf(a) <= orderOf(b)',
    reason: 'no record set is there twice',
  },
  {
    file: 'src/dns/prune/find.ts',
    text: 'if (first === undefined) return undefined;',
    becomes: 'if (false) return undefined;',
    reason: 'an owner has at least one record set',
  },
  {
    file: 'src/replication/publish-pauses.ts',
    text: '(images.get(image)?.untilMs ?? 0)',
    becomes: '((images.get(image)?.untilMs))',
    reason: 'no time is below 0, nor below nothing',
  },
  {
    file: 'src/replication/answer.ts',
    text: 'tag === undefined ? [] : (newerPushes',
    becomes: 'false ? [] : (newerPushes',
    reason: 'what was pushed by digest alone is under no tag',
  },
  {
    file: 'src/replication/tag-history.ts',
    text: '(all[index] ?? [])',
    becomes: '((all[index]))',
    reason: 'each image has its own times',
  },
  {
    file: 'src/replication/tag-history.ts',
    text: 'a.digest < b.digest',
    becomes: 'a.digest <= b.digest',
    reason: 'no digest is there twice',
  },
  {
    file: 'src/replication/tag-history.ts',
    text: 'times[index - 1] ?? time;',
    becomes: '(times[index - 1]);',
    reason: 'no time lies between a time and itself, nor after nothing',
  },
  {
    file: 'src/replication/tag-history.ts',
    text: 'const isLater = revertedAtMs > known',
    becomes: 'const isLater = revertedAtMs >= known',
    reason: 'the same time is known before',
  },
  {
    file: 'src/replication/tag-reverts.ts',
    text: '(own?.pushedAtMs ?? 0)',
    becomes: '((own?.pushedAtMs))',
    reason: 'without a push of its own nothing follows either way',
  },
  {
    file: 'src/replication/tag-reverts.ts',
    text: 'images.find(({ id }) => id.digest === newest.digest)?.references ?? []',
    becomes: '(images.find(({ id }) => id.digest === newest.digest)?.references)',
    reason: 'a push is of one of the images',
  },
  {
    file: 'src/replication/apply-deletion.ts',
    text: 'after.references[index] ?? known',
    becomes: '(after.references[index])',
    reason: 'both images have the same references in the same order',
  },
  {
    file: 'src/replication/apply-deletion.ts',
    text: '(lastDeletionMs(after) ?? 0)',
    becomes: '((lastDeletionMs(after)))',
    reason: 'after a notice of a deletion there is one',
  },
  {
    file: 'src/replication/apply-notification.ts',
    text: "(a.tag ?? '') < (b.tag ?? '')",
    becomes: "(a.tag ?? '') <= (b.tag ?? '')",
    reason: 'no tag is there twice',
  },
  {
    file: 'src/replication/withdrawn.ts',
    text: "left[index] ?? 'all'",
    becomes: '(left[index])',
    reason: 'each region has its answer',
  },
  {
    file: 'src/replication/record.ts',
    text: 'if (first === undefined) return [];',
    becomes: 'if (false) return [];',
    reason: 'each group has a member',
  },
  {
    file: 'src/replication/record.ts',
    text: 'one.remainingMs() > latest',
    becomes: 'one.remainingMs() >= latest',
    reason: 'of two with the same time either will do',
  },
  {
    file: 'src/replication/record.ts',
    text: '(image?.outbox.length ?? 0)',
    becomes: '((image?.outbox.length))',
    reason: 'nothing is not more than any number',
  },
  {
    file: 'src/replication/record.ts',
    text: 'settled.value ?? nothingDone',
    becomes: '(settled.value)',
    reason: 'whoever only has something taken in asks for no result',
  },
  {
    file: 'src/replication/record.ts',
    text: '(stored?.notices.length ?? 0)',
    becomes: '((stored?.notices.length))',
    reason: 'nothing is not more than any number',
  },
  {
    file: 'src/replication/read-answer.ts',
    text: 'image === undefined || push === undefined || pushed',
    becomes: 'image === undefined && push === undefined || pushed',
    reason: 'what is under the tag belongs to an image and a push',
  },
  {
    file: 'src/replication/read-answer.ts',
    text: 'push === undefined || pushed === undefined',
    becomes: 'push === undefined && pushed === undefined',
    reason: 'what is under the tag belongs to an image and a push',
  },
  {
    file: 'src/replication/outbox.ts',
    text: 'removed.set(signalId, true)',
    becomes: 'removed.set(signalId, false)',
    reason: 'only its key is asked for',
  },
  {
    file: 'src/replication/apply-notice.ts',
    text: "const tag = notification.kind === 'push' ? notification",
    becomes: 'const tag = true ? notification',
    reason: 'a deletion has no tag',
  },
  {
    file: 'src/replication/apply-notification.ts',
    text: 'group.length <= maxFacts',
    becomes: 'group.length < maxFacts',
    reason: 'of as many as are kept, all are the first and the newest',
  },
  {
    file: 'src/replication/ask-endpoints.ts',
    text: 'if (found !== undefined)',
    becomes: 'if (true)',
    reason: 'without the wish for a pull, some region is in question',
  },
  {
    file: 'src/replication/store.ts',
    text: 'if (stored === undefined) cache.delete',
    becomes: 'if (true) cache.delete',
    reason: 'what is there is put there again at once',
  },
  {
    file: 'src/replication/repair.ts',
    text: "indexOf(evidence ?? '')",
    becomes: 'indexOf((evidence))',
    reason: 'neither is a grade',
  },
  {
    file: 'src/replication/copy-times.ts',
    text: 'p50Ms === undefined || p95Ms',
    becomes: 'p50Ms === undefined && p95Ms',
    reason: 'of no samples there is neither',
  },
  {
    file: 'src/replication/bound-image.ts',
    text: 'facts.length <= 2',
    becomes: 'facts.length < 2',
    reason: 'of two, both are the first and the newest',
  },
  {
    file: 'src/replication/copies-of-day.ts',
    text: 'regions[region] ?? []',
    becomes: '(regions[region])',
    reason: 'it is one of its own regions',
  },
  {
    file: 'src/replication/copies-of-day.ts',
    text: 'Math.min(maxClasses - 1',
    becomes: 'Math.min(maxClasses + 1',
    reason: 'no copy takes as long as the last class',
  },
  {
    file: 'src/replication/close-entries.ts',
    text: 'image.finishedAtMs ?? 0',
    becomes: '(image.finishedAtMs)',
    reason: 'each of them is finished',
  },
  {
    file: 'src/replication/bound-image.ts',
    text: 'if (most < limit)',
    becomes: 'if (most <= limit)',
    reason: 'what is not let pass at once is measured, to the same end',
  },
  {
    file: 'src/replication/store-together.ts',
    text: 'if (stored === undefined || stored.notices.length === 0) return stored;',
    becomes: 'if (stored === undefined && stored.notices.length === 0) return stored;',
    reason: 'what others have taken in, or removed, is left as it is in any case',
  },
  {
    file: 'src/replication/deletions.ts',
    text: 'atMs < oldest',
    becomes: 'atMs <= oldest',
    reason: 'the same time is told already',
  },
  {
    file: 'src/routing/plan.ts',
    text: 'placeOf(a) < placeOf(b)',
    becomes: 'placeOf(a) <= placeOf(b)',
    reason: 'no two replicas of a registry have one name',
  },
  {
    file: 'src/routing/review.ts',
    text: 'reviewed[index]?.resolutions ?? []',
    becomes: '(reviewed[index]?.resolutions)',
    reason: 'the plan has each reviewed replica in its place',
  },
  {
    file: 'src/routing/state-size.ts',
    text: '.flat().length <= alwaysFit',
    becomes: '.flat().length < alwaysFit',
    reason: 'what is not let pass at once is measured, to the same end',
  },
  {
    file: 'src/routing/state-size.ts',
    text: 'if (limit === maxCharacters && [replicas, departed, outbox].flat().length <= alwaysFit) return',
    becomes: 'if (false) return',
    reason: 'what is not let pass at once is measured, to the same end',
  },
];

/** The entry that says that a mutation changes nothing. */
export function equivalenceOf(
  { file, start, end, replacement }: Mutation,
  source: string,
  among: readonly Equivalence[] = equivalences,
): Equivalence | undefined {
  const mutated = source.slice(0, start) + replacement + source.slice(end);
  return among.find(
    (one) =>
      one.file === file &&
      source.includes(one.text) &&
      source.replace(one.text, () => one.becomes) === mutated,
  );
}
