/**
 * | text                                | name         |
 * |-------------------------------------|--------------|
 * | `MyRegistry`                        | `myregistry` |
 * | `myregistry.azurecr.io`             | `myregistry` |
 * | `myregistry.eastus.geo.azurecr.io`  | `myregistry` |
 * | `myregistry-abc123.azurecr.io`      | `myregistry` |
 *
 * A domain name label follows the name after a hyphen, and names hold none.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftcontainerregistry
 */
export function registryNameOf(nameOrHost: string): string {
  const host = nameOrHost.trim().toLowerCase();
  return host.includes('.') ? host.replace(/[.-].*$/, '') : host;
}
