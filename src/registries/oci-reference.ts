/**
 * The grammar of repositories, tags and digests. A registry reports nothing else, so webhooks, events, queries and the
 * command line all refuse whatever does not match.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
 */

/** A repository such as `team/app`. */
export const isRepository = (text: string): boolean =>
  text.length <= maxRepositoryLength && repositoryPattern.test(text);

/** The limit of Azure, and of most clients for the whole name. */
export const maxRepositoryLength = 255;

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`);

/** A tag of up to 128 letters, digits, dots, hyphens and underscores. */
export const isTag = (text: string): boolean => /^\w[\w.-]{0,127}$/.test(text);

/**
 * The tag of a Helm chart as the registry's old chart repository reports it, such as `mychart-1.2.3+build.5.tgz`: a
 * version may have build metadata after a plus sign, which no tag of an image has.
 * https://semver.org/spec/v2.0.0.html#spec-item-10
 */
export const isChartTag = (text: string): boolean => /^\w[\w.+-]{0,127}$/.test(text);

/**
 * A digest of any algorithm, of at least 128 bits: a registry may report such a digest.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests
 */
export const isDigest = (text: string): boolean =>
  /^[a-z0-9]{1,32}(?:[+._-][a-z0-9]{1,32}){0,3}:[a-f0-9]{32,128}$/.test(text);

/**
 * A digest of a registered algorithm. Evenkeel requests only such digests, because it can check the answer by them.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#registered-algorithms
 */
export const isRegisteredDigest = (text: string): boolean =>
  /^(sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/.test(text);
