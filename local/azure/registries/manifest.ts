import { createHash } from 'node:crypto';

/** A config or a layer, as a registry keeps it. */
export interface ImageBlob {
  /** The hash of its bytes. */
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A manifest, or an index of manifests, as a registry keeps it. */
export interface Manifest {
  readonly digest: string;
  readonly mediaType: string;
  /** What GET answers, byte for byte. Its hash is the digest unless somebody chose another one. */
  readonly text: string;
  /** Undefined for an index. */
  readonly config: ImageBlob | undefined;
  /** None for an index. */
  readonly layers: readonly ImageBlob[];
  /** The manifests of an index. */
  readonly children: readonly PlatformManifest[];
}

interface PlatformManifest {
  /** Such as `linux/amd64` or `linux/arm64/v8`. */
  readonly platform: string;
  readonly manifest: Manifest;
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
const configType = 'application/vnd.oci.image.config.v1+json';
const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip';
export const chartType = 'application/vnd.acr.helm.chart';

/** An image of one platform. Its layers are made-up bytes instead of archives. `random` is in [0, 1). */
export function imageManifest(
  random: () => number,
  { digest, layers: count, platform }: { digest?: string | undefined; layers: number; platform: string },
): Manifest {
  const layers = Array.from({ length: count }, () => layerOf(random));
  const [os, architecture, variant] = platform.split('/');
  const rootfs = { type: 'layers', diff_ids: layers.map((layer) => layer.digest) };
  const config = blobOf(configType, Buffer.from(JSON.stringify({ os, architecture, variant, rootfs })));
  return manifest(manifestType, digest, { config, layers, children: [] });
}

export const imageIndex = (children: readonly PlatformManifest[], digest?: string): Manifest =>
  manifest(indexType, digest, { config: undefined, layers: [], children });

/** The chart of Helm in the form that registries kept before charts were OCI artifacts. */
export const chartManifest = (random: () => number, digest?: string): Manifest =>
  manifest(chartType, digest, {
    config: blobOf(chartType, bytesOf(random, 500)),
    layers: [],
    children: [],
  });

/** Config and layers, in that order. */
export const blobsOf = ({ config, layers }: Manifest): readonly ImageBlob[] =>
  config === undefined ? layers : [config, ...layers];

function manifest(
  mediaType: string,
  digest: string | undefined,
  parts: Pick<Manifest, 'config' | 'layers' | 'children'>,
): Manifest {
  const { config, layers, children } = parts;
  const content =
    config === undefined
      ? { manifests: children.map(descriptorOfChild) }
      : { config: descriptorOf(config), layers: layers.map(descriptorOf) };
  const text = JSON.stringify({ schemaVersion: 2, mediaType, ...content });
  return { digest: digest ?? sha256(text), mediaType, text, ...parts };
}

const descriptorOf = ({ mediaType, digest, bytes }: ImageBlob) => ({
  mediaType,
  digest,
  size: bytes.byteLength,
});

function descriptorOfChild({ platform, manifest: { mediaType, digest, text } }: PlatformManifest) {
  const [os, architecture, variant] = platform.split('/');
  return { mediaType, digest, size: Buffer.byteLength(text), platform: { os, architecture, variant } };
}

/** Small, so that many images fit into memory. */
const layerOf = (random: () => number): ImageBlob =>
  blobOf(layerType, bytesOf(random, 500 + Math.floor(random() * 4_000)));

const bytesOf = (random: () => number, size: number): Uint8Array =>
  createHash('shake256', { outputLength: size }).update(`${random()} ${random()}`).digest();

const blobOf = (mediaType: string, bytes: Uint8Array): ImageBlob => ({
  digest: sha256(bytes),
  mediaType,
  bytes: Uint8Array.from(bytes),
});

const sha256 = (content: string | Uint8Array): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;
