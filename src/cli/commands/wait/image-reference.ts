import {
  isAzureLoginServer,
  loginServerOfHost,
  normalHost,
  registryNameOf,
} from '../../../registries/host.ts';
import { isChartTag, isRegisteredDigest, isRepository } from '../../../registries/oci-reference.ts';
import { ArgumentError } from '../../argument-error.ts';

/** An image as a command line names it. */
export interface ImageReference {
  /** For people: the registry's name in lower case and without its domain, or its custom host. */
  readonly registry: string;
  /** What names the registry to the app: as it was written, in lower case and without a port. */
  readonly host: string;
  readonly repository: string;
  /** A tag, or a digest such as `sha256:…`. */
  readonly reference: string;
  /** Whether neither was given, and `reference` is `latest`. */
  readonly isTagAssumed: boolean;
}

// A registry name has no hyphen; what follows one is a domain name label. Only the app knows the custom hosts.
const registryName = /^[a-z0-9]{5,50}(?:-[a-z0-9]+)?$/;
const hostName = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/;

/**
 * Parses `REGISTRY/REPOSITORY[:TAG|@DIGEST]`. Given both a tag and a digest, the digest counts.
 * @throws {ArgumentError} that says which part is wrong and what was expected.
 */
export function parseImageReference(text: string): ImageReference {
  if (text.includes('://')) throw referenceError(text, 'is a URL');
  const slash = text.indexOf('/');
  if (slash < 1 || slash === text.length - 1) throw referenceError(text, 'names no repository');
  const written = text.slice(0, slash);
  const host = normalHost(written);
  const isHost = hostName.test(host);
  if (!isHost && !registryName.test(written.toLowerCase()))
    throw referenceError(text, 'names no Azure container registry');

  const [name = '', digestText] = splitAt(text.slice(slash + 1), '@');
  const [path = '', tagText] = splitAt(name, ':');
  if (!isRepository(path)) throw referenceError(text, 'has no repository that a registry allows');
  if (tagText !== undefined && !isChartTag(tagText)) {
    throw referenceError(text, 'has no tag that a registry allows');
  }
  if (digestText !== undefined && !isRegisteredDigest(digestText)) {
    throw referenceError(text, 'has no digest of the form sha256: and 64 hexadecimal digits');
  }
  return {
    registry: !isHost || isAzureLoginServer(loginServerOfHost(host)) ? registryNameOf(host) : host,
    host,
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
