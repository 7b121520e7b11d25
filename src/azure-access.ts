import type { ArmAccess } from './azure/arm.ts';
import type { Config } from './config.ts';
import { once } from './once.ts';
import { settingValue } from './setting.ts';

/**
 * What more than one composition needs of Azure. Each part is made when it is first asked for, and its SDK is loaded
 * then.
 */
export function azureAccess(config: Config) {
  const credential = once(async () => {
    const { azureCredential } = await import('./azure/credential.ts');
    return azureCredential(settingValue(config.cloud).authorityHost);
  });
  const arm = once(async (): Promise<ArmAccess> => {
    const { url, isInsecure } = settingValue(config.armEndpoint);
    const audience = settingValue(config.cloud).armAudience;
    return { endpoint: url, audience, credential: isInsecure ? undefined : await credential() };
  });
  const containerGroups = once(async () => {
    const [adapters, access] = await Promise.all([import('./azure/container-groups.ts'), arm()]);
    return adapters.containerGroupAdapters(access);
  });
  const recordSets = once(async () => {
    const [adapters, access] = await Promise.all([import('./azure/record-sets.ts'), arm()]);
    return adapters.recordSetAdapters(access);
  });
  const registries = once(async () => {
    const [adapters, access] = await Promise.all([import('./azure/registries.ts'), arm()]);
    return adapters.registryAdapters(access);
  });
  return { credential, arm, containerGroups, recordSets, registries };
}
