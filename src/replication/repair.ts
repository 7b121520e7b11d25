import { regionalHostOf } from '../registries/host.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import type { ImageId } from './image.ts';

/** What brings an image to a region that lacks it. Running it where the image is already there changes nothing. */
export interface Repair {
  readonly region: Region;
  /** The region that the image is copied from; `null` where it has to be pushed again from where it was built. */
  readonly from: Region | null;
  /** To be run in this order. */
  readonly commands: readonly string[];
}

/** What is known of the image in a region. */
interface RegionFacts {
  readonly region: Region;
  readonly state: string;
  readonly evidence?: string;
  readonly pullable?: { readonly missing: readonly string[] };
}

/** An image as its tag or its digest names it. */
interface Named {
  readonly id: ImageId;
  readonly tag: string | undefined;
}

/**
 * The commands that bring an image to the regions that lack it.
 *
 * | the region                               | another region   | the image | repair                                          |
 * |------------------------------------------|------------------|-----------|-------------------------------------------------|
 * | has it, and no layer is known to be missing |               |           | none                                            |
 * | any other                                | has all of it    |           | a copy from that region's endpoint to this one's |
 * | any other                                | none has it      | has a tag | a push to this region's endpoint                |
 * | any other                                | none has it      | has none  | none: nothing has a name to push                |
 *
 * `skopeo` asks for each layer at the target. Clients that look for the manifest first take an image whose layers are
 * missing for complete. `az acr import` cannot do it: it reads from the home region, also when its source is a regional
 * endpoint (https://github.com/Azure/azure-cli/pull/34032), and does not choose where it writes.
 */
export function repairsOf(
  image: Named,
  regions: readonly RegionFacts[],
  registry: Pick<Registry, 'name' | 'endpoints'>,
): Repair[] {
  const [source] = regions.filter(hasAll).sort((a, b) => gradeOf(b) - gradeOf(a));
  return regions.flatMap((region): Repair[] => {
    if (hasAll(region)) return [];
    const commands =
      source === undefined
        ? pushCommands(image, region.region, registry)
        : copyCommands(image, source.region, region.region, registry);
    if (commands === undefined) return [];
    return [{ region: region.region, from: source?.region ?? null, commands }];
  });
}

const hasAll = ({ state, pullable }: RegionFacts): boolean =>
  state === 'available' && (pullable?.missing.length ?? 0) === 0;

/** The better a region is known to have the image, the better a source it is. */
const gradeOf = ({ evidence }: RegionFacts): number => ['verified', 'pullable'].indexOf(evidence ?? '');

function copyCommands(
  { id, tag }: Named,
  from: Region,
  to: Region,
  registry: Pick<Registry, 'name' | 'endpoints'>,
): string[] | undefined {
  const [source, target] = [from, to].map((region) => hostOf(registry, id.registry, region));
  if (source === undefined || target === undefined) return undefined;
  const { repository, digest } = id;
  const targetImage = tag === undefined ? `${repository}@${digest}` : `${repository}:${tag}`;
  return [
    signIn(registry, from),
    signIn(registry, to),
    `skopeo copy --all --preserve-digests docker://${source}/${repository}@${digest} docker://${target}/${targetImage}`,
  ];
}

function pushCommands(
  { id, tag }: Named,
  region: Region,
  registry: Pick<Registry, 'name' | 'endpoints'>,
): string[] | undefined {
  const host = hostOf(registry, id.registry, region);
  if (host === undefined || tag === undefined) return undefined;
  const image = `${id.repository}:${tag}`;
  return [
    signIn(registry, region),
    `docker tag ${id.registry}/${image} ${host}/${image}`,
    `docker push ${host}/${image}`,
  ];
}

/** https://learn.microsoft.com/azure/container-registry/container-registry-geo-replication */
const signIn = ({ name }: Pick<Registry, 'name'>, region: Region): string =>
  `az acr login --name ${name} --endpoint ${region}`;

/** The host of a regional endpoint. An image reference has no room for a path, which a configured one may have. */
function hostOf(
  { endpoints }: Pick<Registry, 'endpoints'>,
  loginServer: string,
  region: Region,
): string | undefined {
  const configured = endpoints.get(region);
  const url = configured && new URL(configured.url);
  return url !== undefined && url.pathname === '/' ? url.host : regionalHostOf(loginServer, region);
}
