import { createHash } from 'node:crypto';

/** A manifest, or an index of manifests, as a registry keeps it. */
export interface Manifest {
  readonly digest: string;
  readonly mediaType: string;
  /** What GET answers, byte for byte. Its hash is the digest unless somebody chose another one. */
  readonly text: string;
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
export const chartType = 'application/vnd.acr.helm.chart';

/** An image of one platform, of made-up layers. `random` is in [0, 1). */
export function imageManifest(random: () => number, digest?: string): Manifest {
  return manifest(manifestType, digest, {
    config: blob('application/vnd.oci.image.config.v1+json', random),
    layers: [blob('application/vnd.oci.image.layer.v1.tar+gzip', random)],
  });
}

/** @param children Manifests, each for a platform such as `linux/amd64` or `linux/arm64/v8`. */
export function imageIndex(
  children: readonly { readonly platform: string; readonly manifest: Manifest }[],
  digest?: string,
): Manifest {
  return manifest(indexType, digest, {
    manifests: children.map(({ platform, manifest: { mediaType, digest: child, text } }) => {
      const [os, architecture, variant] = platform.split('/');
      const size = Buffer.byteLength(text);
      return { mediaType, digest: child, size, platform: { os, architecture, variant } };
    }),
  });
}

/** The chart of Helm in the form that registries kept before charts were OCI artifacts. */
export const chartManifest = (random: () => number, digest?: string): Manifest =>
  manifest(chartType, digest, { config: blob(chartType, random), layers: [] });

function manifest(mediaType: string, digest: string | undefined, content: object): Manifest {
  const text = JSON.stringify({ schemaVersion: 2, mediaType, ...content });
  return { digest: digest ?? sha256(text), mediaType, text };
}

function blob(mediaType: string, random: () => number) {
  const size = 500 + Math.floor(random() * 100_000_000);
  return { mediaType, digest: sha256(`${random()} ${random()}`), size };
}

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
