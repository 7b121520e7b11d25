import pLimit from 'p-limit';
import * as v from 'valibot';
import type { ArmReader } from '../../../azure/arm/resources.ts';
import type { Deadline } from '../../../lib/deadline.ts';
import { type AppIdentity, isOnThisApp } from './app-identity.ts';
import { listEventSubscriptionsIn } from './event-subscriptions.ts';
import { listRoleAssignments } from './role-assignments.ts';

/** Something that evenkeel made in Azure, outside of the app's own resource group. */
export interface Made {
  readonly kind: 'eventSubscription' | 'webhook' | 'roleAssignment';
  /** ARM id. */
  readonly id: string;
  readonly name: string;
  /** ARM id of the resource that it is about. */
  readonly about: string;
}

/** A list that could not be read. */
export interface Unread {
  readonly what: string;
  readonly reason: string;
  /** Whether a setting names its Azure subscription. Others are only looked into because they are visible. */
  readonly isNamed: boolean;
}

interface Access {
  readonly app: AppIdentity;
  /** Object id of the app's identity; without it no role assignment is read. */
  readonly principal: string | undefined;
  readonly arm: ArmReader;
  readonly deadline: Deadline;
  /** Whether a registry, by its ARM id, is followed: its webhooks are the business of another check. */
  readonly isFollowed: (registryId: string) => boolean;
}

type Reading =
  | { readonly kind: 'made'; readonly made: readonly Made[] }
  | { readonly kind: 'unread'; readonly unread: Unread };

/** The templates begin the names of all of these with it. */
const isEvenkeels = (name: string): boolean => /^evenkeel/i.test(name);

const concurrency = 6;

/**
 * Reads what evenkeel made for this app, in every visible subscription: one of which the last entry was taken out is
 * named by no setting any more.
 * @param named ids of the subscriptions that the settings name.
 */
export async function readMade(
  named: readonly string[],
  access: Access,
): Promise<{ made: readonly Made[]; unread: readonly Unread[] }> {
  const { arm, deadline } = access;
  const namedIds = new Set(named.map((id) => id.toLowerCase()));
  const limit = pLimit(concurrency);
  const readings: Reading[] = [];
  const attempt = async (what: string, isNamed: boolean, read: () => Promise<readonly Made[]>) => {
    readings.push(
      await read().then(
        (made): Reading => ({ kind: 'made', made }),
        (error: unknown): Reading => {
          const reason = error instanceof Error ? error.message : String(error);
          return { kind: 'unread', unread: { what, reason, isNamed } };
        },
      ),
    );
  };
  const visible: string[] = [];
  await attempt('the subscriptions that no setting names', true, async () => {
    visible.push(...(await listSubscriptions(arm, deadline)));
    return [];
  });
  await Promise.all(
    [...new Set([...namedIds, ...visible])].flatMap((id) => {
      const path = `/subscriptions/${id}`;
      const lists: readonly [string, () => Promise<readonly Made[]>][] = [
        ['the event subscriptions', () => eventSubscriptions(path, access)],
        ['the registry webhooks', () => webhooks(path, access)],
        ['the role assignments', () => roleAssignments(id, access)],
      ];
      return lists.map(([what, read]) => limit(() => attempt(`${what} of ${path}`, namedIds.has(id), read)));
    }),
  );
  const all = readings.flatMap((reading) => (reading.kind === 'made' ? reading.made : []));
  return {
    made: [...new Map(all.map((one) => [one.id.toLowerCase(), one])).values()],
    unread: readings.flatMap((reading) => (reading.kind === 'unread' ? [reading.unread] : [])),
  };
}

const subscriptionSchema = v.object({ subscriptionId: v.string() });

async function listSubscriptions(arm: ArmReader, deadline: Deadline): Promise<string[]> {
  const values = await arm.list('/subscriptions', '2022-12-01', deadline);
  return values.map((value) => v.parse(subscriptionSchema, value).subscriptionId.toLowerCase());
}

async function eventSubscriptions(path: string, { app, arm, deadline }: Access): Promise<Made[]> {
  const all = await listEventSubscriptionsIn(path, app, arm, deadline);
  return all.flatMap(({ id, name, source }): Made[] =>
    isEvenkeels(name) ? [{ kind: 'eventSubscription', id, name, about: source }] : [],
  );
}

const registryApiVersion = '2025-11-01';
const registrySchema = v.object({ id: v.string() });
const webhookSchema = v.object({ id: v.string(), name: v.string() });
const callbackSchema = v.object({ serviceUri: v.string() });

/** The URL of a webhook has to be read separately, by a right that a reader lacks, so only where the name says so. */
async function webhooks(path: string, { app, arm, deadline, isFollowed }: Access): Promise<Made[]> {
  const registries = await arm.list(
    `${path}/providers/Microsoft.ContainerRegistry/registries`,
    registryApiVersion,
    deadline,
  );
  const limit = pLimit(concurrency);
  const ofRegistry = async (about: string): Promise<Made[]> => {
    const listed = await arm.list(`${about}/webhooks`, registryApiVersion, deadline);
    const candidates = listed
      .map((value) => v.parse(webhookSchema, value))
      .filter(({ name }) => isEvenkeels(name));
    const made = await Promise.all(
      candidates.map(async ({ id, name }): Promise<Made[]> => {
        const answer = await arm.post(`${id}/getCallbackConfig`, registryApiVersion, deadline);
        if (answer === undefined) return [];
        const { serviceUri } = v.parse(callbackSchema, answer);
        return isOnThisApp(serviceUri, app) ? [{ kind: 'webhook', id, name, about }] : [];
      }),
    );
    return made.flat();
  };
  const ids = registries.map((value) => v.parse(registrySchema, value).id).filter((id) => !isFollowed(id));
  return (await Promise.all(ids.map((id) => limit(() => ofRegistry(id))))).flat();
}

async function roleAssignments(
  subscriptionId: string,
  { principal, arm, deadline }: Access,
): Promise<Made[]> {
  if (principal === undefined) return [];
  const all = await listRoleAssignments(principal, [subscriptionId], arm, deadline);
  return all.flatMap(({ id, scope, roleName }): Made[] =>
    isEvenkeels(roleName) ? [{ kind: 'roleAssignment', id, name: roleName, about: scope }] : [],
  );
}
