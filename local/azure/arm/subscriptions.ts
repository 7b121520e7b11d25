import { SortedMap } from '../sorted-map.ts';
import { ArmError } from './arm-error.ts';
import { type ArmAnswer, type ArmRequest, type Operation, operationsFrom } from './operation.ts';
import { page, pageLimit } from './paging.ts';

/** What can be said of a subscription; all of it can change. */
export interface SubscriptionCondition {
  readonly displayName: string;
  /** What lists say. `Disabled` also refuses writes; the others are words only. */
  readonly state: 'Enabled' | 'Warned' | 'PastDue' | 'Disabled' | 'Deleted';
  /** False: not in lists, as a subscription in which the caller has no role. */
  readonly isListed: boolean;
  /** True: whatever is asked below it is a 404. Lists may show it still. */
  readonly isDeleted: boolean;
  /** Namespaces such as `Microsoft.ContainerInstance` that are not registered: requests to them are a 409. */
  readonly unregisteredProviders: readonly string[];
  /** The tenant that it was moved to: tokens of the former one are a 401. */
  readonly movedToTenant: string | undefined;
}

interface Subscription extends SubscriptionCondition {
  readonly id: string;
}

/** The tenant of every token that comes here. */
const callersTenant = '11111111-0000-0000-0000-000000000000';

const path = /^\/subscriptions\/(?<id>[^/]+)(?:\/(?:.*?\/)?providers\/(?<namespace>[^/]+)|\/|$)/i;

/** Subscriptions under ids compared without case. */
export class Subscriptions {
  private readonly byId = new SortedMap<Subscription>();
  /** Subscriptions in one page of a list. */
  readonly pageSize: number;

  constructor({ pageSize = 1000 }: { readonly pageSize?: number | undefined } = {}) {
    this.pageSize = pageSize;
  }

  /** Creates one that is enabled, or changes one. */
  set(id: string, condition: Partial<SubscriptionCondition> = {}): Subscription {
    const known = this.find(id) ?? {
      id,
      displayName: `Simulated ${id}`,
      state: 'Enabled',
      isListed: true,
      isDeleted: false,
      unregisteredProviders: [],
      movedToTenant: undefined,
    };
    const subscription = { ...known, ...condition };
    this.byId.set(id.toLowerCase(), subscription);
    return subscription;
  }

  find(id: string): Subscription | undefined {
    return this.byId.get(id.toLowerCase());
  }

  /** In order of their ids, whether Resource Manager lists them or not. */
  get all(): SortedMap<Subscription> {
    return this.byId;
  }

  /** @throws ArmError when the subscription's condition lets no provider see the request. */
  check(request: ArmRequest): void {
    const { id, namespace } = path.exec(request.id)?.groups ?? {};
    const subscription = id === undefined ? undefined : this.find(id);
    if (subscription === undefined) return;
    if (subscription.movedToTenant !== undefined) throw wrongTenant(subscription.movedToTenant);
    if (subscription.isDeleted) throw subscriptionNotFound(subscription.id);
    const isUnregistered = subscription.unregisteredProviders.some(
      (provider) => provider.toLowerCase() === namespace?.toLowerCase(),
    );
    if (namespace !== undefined && isUnregistered) throw notRegistered(namespace);
    if (subscription.state === 'Disabled' && !['GET', 'HEAD'].includes(request.method))
      throw disabled(subscription.id);
  }
}

export const subscriptionNotFound = (id: string): ArmError =>
  new ArmError(404, 'SubscriptionNotFound', `The subscription '${id}' could not be found.`);

const notRegistered = (namespace: string): ArmError =>
  new ArmError(
    409,
    'MissingSubscriptionRegistration',
    `The subscription is not registered to use namespace '${namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions.`,
  );

const disabled = (id: string): ArmError =>
  new ArmError(
    409,
    'ReadOnlyDisabledSubscription',
    `The subscription '${id}' is disabled and therefore marked as read only. You cannot perform any write actions on this subscription until it is re-enabled.`,
  );

function wrongTenant(tenant: string): ArmError {
  const message = [
    `The access token is from the wrong issuer 'https://sts.windows.net/${callersTenant}/'.`,
    `It must match the tenant 'https://sts.windows.net/${tenant}/' associated with this subscription.`,
    `Please use the authority (URL) 'https://login.windows.net/${tenant}' to get the token.`,
    'Note, if the subscription is transferred to another tenant there is no impact to the services, but information about new tenant could take time to propagate (up to an hour).',
    'If you just transferred your subscription and see this error message, please try back later.',
  ].join(' ');
  const challenge = `Bearer authorization_uri="https://login.windows.net/${tenant}", error="invalid_token", error_description="The access token is from the wrong issuer."`;
  return new ArmError(401, 'InvalidAuthenticationTokenTenant', message, {
    headers: { 'WWW-Authenticate': challenge },
  });
}

export const subscriptionOperations = (subscriptions: Subscriptions): Operation[] =>
  operationsFrom(
    [{ name: 'Subscriptions_List', method: 'GET', path: '/subscriptions', handler: listSubscriptions }],
    subscriptions,
  );

function listSubscriptions(request: ArmRequest, subscriptions: Subscriptions): ArmAnswer {
  return page(request, subscriptions.all, {
    limit: pageLimit(request, subscriptions.pageSize),
    accept: ({ isListed }) => isListed,
    render: ({ id, displayName, state }) => ({
      id: `/subscriptions/${id}`,
      subscriptionId: id,
      displayName,
      state,
    }),
  });
}
