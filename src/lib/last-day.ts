import * as v from 'valibot';

/**
 * The last 24 hours in cells of half an hour, for strips that people look at. A cell goes by its number since 1970, so
 * that every process cuts the day at the same times, whatever its time zone.
 *
 * A strip has one character for each cell. Characters of one cell are joined by a function for which neither the order
 * nor a repetition matters, so that a strip is the same whoever adds to it first, and after a retry.
 */
export const cellMs = 30 * 60 * 1000;
export const cellsOfDay = 48;

/** The number of the cell that a time lies in. */
export const cellAt = (ms: number): number => Math.floor(ms / cellMs);

/** The character of a cell that nobody has looked at. */
export const emptyMark = '.';

export const stripSchema = v.object({
  /** The number of the last cell. */
  last: v.number(),
  /** At most {@link cellsOfDay} characters, the oldest cell first. */
  marks: v.string(),
});

export type Strip = v.InferOutput<typeof stripSchema>;

/** What two characters of one cell come to: commutative, associative and idempotent. Neither is {@link emptyMark}. */
export type JoinMarks = (a: string, b: string) => string;

/** The strip with what both say of each cell, up to the later end of the two. */
export function joinStrips(a: Strip | undefined, b: Strip, join: JoinMarks): Strip {
  if (a === undefined) return b;
  const last = Math.max(a.last, b.last);
  const marksOfB = marksUntil(b, last);
  const marks = [...marksUntil(a, last)].map((mark, index) => {
    const other = marksOfB[index] ?? emptyMark;
    if (mark === emptyMark || other === emptyMark) return mark === emptyMark ? other : mark;
    return join(mark, other);
  });
  return { last, marks: marks.join('').replace(/^\.+/, '') };
}

/** The characters of the {@link cellsOfDay} cells that end with this one. */
export function marksUntil({ last, marks }: Strip, cell: number): string {
  const later = cell - last;
  const shifted = later >= 0 ? marks + emptyMark.repeat(Math.min(later, cellsOfDay)) : marks.slice(0, later);
  return shifted.slice(-cellsOfDay).padStart(cellsOfDay, emptyMark);
}

/** What a record has under a name from outside: a resource group may be called `constructor`. */
export const ownValue = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** Whole numbers, checked at once: there may be very many of them. */
export const numbersSchema = v.custom<readonly number[]>(
  (value) => Array.isArray(value) && value.every(Number.isSafeInteger),
);
