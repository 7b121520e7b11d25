import { RefusedRequestError } from './refusal.ts';

/**
 * A name that several entries of `REGISTRIES` have.
 * @param choices what names each of them.
 */
export const ambiguousRegistry = (name: string, choices: readonly string[]): RefusedRequestError =>
  new RefusedRequestError(
    400,
    'registryAmbiguous',
    `${choices.length} entries of REGISTRIES have the name ${JSON.stringify(name.slice(0, 255))}: name one of ${choices.join(', ')}`,
  );
