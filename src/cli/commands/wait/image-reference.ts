import { isRegisteredDigest, isRepository, isTag } from '../../../registries/oci-reference.ts';
import { ArgumentError } from '../../argument-error.ts';

/** An image as a command line names it. */
export interface ImageReference {
  /**
   * In lower case: the registry's name, its login server without a port, or the first label of that. A name that
   * several registries share says less than a login server, so the app is told as much as was given.
   */
  readonly registry: string;
  readonly repository: string;
  /** A tag, or a digest such as `sha256:…`. */
  readonly reference: string;
  /** Whether neither was given, and `reference` is `latest`. */
  readonly isTagAssumed: boolean;
}

// A registry name has no hyphen; what follows one is the hash of a domain name label.
const registry =
  /^([a-z0-9]{5,50}(?:-[a-z0-9]+)?)(?:(?:\.[a-z0-9]+\.geo)?(\.azurecr\.(?:io|us|cn))(?::\d{1,5})?)?$/;

/**
 * Parses `REGISTRY/REPOSITORY[:TAG|@DIGEST]`. Given both a tag and a digest, the digest counts.
 * @throws {ArgumentError} that says which part is wrong and what was expected.
 */
export function parseImageReference(text: string): ImageReference {
  if (text.includes('://')) throw referenceError(text, 'is a URL');
  const slash = text.indexOf('/');
  if (slash < 1 || slash === text.length - 1) throw referenceError(text, 'names no repository');
  const host = text.slice(0, slash).toLowerCase();
  const [, label, domain = ''] = registry.exec(host) ?? [];
  if (label === undefined) throw referenceError(text, 'names no Azure container registry');

  const [name = '', digestText] = splitAt(text.slice(slash + 1), '@');
  const [path = '', tagText] = splitAt(name, ':');
  if (!isRepository(path)) throw referenceError(text, 'has no repository that a registry allows');
  if (tagText !== undefined && !isTag(tagText)) {
    throw referenceError(text, 'has no tag that a registry allows');
  }
  if (digestText !== undefined && !isRegisteredDigest(digestText)) {
    throw referenceError(text, 'has no digest of the form sha256: and 64 hexadecimal digits');
  }
  return {
    // Without the region of a regional endpoint.
    registry: `${label}${domain}`,
    repository: path,
    reference: digestText ?? tagText ?? 'latest',
    isTagAssumed: digestText === undefined && tagText === undefined,
  };
}

const referenceError = (text: string, problem: string): ArgumentError =>
  new ArgumentError(
    `${JSON.stringify(text)} ${problem}; expected REGISTRY/REPOSITORY[:TAG|@DIGEST], such as myregistry/team/app:v1`,
  );

/** `myregistry/team/app:v1`, or `…/app@sha256:…`. */
export const formatImageReference = ({ registry, repository, reference }: ImageReference): string =>
  `${registry}/${repository}${isRegisteredDigest(reference) ? '@' : ':'}${reference}`;

/** `sha256:1a2b3c4d5e6f`: as much of a digest as people compare. */
export const shortDigest = (text: string): string => text.replace(/^(\w+:[a-f0-9]{12})[a-f0-9]+$/, '$1');

/** The parts before and after the first separator; the second is `undefined` without one. */
function splitAt(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
