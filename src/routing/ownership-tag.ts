import type { Intent } from './state.ts';

/** The tag of a replication that evenkeel keeps out of global routing. */
export const tagName = 'evenkeel:globalRouting';

type Tags = Readonly<Record<string, string>>;

/**
 * | value          | written by  | means                                                  |
 * |----------------|-------------|--------------------------------------------------------|
 * | `disabled@…`   | evenkeel    | the stamp of the change that took it out of routing    |
 * | `resume…`      | an operator | the contest is over; evenkeel may manage it again      |
 *
 * A stamp tells a change from every other one, also from those of other writers. All attempts at one change have the
 * same stamp: whichever takes effect in the end is ours.
 */
export const stampOf = ({ to, at, firstAt }: Pick<Intent, 'to' | 'at' | 'firstAt'>): string =>
  `${to}@${firstAt ?? at}`;

/** All tags of the replication, with ours while it is out of routing. */
export function tagsFor(intent: Pick<Intent, 'to' | 'at' | 'firstAt'>, tags: Tags): Tags {
  const others = Object.fromEntries(Object.entries(tags).filter(([name]) => !isOurs(name)));
  return intent.to === 'disabled' ? { ...others, [tagName]: stampOf(intent) } : others;
}

export const carriesStamp = (tags: Tags, intent: Intent): boolean => tagValue(tags) === stampOf(intent);

/** Whether a change of evenkeel's took it out of routing, whatever the stored state remembers. */
export const isTaggedDisabled = (tags: Tags): boolean => tagValue(tags)?.startsWith('disabled@') === true;

/** The value by which an operator ends a contest: `resume`, or `resume` followed by anything. */
export function resumeRequest(tags: Tags): string | undefined {
  const value = tagValue(tags);
  return value?.toLowerCase().startsWith('resume') ? value : undefined;
}

const tagValue = (tags: Tags): string | undefined => Object.entries(tags).find(([name]) => isOurs(name))?.[1];

/** Azure keeps the casing of a tag's name and does not tell names apart by it. */
const isOurs = (name: string): boolean => name.toLowerCase() === tagName.toLowerCase();
