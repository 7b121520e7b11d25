import { SortedMap } from '../sorted-map.ts';
import { ArmError } from './arm-error.ts';
import {
  type ArmAnswer,
  type ArmRequest,
  type Operation,
  type OperationRow,
  operationsFrom,
} from './operation.ts';
import { page, pageLimit } from './paging.ts';

export interface ResourceGroup {
  readonly subscriptionId: string;
  readonly name: string;
}

interface Subscription {
  readonly id: string;
  readonly groups: SortedMap<ResourceGroup>;
}

/** Subscriptions and their resource groups, under names compared without case. */
export class ResourceGroups {
  private readonly subscriptions = new SortedMap<Subscription>();
  private readonly createOnTheFly: boolean;
  /** Empties a resource group that is deleted. */
  readonly onDelete: ((group: ResourceGroup) => void)[] = [];

  constructor(options: { subscriptions: readonly string[]; createOnTheFly: boolean }) {
    this.createOnTheFly = options.createOnTheFly;
    for (const id of options.subscriptions) this.subscription(id);
  }

  find(subscriptionId: string, name: string): ResourceGroup | undefined {
    return this.subscriptions.get(subscriptionId.toLowerCase())?.groups.get(name.toLowerCase());
  }

  /** The existing group, or a new one. */
  ensure(subscriptionId: string, name: string): ResourceGroup {
    const found = this.find(subscriptionId, name);
    if (found !== undefined) return found;
    const group = { subscriptionId, name };
    this.subscription(subscriptionId).groups.set(name.toLowerCase(), group);
    return group;
  }

  delete(subscriptionId: string, name: string): boolean {
    const group = this.find(subscriptionId, name);
    if (group === undefined) return false;
    for (const empty of this.onDelete) empty(group);
    this.subscription(subscriptionId).groups.delete(name.toLowerCase());
    return true;
  }

  /** The group that a request addresses; a PUT may create it on the fly. */
  of(request: ArmRequest): ResourceGroup {
    const [subscriptionId, name] = [request.param('subscriptionId'), request.param('resourceGroup')];
    const found = this.find(subscriptionId, name);
    if (found !== undefined) return found;
    if (this.createOnTheFly && request.method === 'PUT') return this.ensure(subscriptionId, name);
    this.listOf(subscriptionId);
    throw new ArmError(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`);
  }

  list(): SortedMap<Subscription> {
    return this.subscriptions;
  }

  listOf(subscriptionId: string): SortedMap<ResourceGroup> {
    const found = this.subscriptions.get(subscriptionId.toLowerCase());
    if (found !== undefined) return found.groups;
    throw new ArmError(
      404,
      'SubscriptionNotFound',
      `The subscription '${subscriptionId}' could not be found.`,
    );
  }

  private subscription(id: string): Subscription {
    const found = this.subscriptions.get(id.toLowerCase());
    if (found !== undefined) return found;
    const created = { id, groups: new SortedMap<ResourceGroup>() };
    this.subscriptions.set(id.toLowerCase(), created);
    return created;
  }
}

const table: readonly OperationRow<ResourceGroups>[] = [
  { name: 'Subscriptions_List', method: 'GET', path: '/subscriptions', handler: listSubscriptions },
  {
    name: 'ResourceGroups_Get',
    method: 'GET',
    path: '/subscriptions/{subscriptionId}/resourcegroups/{resourceGroup}',
    handler: getResourceGroup,
  },
];

export const resourceGroupOperations = (groups: ResourceGroups): Operation[] => operationsFrom(table, groups);

const pageSize = 1000;

function listSubscriptions(request: ArmRequest, groups: ResourceGroups): ArmAnswer {
  return page(request, groups.list(), {
    limit: pageLimit(request, pageSize),
    render: ({ id }) => ({
      id: `/subscriptions/${id}`,
      subscriptionId: id,
      displayName: `Simulated ${id}`,
      state: 'Enabled',
    }),
  });
}

function getResourceGroup(request: ArmRequest, groups: ResourceGroups): ArmAnswer {
  const { subscriptionId, name } = groups.of(request);
  return {
    status: 200,
    body: {
      id: `/subscriptions/${subscriptionId}/resourceGroups/${name}`,
      name,
      type: 'Microsoft.Resources/resourceGroups',
      location: 'westeurope',
      properties: { provisioningState: 'Succeeded' },
    },
  };
}
