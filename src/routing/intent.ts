import * as v from 'valibot';

/**
 * A change of a replica's routing, written down before it is sent, and what became of it.
 *
 * | outcome     | means                                                     | hold-down and budget |
 * |-------------|-----------------------------------------------------------|----------------------|
 * | `pending`   | written; whether it was sent is not known                 | counts               |
 * | `uncertain` | sent; no answer                                           | counts               |
 * | `running`   | accepted; its end was not seen                            | counts               |
 * | `done`      | took effect                                               | counts               |
 * | `failed`    | did not take effect, and may have cost Azure something    | counts               |
 * | `refused`   | the identity may not write                                | does not             |
 * | `forgotten` | was not sent, or not before its run ended                 | does not             |
 */
export const intentSchema = v.object({
  to: v.picklist(['enabled', 'disabled']),
  at: v.string(),
  /** Of the first attempt, where this one follows others that were not seen to take effect. */
  firstAt: v.optional(v.string()),
  outcome: v.picklist(['pending', 'uncertain', 'running', 'done', 'failed', 'refused', 'forgotten']),
  detail: v.optional(v.string()),
});

export type Intent = v.InferOutput<typeof intentSchema>;

export const isInFlight = (intent: Intent | undefined): boolean =>
  intent !== undefined && ['pending', 'uncertain', 'running'].includes(intent.outcome);

export const countsAsChange = (intent: Intent | undefined): intent is Intent =>
  intent !== undefined && intent.outcome !== 'refused' && intent.outcome !== 'forgotten';

/** What a replication carries as long as evenkeel keeps it out of routing. */
export const tagName = 'evenkeel:globalRouting';
const resumeWord = 'resume';

/** What is to be written down before a change is sent. */
export function newIntent(to: Intent['to'], at: string, before: Intent | undefined): Intent {
  const isAnother = before !== undefined && before.to === to && before.outcome !== 'done';
  return { to, at, ...(isAnother ? { firstAt: before.firstAt ?? before.at } : {}), outcome: 'pending' };
}

/**
 * Tells this change from every other one, also from one that somebody else made. All attempts at it have one stamp:
 * whichever takes effect in the end is ours.
 */
export const stampOf = ({ to, at, firstAt }: Pick<Intent, 'to' | 'at' | 'firstAt'>): string =>
  `${to}@${firstAt ?? at}`;

type Tags = Readonly<Record<string, string>>;

/** All the tags that the replication has, and our own while it is out of routing. */
export function tagsFor(intent: Pick<Intent, 'to' | 'at' | 'firstAt'>, tags: Tags): Tags {
  const others = Object.fromEntries(Object.entries(tags).filter(([name]) => !isOurs(name)));
  return intent.to === 'disabled' ? { ...others, [tagName]: stampOf(intent) } : others;
}

export const carriesStamp = (tags: Tags, intent: Intent): boolean => ourTag(tags) === stampOf(intent);

/** Whether some change of evenkeel's took it out of routing, whatever is remembered of it. */
export const isTaggedDisabled = (tags: Tags): boolean => ourTag(tags)?.startsWith('disabled@') ?? false;

/** What an operator wrote into our tag to end a contest: `resume`, or `resume` and anything. */
export function resumeRequest(tags: Tags): string | undefined {
  const value = ourTag(tags);
  return value?.toLowerCase().startsWith(resumeWord) ? value : undefined;
}

const ourTag = (tags: Tags): string | undefined => Object.entries(tags).find(([name]) => isOurs(name))?.[1];

/** Azure keeps the casing of a tag's name and does not tell names apart by it. */
const isOurs = (name: string): boolean => name.toLowerCase() === tagName.toLowerCase();
