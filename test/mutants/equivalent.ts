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
