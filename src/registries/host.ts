/** A host name in lower case, without its port: `MyRegistry.azurecr.io:443` becomes `myregistry.azurecr.io`. */
export const normalHost = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/:\d{1,5}$/, '')
    .replace(/\.$/, '');

/**
 * The login server that a host of a registry belongs to.
 *
 * | host                                     | login server                   |
 * |------------------------------------------|--------------------------------|
 * | `myregistry.azurecr.io`                  | `myregistry.azurecr.io`        |
 * | `myregistry-a1b2c3.azurecr.io`           | `myregistry-a1b2c3.azurecr.io` |
 * | `myregistry-a1b2c3.eastus.geo.azurecr.io`| `myregistry-a1b2c3.azurecr.io` |
 * | `images.contoso.com`                     | `images.contoso.com`           |
 *
 * https://learn.microsoft.com/azure/container-registry/container-registry-endpoint-reference
 * @param host as {@link normalHost} returns it.
 */
export const loginServerOfHost = (host: string): string =>
  host.replace(/^([^.]+)\.[a-z0-9]+\.geo\.(?=.)/, '$1.');

/**
 * The name of the registry that Azure gave a login server to. A domain name label follows the name after a hyphen, which
 * no name contains. It depends on the tenant, the subscription or the resource group, so that two registries may have
 * the same name and different login servers.
 * https://learn.microsoft.com/azure/container-registry/container-registry-get-started-portal#domain-name-label
 */
export const registryNameOf = (loginServer: string): string => /^[a-z0-9]*/.exec(loginServer)?.[0] ?? '';

/** Whether a login server is one that Azure gives, in one of its public clouds. */
export const isAzureLoginServer = (loginServer: string): boolean =>
  /^[a-z0-9]{1,50}(?:-[a-z0-9]{1,50})?\.azurecr\.(?:io|us|cn)$/.test(loginServer);

/** What stands before the first dot: `myregistry-a1b2c3`. */
export const firstLabelOf = (loginServer: string): string => loginServer.split('.')[0] ?? '';

/**
 * The host of a regional endpoint: `myregistry.eastus.geo.azurecr.io`.
 * https://learn.microsoft.com/azure/container-registry/container-registry-endpoint-reference
 * @returns `undefined` for what is no login server.
 */
export function regionalHostOf(loginServer: string, region: string): string | undefined {
  const [, label, suffix] = /^([^./:@]+)\.([^/:@]+)$/.exec(loginServer) ?? [];
  return label === undefined || suffix === undefined ? undefined : `${label}.${region}.geo.${suffix}`;
}
