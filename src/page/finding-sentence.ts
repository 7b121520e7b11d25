import type { Finding } from '../status/schema.ts';

/**
 * What is, what DNS says, and what becomes of it.
 *
 * | live    | recorded | sentence                                                                                |
 * |---------|----------|-----------------------------------------------------------------------------------------|
 * | address | address  | is 10.1.0.4, DNS says 10.1.0.9; repaired by the next event, at the latest 14:30          |
 * | address | none     | is 10.1.0.4, DNS says nothing; …                                                        |
 * | none    | address  | DNS says 10.1.0.9, where nothing should be; …                                           |
 * | none    | none     | …                                                                                       |
 */
export function findingSentence({ liveAddress, recordAddress, repair, healedAt }: Finding): string {
  const [is, says] = healedAt === null ? ['is', 'says'] : ['was', 'said'];
  const parts = [
    ...(liveAddress === null
      ? recordAddress === null
        ? []
        : [`DNS ${says} ${recordAddress}, where nothing should be`]
      : [`${is} ${liveAddress}, DNS ${says} ${recordAddress ?? 'nothing'}`]),
    ...(repair === null ? [] : [repair]),
  ];
  return parts.join('; ');
}
