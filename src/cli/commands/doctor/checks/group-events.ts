import { type Check, type Finding, Skip } from '../check.ts';
import { admits, type SampleEvent } from '../event-filter.ts';
import { type EventSubscription, listEventSubscriptions } from '../event-subscriptions.ts';

interface GroupEventFacts {
  /** ARM ids of the mapped resource groups that exist. */
  readonly groups: readonly string[];
  /** Keys of the zone map whose resource group was not found. */
  readonly missing: readonly string[];
  readonly subscriptions: readonly EventSubscription[];
  /** The id of the app in the commands of fixes; a placeholder where it is unknown. */
  readonly appId: string;
}

const provider = 'Microsoft.ContainerInstance';
const operations = ['write', 'delete', 'start/action', 'stop/action', 'restart/action'] as const;
const eventTypes = ['Write', 'Delete', 'Action'].map((verb) => `Microsoft.Resources.Resource${verb}Success`);

/** `reconcileDns` gets an event for every change of a mapped container group, and for little else. */
export const groupEventsCheck: Check<GroupEventFacts> = {
  name: 'group-events',
  title: 'Container group events',
  async read({ config, app, places, arm, deadline }) {
    if (!config.zoneMap.ok) return new Skip('DNS_ZONE_MAP is wrong');
    const { found, missing } = await places();
    if (found.length + missing.length === 0) return new Skip('DNS_ZONE_MAP names no resource group');
    const groups = found.map(({ id }) => id);
    const sources = [...groups, ...found.map(({ subscriptionId }) => `/subscriptions/${subscriptionId}`)];
    const all = await listEventSubscriptions(sources, app, await arm(), deadline);
    const subscriptions = all.filter(({ functionName }) => functionName === 'reconcileDns');
    return { groups, missing, subscriptions, appId: app.appId ?? '$EVENKEEL_FUNCTION_APP_ID' };
  },
  evaluate({ groups, missing, subscriptions, appId }) {
    return [
      ...missing.map(missingGroup),
      ...groups.flatMap((group) => evaluateGroup(group, subscriptions, appId)),
      ...subscriptions.flatMap((subscription) => evaluateSubscription(subscription, groups)),
    ];
  },
};

const missingGroup = (key: string): Finding => ({
  severity: 'error',
  what: `the resource group ${key} of DNS_ZONE_MAP was not found in any visible subscription`,
  why: 'its container groups get no records',
  fix: 'correct DNS_ZONE_MAP or AUDIT_SUBSCRIPTIONS, or create the resource group',
});

const isAbout = ({ source }: EventSubscription, group: string): boolean =>
  `${group}/`.toLowerCase().startsWith(`${source}/`);

function evaluateGroup(group: string, all: readonly EventSubscription[], appId: string): Finding[] {
  const subscriptions = all.filter((subscription) => isAbout(subscription, group));
  const create = `az eventgrid event-subscription create --name evenkeel-reconcile --source-resource-id ${group} --endpoint-type azurefunction --endpoint ${appId}/functions/reconcileDns --included-event-types ${eventTypes.join(' ')} --advanced-filter data.operationName StringIn ${operations.map(operationName).join(' ')} --deadletter-endpoint $EVENKEEL_STORAGE_ACCOUNT_ID/blobServices/default/containers/dead-letters`;
  if (subscriptions.length === 0) {
    return [
      {
        severity: 'error',
        what: `no events of ${group} reach reconcileDns of this app`,
        why: 'only the audit notices changes there, minutes later',
        fix: create,
      },
    ];
  }
  const excluded = operations.filter((operation) =>
    subscriptions.every(({ filter }) => admits(filter, groupEvent(group, operation)) === false),
  );
  if (excluded.length === 0) return [];
  const names = subscriptions.map(({ name }) => name).join(', ');
  return [
    {
      severity: 'error',
      what: `the filter of ${names} excludes events of ${group}: ${excluded.join(', ')}`,
      why: 'only the audit notices those changes, minutes later',
      fix: `include the event types ${eventTypes.join(', ')}, every container group as the subject, and the operations ${excluded.map(operationName).join(', ')} in data.operationName (infra/modules/spoke.bicep), or use: ${create}`,
    },
  ];
}

function evaluateSubscription(subscription: EventSubscription, groups: readonly string[]): Finding[] {
  const { id, name, filter, hasDeadLetters, provisioningState } = subscription;
  const findings: Finding[] = [];
  if (!/^Succeeded$/i.test(provisioningState)) {
    findings.push({
      severity: 'error',
      what: `the event subscription ${name} is ${provisioningState}`,
      why: 'it may deliver nothing',
      fix: `az eventgrid event-subscription show --ids ${id}; create it again once the app answers`,
    });
  }
  if (!hasDeadLetters) {
    findings.push({
      severity: 'warning',
      what: `the event subscription ${name} has no dead-letter destination`,
      why: 'events that cannot be delivered within a day are lost, and "evenkeel replay" cannot send them again',
      fix: 'set deadLetterWithResourceIdentity as infra/modules/system-topic-subscriptions.bicep does, or use: az eventgrid event-subscription update --deadletter-endpoint $EVENKEEL_STORAGE_ACCOUNT_ID/blobServices/default/containers/dead-letters',
    });
  }
  const group = groups.find((one) => isAbout(subscription, one));
  if (group !== undefined && admits(filter, foreignEvent(group)) === true) {
    findings.push({
      severity: 'warning',
      what: `the filter of ${name} admits events that concern no container group`,
      why: 'every change of any other resource there costs an invocation and logs a warning',
      fix: `add the advanced filter data.operationName StringIn ${operations.map(operationName).join(', ')}`,
    });
  }
  return findings;
}

const operationName = (operation: string): string => `${provider}/containerGroups/${operation}`;

/** The group in it has a name that nobody filters for. */
const groupEvent = (group: string, operation: (typeof operations)[number]): SampleEvent =>
  sampleEvent(group, provider, 'containerGroups/evenkeel-doctor', `containerGroups/${operation}`);

const foreignEvent = (group: string): SampleEvent =>
  sampleEvent(group, 'Microsoft.Storage', 'storageAccounts/evenkeeldoctor', 'storageAccounts/write');

function sampleEvent(group: string, namespace: string, resource: string, operation: string): SampleEvent {
  const subject = `${group}/providers/${namespace}/${resource}`;
  const action = `${namespace}/${operation}`;
  const verb = /\/(write|delete|action)$/.exec(operation)?.[1] ?? 'write';
  return {
    type: eventTypes.find((type) => type.toLowerCase().includes(`resource${verb}`)) ?? '',
    subject,
    data: {
      authorization: { scope: subject, action },
      operationName: action,
      resourceProvider: namespace,
      resourceUri: subject,
      status: 'Succeeded',
      subscriptionId: group.split('/')[2],
    },
  };
}
