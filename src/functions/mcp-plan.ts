import { app } from '@azure/functions';
import pLimit from 'p-limit';
import * as v from 'valibot';
import type { Config } from '../config.ts';
import type { ContainerGroupId } from '../dns/container-group.ts';
import { type DryRun, type DryRunPorts, dryRun } from '../dns/dry-run.ts';
import type { ReconcileTarget } from '../dns/observe.ts';
import { planDocument, planVerdict } from '../dns/plan-document.ts';
import { parseGroupReference, reconcileTarget } from '../dns/reconcile-target.ts';
import { RefusedRequestError } from '../http/refusal.ts';
import { deadlineIn, invocationMs } from '../lib/deadline.ts';
import { failureReason } from '../lib/log.ts';
import { parseToolInput } from '../mcp/tool-input.ts';
import { runTool } from '../mcp/tool-result.ts';
import { untrusted } from '../mcp/untrusted.ts';
import { settingValue } from '../settings/setting.ts';

/** The longest name that Azure gives to a resource group or a container group has 90 characters. */
const maxLength = 500;
const inputSchema = v.strictObject({
  container_group: v.pipe(v.string(), v.maxLength(maxLength, `expected at most ${maxLength} characters`)),
  subscription_id: v.optional(v.pipe(v.string(), v.maxLength(100, 'expected the id of a subscription'))),
});

/**
 * Tells assistants what a reconcile of one container group would now do, as `evenkeel plan` does. One at a time on each
 * instance: a plan spends reads of the quotas from which the app repairs.
 */
export function bindMcpPlan(config: Config, loadPorts: () => Promise<DryRunPorts>): void {
  const oneAtATime = pLimit(1);
  app.mcpTool('mcpPlan', {
    toolName: 'plan_dns',
    description: `What evenkeel would now change in the A and PTR record sets of one container group of Azure Container Instances, and why not. It reads the group and its record sets from Azure, and writes nothing. "verdict" is nothingToDo, changes, blocked (a record set of somebody else is in the way), unread (not everything could be read) or nothing (there is neither such a group nor a record set of its name). ${untrusted}`,
    toolProperties: [
      {
        propertyName: 'container_group',
        propertyType: 'string',
        description: 'ARM id of the container group, or RESOURCE_GROUP/NAME together with subscription_id.',
        isRequired: true,
      },
      {
        propertyName: 'subscription_id',
        propertyType: 'string',
        description: 'Id of the subscription, where container_group is RESOURCE_GROUP/NAME.',
        isRequired: false,
      },
    ],
    handler: (input, context) =>
      runTool('plan_dns', context, async () => {
        const deadline = deadlineIn(invocationMs);
        const { container_group: text, subscription_id: subscription } = parseToolInput(inputSchema, input);
        const target = targetOf(groupOf(text, subscription), config);
        const plan = await oneAtATime(async () => {
          // Whoever had to wait for too long gets no answer that nobody waits for.
          deadline.signal.throwIfAborted();
          return dryRun(target, await loadPorts(), deadline);
        });
        return { kind: 'document', document: documentOf(plan, target) };
      }),
  });
}

const documentOf = (plan: DryRun, { policy }: ReconcileTarget) => ({
  verdict: planVerdict(plan),
  policy,
  ...planDocument(plan, failureReason),
});

const refused = (code: string, problem: string) => new RefusedRequestError(400, code, problem);

/** @throws {RefusedRequestError} */
function groupOf(text: string, subscription: string | undefined): ContainerGroupId {
  const named = parseGroupReference(text, subscription);
  if (named.kind === 'group') return named.group;
  throw refused(
    'badParameter',
    named.kind === 'malformed'
      ? 'container_group: expected the ARM id of a container group, or RESOURCE_GROUP/NAME'
      : 'subscription_id: expected the id of the subscription of the container group',
  );
}

/** @throws {RefusedRequestError | SettingError} */
function targetOf(group: ContainerGroupId, config: Config): ReconcileTarget {
  const found = reconcileTarget(group, settingValue(config.zoneMap), config);
  switch (found.kind) {
    case 'target':
      return found.target;
    case 'unmapped':
      throw refused('groupNotMapped', 'container_group: no entry of DNS_ZONE_MAP covers its resource group');
    case 'noDnsLabel':
      throw refused(
        'groupNoDnsLabel',
        'container_group: its name cannot be a host name, so it has no records',
      );
  }
}
