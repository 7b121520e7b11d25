import * as v from 'valibot';
import { plainText } from './text.ts';

/** Text from elsewhere that is shown to people. */
export const shownText = v.pipe(v.string(), v.transform(plainText));
