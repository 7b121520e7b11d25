import { createHash, randomUUID } from 'node:crypto';
import { sampleRegistry, sampleWebhookSecret } from '../local/azure/sample.ts';
import type { LoadRequest } from './http-load.ts';

/** The registry of every image of the benchmarks. */
export const benchRegistry = { ...sampleRegistry, replicas: ['westus', 'westeurope'] };
export const benchRegions: readonly string[] = [benchRegistry.home, ...benchRegistry.replicas];

export interface BenchImage {
  readonly repository: string;
  readonly digest: string;
  readonly tag: string;
}

/** Distinct images with one tag each. The same series gives the same images in every run. */
export const benchImages = (series: string, count: number): BenchImage[] =>
  Array.from({ length: count }, (_, index) => ({
    repository: `team/${series}`,
    digest: `sha256:${createHash('sha256').update(`${series} ${index}`).digest('hex')}`,
    tag: `v${index}`,
  }));

/** The native webhook that a region sends when it receives an image. The answer is 200. */
export function webhook(
  hostUrl: string,
  region: string,
  { repository, digest, tag }: BenchImage,
): LoadRequest {
  const body = {
    id: randomUUID(),
    // A push with another time would be no duplicate.
    timestamp: '2026-11-21T08:00:00.123456789Z',
    action: 'push',
    target: {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      size: 1570,
      digest,
      length: 1570,
      repository,
      tag,
    },
    request: {
      id: randomUUID(),
      host: `${benchRegistry.name}.azurecr.io`,
      method: 'PUT',
      useragent: 'docker/27.3.1 go/go1.22.7',
    },
  };
  return {
    url: `${hostUrl}/api/registry-webhook?region=${region}`,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-evenkeel-secret': sampleWebhookSecret },
    body: JSON.stringify(body),
  };
}

/** The number of images whose webhooks are sent at the same time: a copy takes longer than the next push. */
const wave = 100;

/** The webhooks of images in a realistic order: one region after the other, many images at a time. */
export function webhooksOf(hostUrl: string, images: readonly BenchImage[]): LoadRequest[] {
  const waves = Array.from({ length: Math.ceil(images.length / wave) }, (_, index) =>
    images.slice(index * wave, (index + 1) * wave),
  );
  return waves.flatMap((some) =>
    benchRegions.flatMap((region) => some.map((image) => webhook(hostUrl, region, image))),
  );
}
