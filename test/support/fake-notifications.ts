import { InvocationContext } from '@azure/functions';
import { type Config, parseConfig } from '../../src/config.ts';
import { registryFinder } from '../../src/registries/finder.ts';
import { LoginServerUnknownError } from '../../src/registries/login-servers.ts';
import type { Registry } from '../../src/registries/registry.ts';
import type { Notification } from '../../src/replication/notification.ts';
import type { NotificationPorts } from '../../src/replication/record.ts';

export const secret = 'a secret of the tests';

export const registryId = (name: string): string =>
  `/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-registry/providers/Microsoft.ContainerRegistry/registries/${name}`;

export const configOf = (registries: unknown, env: Record<string, string> = {}) =>
  parseConfig({ REGISTRIES: JSON.stringify(registries), REGISTRY_WEBHOOK_SECRET: secret, ...env });

/** Registries with replicas in `eastus` and `westus`. Whether they have one in `westeurope` cannot be verified. */
export function fakeNotifications({ fail }: { fail?: Error } = {}) {
  const recorded: (Notification & { to: string })[] = [];
  const ports: NotificationPorts = {
    directory: {
      has: async (_registry, region) => {
        if (region === 'westeurope') return 'unverifiable';
        return region === 'eastus' || region === 'westus' ? 'yes' : 'no';
      },
    },
    record: async (notification, registry) => {
      if (fail !== undefined) throw fail;
      recorded.push({ ...notification, to: registry.id });
      return recorded.length === 1 ? 'recorded' : 'duplicate';
    },
  };
  return { ports, recorded };
}

/** Finds the entries of `REGISTRIES`. Each has the login server of its name, unless `loginServers` says otherwise. */
export const finderOf = (
  { registries }: Pick<Config, 'registries'>,
  loginServers: (registry: Registry) => string | undefined = ({ name }) => `${name}.azurecr.io`,
) =>
  registryFinder(registries, {
    current: async (registry) => loginServers(registry),
    known: loginServers,
    assume: () => {},
    assumed: () => undefined,
    unknown: (registry) => new LoginServerUnknownError(registry),
  });

/** An invocation whose log lines are kept, each as `level message {fields}`. */
export function invocation() {
  const lines: string[] = [];
  const context = new InvocationContext({
    functionName: 'test',
    invocationId: 'test',
    logHandler: (level, ...args) => void lines.push(`${level} ${args.join(' ')}`),
  });
  return { context, lines };
}
