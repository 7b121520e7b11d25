import type { Region } from '../../registries/region.ts';
import type { Registry } from '../../registries/registry.ts';
import type { Endpoint } from '../../settings/endpoint.ts';

/**
 * Where a registry's regional endpoint is: as configured, or as it follows from the login server.
 * https://learn.microsoft.com/azure/container-registry/container-registry-endpoint-reference
 *
 * @param loginServer such as `myregistry.azurecr.io`; its regional host is `myregistry.eastus.geo.azurecr.io`.
 * @returns `undefined` when the endpoint is not configured and the login server is not known.
 */
export function regionalEndpointOf(
  registry: Registry,
  region: Region,
  loginServer: string | undefined,
): Endpoint | undefined {
  const configured = registry.endpoints.get(region);
  if (configured !== undefined) return configured;
  const [, label, suffix] = /^([^./:@]+)\.([^/:@]+)$/.exec(loginServer ?? '') ?? [];
  if (label === undefined || suffix === undefined) return undefined;
  return { url: `https://${label}.${region}.geo.${suffix}`, isInsecure: false };
}
