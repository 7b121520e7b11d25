import type { Config } from '../config.ts';
import { once } from '../lib/async.ts';
import { settingValue } from '../settings/setting.ts';
import type { ArmAccess } from './arm/client.ts';

/**
 * What more than one composition needs of Azure. Each part is made when it is first asked for, and its SDK is loaded
 * then.
 */
export function azureClients(config: Config) {
  const credential = once(async () => {
    const { azureCredential } = await import('./credential.ts');
    return azureCredential(settingValue(config.cloud).authorityHost);
  });
  const arm = once(async (): Promise<ArmAccess> => {
    const { url, isInsecure } = settingValue(config.armEndpoint);
    const audience = settingValue(config.cloud).armAudience;
    return { endpoint: url, audience, credential: isInsecure ? undefined : await credential() };
  });
  const containerGroups = once(async () => {
    const [adapters, access] = await Promise.all([import('./arm/container-groups.ts'), arm()]);
    return adapters.containerGroupAdapters(access);
  });
  const recordSets = once(async () => {
    const [adapters, access] = await Promise.all([import('./arm/record-sets.ts'), arm()]);
    return adapters.recordSetAdapters(access);
  });
  const registries = once(async () => {
    const [adapters, access] = await Promise.all([import('./arm/registries.ts'), arm()]);
    return adapters.registryAdapters(access);
  });
  return { credential, arm, containerGroups, recordSets, registries };
}
