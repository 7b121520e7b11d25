/**
 * What the functions do: clients, jobs, and the ports that connect the two. `main.ts` loads it with the first invocation,
 * and with it the functions of the invoked one's kind.
 *
 * No SDK is imported here. Each function loads the adapters that it needs, and with them their SDKs, when it runs for the
 * first time.
 */
import type { RegistryComposition } from './composition/registries.ts';
import { composeShared, type Shared } from './composition/shared.ts';
import type { Config } from './config.ts';
import type { DnsFunctions } from './functions/triggers.ts';
import { once } from './lib/async.ts';

/** What `main.ts` registers. */
interface Composition {
  readonly version: Shared['version'];
  readonly credential: Shared['azure']['credential'];
  readonly dns: () => Promise<DnsFunctions>;
  readonly registries: () => Promise<RegistryComposition>;
}

/**
 * Connects the functions to what they work with, as the settings have it. Nothing is requested yet.
 * @param sweepScript what the thread of the audit runs.
 */
export function compose(config: Config, sweepScript: URL): Composition {
  const shared = composeShared(config);
  return {
    version: shared.version,
    credential: shared.azure.credential,
    dns: once(async () => {
      const { composeDns } = await import('./composition/dns.ts');
      return composeDns(config, shared, sweepScript);
    }),
    registries: once(async () => {
      const { composeRegistries } = await import('./composition/registries.ts');
      return composeRegistries(config, shared);
    }),
  };
}
