import { createHash, randomUUID } from 'node:crypto';
import { sampleRegistry, sampleWebhookSecret } from '../local/azure/sample.ts';
import type { LoadRequest } from './http-load.ts';

/** Where every image of the benchmarks belongs. */
export const benchRegistry = { ...sampleRegistry, replicas: ['westus', 'westeurope'] };
export const benchRegions: readonly string[] = [benchRegistry.home, ...benchRegistry.replicas];

export interface BenchImage {
  readonly repository: string;
  readonly digest: string;
  readonly tag: string;
}

/** Distinct images with one tag each, the same in every run that is given the same series. */
export const benchImages = (series: string, count: number): BenchImage[] =>
  Array.from({ length: count }, (_, index) => ({
    repository: `team/${series}`,
    digest: `sha256:${createHash('sha256').update(`${series} ${index}`).digest('hex')}`,
    tag: `v${index}`,
  }));

/** The native webhook that a region sends when it got an image; answered 200. */
export function webhook(
  hostUrl: string,
  region: string,
  { repository, digest, tag }: BenchImage,
): LoadRequest {
  const body = {
    id: randomUUID(),
    // One that is told again with another time is no duplicate.
    timestamp: '2026-11-21T08:00:00.123456789Z',
    action: 'push',
    target: {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      ...{ size: 1570, digest, length: 1570, repository, tag },
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

/** Images whose webhooks are on their way at the same time; a copy takes longer than that of a neighbour's push. */
const wave = 100;

/** The webhooks of some images in an order as in life: a region after the other, many images at a time. */
export function webhooksOf(hostUrl: string, images: readonly BenchImage[]): LoadRequest[] {
  const waves = Array.from({ length: Math.ceil(images.length / wave) }, (_, index) =>
    images.slice(index * wave, (index + 1) * wave),
  );
  return waves.flatMap((some) =>
    benchRegions.flatMap((region) => some.map((image) => webhook(hostUrl, region, image))),
  );
}
