import { type Check, type Finding, Skip } from '../check.ts';
import { admits } from '../event-filter.ts';
import { type EventSubscription, listEventSubscriptions } from '../event-subscriptions.ts';

interface RegistryEventFacts {
  readonly registries: readonly { readonly id: string; readonly name: string }[];
  /** Those that deliver to `receiveRegistryEvent` of this app. */
  readonly subscriptions: readonly EventSubscription[];
  readonly appId: string;
}

const types = ['ImagePushed', 'ImageDeleted', 'ChartPushed', 'ChartDeleted'].map(
  (type) => `Microsoft.ContainerRegistry.${type}`,
);

/** Event Grid reports images, too: a webhook is sent once, an event until it is accepted. */
export const registryEventsCheck: Check<RegistryEventFacts> = {
  name: 'registry-events',
  title: 'Registry events',
  async read({ config, app, arm, deadline }) {
    if (!config.registries.ok) return new Skip('REGISTRIES is wrong');
    const registries = config.registries.value.all;
    if (registries.length === 0) return new Skip('REGISTRIES names no registry');
    const ids = registries.map(({ id }) => id);
    const all = await listEventSubscriptions(ids, app, await arm(), deadline);
    const subscriptions = all.filter(({ functionName }) => functionName === 'receiveRegistryEvent');
    return { registries, subscriptions, appId: app.appId ?? '$EVENKEEL_FUNCTION_APP_ID' };
  },
  evaluate: ({ registries, subscriptions, appId }) =>
    registries.flatMap(({ id, name }): Finding[] => {
      const own = subscriptions.filter(({ source }) => source === id.toLowerCase());
      const excluded = types.filter((type) =>
        own.every(
          ({ filter }) => admits(filter, { type, subject: 'evenkeel/doctor:v1', data: {} }) === false,
        ),
      );
      if (excluded.length === 0) return [];
      return [
        {
          severity: 'note',
          what:
            own.length === 0
              ? `no events of the registry ${name} reach receiveRegistryEvent of this app`
              : `the filter of ${own.map((one) => one.name).join(', ')} excludes ${excluded.join(', ')}`,
          why: 'when a webhook gets lost, for example while the app is down, only the review finds the image',
          fix: `az eventgrid event-subscription create --name evenkeel-images --source-resource-id ${id} --endpoint-type azurefunction --endpoint ${appId}/functions/receiveRegistryEvent --included-event-types ${types.join(' ')}`,
        },
      ];
    }),
};
