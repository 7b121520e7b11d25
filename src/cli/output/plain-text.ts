import * as v from 'valibot';

/** Terminals obey control characters, and what is shown on one line has to stay one. */
export const plainText = (words: string): string => words.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

/** Text from elsewhere that is shown to people. */
export const shownText = v.pipe(v.string(), v.transform(plainText));
