import { type RunCheck, runnable } from './check.ts';
import { appCheck } from './checks/app.ts';
import { clocksCheck } from './checks/clocks.ts';
import { driftEventsCheck } from './checks/drift-events.ts';
import { eventPathCheck } from './checks/event-path.ts';
import { groupEventsCheck } from './checks/group-events.ts';
import { leftoversCheck } from './checks/leftovers.ts';
import { regionalEndpointsCheck } from './checks/regional-endpoints.ts';
import { registryEventsCheck } from './checks/registry-events.ts';
import { rolesCheck } from './checks/roles.ts';
import { schedulesCheck } from './checks/schedules.ts';
import { settingsCheck } from './checks/settings.ts';
import { signalTopicCheck } from './checks/signal-topic.ts';
import { storageCheck } from './checks/storage.ts';
import { webhooksCheck } from './checks/webhooks.ts';
import { zonesCheck } from './checks/zones.ts';

/** The checks that only read, in the order in which they are printed. */
export const checks: readonly RunCheck[] = [
  runnable(settingsCheck),
  runnable(appCheck),
  runnable(schedulesCheck),
  runnable(clocksCheck),
  runnable(storageCheck),
  runnable(rolesCheck),
  runnable(zonesCheck),
  runnable(groupEventsCheck),
  runnable(signalTopicCheck),
  runnable(driftEventsCheck),
  runnable(webhooksCheck),
  runnable(registryEventsCheck),
  runnable(regionalEndpointsCheck),
  runnable(leftoversCheck),
];

/** Runs only on request, because it writes a record set for a moment. */
export const sendEventCheck: RunCheck = runnable(eventPathCheck);
