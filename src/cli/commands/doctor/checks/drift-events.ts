import { driftDetectedType } from '../../../../dns/signals.ts';
import { type Check, type Finding, Skip } from '../check.ts';
import { admits } from '../event-filter.ts';
import { type EventSubscription, listEventSubscriptions } from '../event-subscriptions.ts';

interface DriftEventFacts {
  /** ARM id of the custom topic. */
  readonly topic: string;
  /** Those that deliver to `reconcileDns` of this app. */
  readonly subscriptions: readonly EventSubscription[];
  /** The id of the app in the command of the fix; a placeholder where it is unknown. */
  readonly appId: string;
}

/** Findings of the audit reach the reconciler: the audit observes, the reconciler repairs. */
export const driftEventsCheck: Check<DriftEventFacts> = {
  name: 'drift-events',
  title: 'Audit events',
  async read({ config, app, signalTopicId, arm, deadline }) {
    if (!config.signalTopic.ok) return new Skip('SIGNAL_TOPIC__topicEndpointUri is wrong');
    const topic = await signalTopicId();
    if (topic === undefined) return new Skip('the custom topic was not found');
    const all = await listEventSubscriptions([topic], app, await arm(), deadline);
    const subscriptions = all.filter(({ functionName }) => functionName === 'reconcileDns');
    return { topic, subscriptions, appId: app.appId ?? '$EVENKEEL_FUNCTION_APP_ID' };
  },
  evaluate({ topic, subscriptions, appId }) {
    const fix = `az eventgrid event-subscription create --name evenkeel-repair --source-resource-id ${topic} --endpoint-type azurefunction --endpoint ${appId}/functions/reconcileDns --included-event-types ${driftDetectedType} --event-delivery-schema cloudeventschemav1_0 --deadletter-endpoint $EVENKEEL_STORAGE_ACCOUNT_ID/blobServices/default/containers/dead-letters`;
    const why = 'findings of the audit are reported but never repaired';
    if (subscriptions.length === 0) {
      const what = `no events of the topic ${topic} reach reconcileDns of this app`;
      return [{ severity: 'error', what, why, fix }];
    }
    if (subscriptions.every(({ filter }) => admits(filter, sampleEvent) === false)) {
      const names = subscriptions.map(({ name }) => name).join(', ');
      const what = `the filter of ${names} excludes ${driftDetectedType}`;
      return [{ severity: 'error', what, why, fix }];
    }
    return subscriptions.filter(({ hasDeadLetters }) => !hasDeadLetters).map(withoutDeadLetters);
  },
};

const sampleEvent = {
  type: driftDetectedType,
  subject:
    '/subscriptions/s/resourceGroups/evenkeel-doctor/providers/Microsoft.ContainerInstance/containerGroups/g',
  data: { finding: 'orphan' },
};

const withoutDeadLetters = ({ name }: EventSubscription): Finding => ({
  severity: 'warning',
  what: `the event subscription ${name} has no dead-letter destination`,
  why: 'a finding that cannot be delivered leaves no trace until the next audit',
  fix: 'set deadLetterWithResourceIdentity as infra/modules/signal-subscription.bicep does',
});
