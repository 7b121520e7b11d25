import type { RegistryAccess } from './access.ts';
import {
  type EndpointCondition,
  type EndpointConditions,
  type EndpointPart,
  endpointPath,
} from './endpoint-condition.ts';
import type { Lookup } from './lookup.ts';
import { labelOf, type Registries, regionOf } from './registry.ts';
import type { SecureEndpoints } from './secure-endpoints.ts';

/** Regional endpoints and their token services as a test or scenario handles them. */
export function endpointControl({
  lookup: { known, replicaAt },
  registries,
  conditions,
  secure,
  base,
}: {
  readonly lookup: Lookup;
  readonly registries: Registries;
  readonly conditions: EndpointConditions;
  /** Undefined where endpoints are only paths of plain http. */
  readonly secure: SecureEndpoints | undefined;
  /** Base URL of the simulator. */
  readonly base: () => string;
}) {
  /**
   * Base URL of the regional endpoint; a client appends `/v2/…`. The replica need not exist. It is an https host of its
   * own where registries are secure, if the replica was there when they were opened last.
   */
  const endpoint = (registry: string, region: string): string => {
    const found = registries.find(registry);
    const path = endpointPath(found === undefined ? registry : labelOf(found), regionOf(region));
    return secure?.url(path) ?? `${base()}${path}`;
  };
  return {
    endpoint,

    /** All registries in the form of the app setting `REGISTRIES`, with the endpoints of their replicas. */
    setting(): { readonly id: string; readonly endpoints: Readonly<Record<string, string>> }[] {
      return [...registries.all].map(({ id, replicas }) => ({
        id,
        endpoints: Object.fromEntries([...replicas].map(({ region }) => [region, endpoint(id, region)])),
      }));
    },

    /** Puts a regional endpoint, or a part of it, into a condition, instead of an earlier one. */
    degrade(
      registry: string,
      region: string,
      condition: EndpointCondition,
      part: EndpointPart = 'endpoint',
    ): void {
      conditions.set(labelOf(known(registry)), replicaAt(registry, region).region, part, condition);
    },

    /** Ends the condition of one part of an endpoint, or all of them. */
    restore(registry: string, region: string, part?: EndpointPart): void {
      conditions.clear(labelOf(known(registry)), regionOf(region), part);
    },

    /** Puts the token service of a registry into a condition, at all its endpoints, instead of an earlier one. */
    degradeTokenService(registry: string, condition: EndpointCondition): void {
      const found = known(registry);
      conditions.setTokenService(labelOf(found), found.loginServer, condition);
    },

    restoreTokenService(registry: string): void {
      conditions.clearTokenService(labelOf(known(registry)));
    },

    /** Changes what the app's identity may do at a registry from now on. Tokens that it has stay as they are. */
    permit(registry: string, access: Partial<RegistryAccess>): void {
      const found = known(registry);
      found.access = { ...found.access, ...access };
    },

    /** Gives replicas that were added since then https hosts of their own, where registries are secure. */
    async openSecureEndpoints(): Promise<void> {
      await secure?.open();
    },
  };
}
