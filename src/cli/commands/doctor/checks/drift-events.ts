import { driftDetectedType } from '../../../../dns/signals.ts';
import { type Check, Skip } from '../check.ts';
import { admits } from '../event-filter.ts';
import { type EventSubscription, listEventSubscriptions } from '../event-subscriptions.ts';
import type { Finding } from '../finding.ts';

interface DriftEventFacts {
  /** ARM id of the custom topic. */
  readonly topic: string;
  /** Those that deliver to `reconcileDns` of this app. */
  readonly subscriptions: readonly EventSubscription[];
  /** For the command that mends. */
  readonly appId: string;
}

/** Whether what the audit finds comes back to the reconciler: the audit observes, the reconciler repairs. */
export const driftEventsCheck: Check<DriftEventFacts> = {
  name: 'drift-events',
  title: 'Events of the audit',
  async read({ config, app, signalTopicId, arm, deadline }) {
    if (!config.signalTopic.ok) return new Skip('SIGNAL_TOPIC__topicEndpointUri is wrong');
    const topic = await signalTopicId();
    if (topic === undefined) return new Skip('the custom topic was not found');
    const all = await listEventSubscriptions([topic], app, await arm(), deadline);
    const subscriptions = all.filter(({ functionName }) => functionName === 'reconcileDns');
    return { topic, subscriptions, appId: app.appId ?? '$EVENKEEL_FUNCTION_APP_ID' };
  },
  judge({ topic, subscriptions, appId }) {
    const create = `az eventgrid event-subscription create --name evenkeel-repair --source-resource-id ${topic} --endpoint-type azurefunction --endpoint ${appId}/functions/reconcileDns --included-event-types ${driftDetectedType} --event-delivery-schema cloudeventschemav1_0 --deadletter-endpoint $EVENKEEL_STORAGE_ACCOUNT_ID/blobServices/default/containers/dead-letters`;
    const why = 'what the audit finds is reported, and never repaired';
    if (subscriptions.length === 0) {
      const what = `no event of the topic ${topic} reaches reconcileDns of this app`;
      return [{ severity: 'error', what, why, fix: create }];
    }
    const names = subscriptions.map(({ name }) => name).join(', ');
    const group =
      '/subscriptions/s/resourceGroups/evenkeel-doctor/providers/Microsoft.ContainerInstance/containerGroups/g';
    const event = { type: driftDetectedType, subject: group, data: { finding: 'orphan' } };
    if (subscriptions.every(({ filter }) => admits(filter, event) === false)) {
      const what = `the filter of ${names} keeps out ${driftDetectedType}`;
      return [{ severity: 'error', what, why, fix: create }];
    }
    return subscriptions.filter(({ hasDeadLetters }) => !hasDeadLetters).map(withoutDeadLetters);
  },
};

const withoutDeadLetters = ({ name }: EventSubscription): Finding => ({
  severity: 'warning',
  what: `the event subscription ${name} keeps no dead letters`,
  why: 'a finding that could not be delivered leaves no trace but the next audit',
  fix: 'give it deadLetterWithResourceIdentity, as infra/modules/signal-subscription.bicep does',
});
