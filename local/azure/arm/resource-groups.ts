import { SortedMap } from '../sorted-map.ts';
import { ArmError } from './arm-error.ts';
import {
  type ArmAnswer,
  type ArmRequest,
  type Operation,
  type OperationRow,
  operationsFrom,
} from './operation.ts';
import { type Subscriptions, subscriptionNotFound } from './subscriptions.ts';

export interface ResourceGroup {
  readonly subscriptionId: string;
  readonly name: string;
}

/** The resource groups of subscriptions, under names compared without case. */
export class ResourceGroups {
  private readonly bySubscription = new Map<string, SortedMap<ResourceGroup>>();
  private readonly subscriptions: Subscriptions;
  private readonly createOnTheFly: boolean;
  /** Empties a resource group that is deleted. */
  readonly onDelete: ((group: ResourceGroup) => void)[] = [];

  constructor(options: { subscriptions: Subscriptions; createOnTheFly: boolean }) {
    this.subscriptions = options.subscriptions;
    this.createOnTheFly = options.createOnTheFly;
  }

  find(subscriptionId: string, name: string): ResourceGroup | undefined {
    return this.bySubscription.get(subscriptionId.toLowerCase())?.get(name.toLowerCase());
  }

  /** The existing group, or a new one; its subscription comes with it. */
  ensure(subscriptionId: string, name: string): ResourceGroup {
    const found = this.find(subscriptionId, name);
    if (found !== undefined) return found;
    const group = { subscriptionId, name };
    if (this.subscriptions.find(subscriptionId) === undefined) this.subscriptions.set(subscriptionId);
    const groups = this.bySubscription.get(subscriptionId.toLowerCase()) ?? new SortedMap<ResourceGroup>();
    this.bySubscription.set(subscriptionId.toLowerCase(), groups);
    groups.set(name.toLowerCase(), group);
    return group;
  }

  delete(subscriptionId: string, name: string): boolean {
    const group = this.find(subscriptionId, name);
    if (group === undefined) return false;
    for (const empty of this.onDelete) empty(group);
    this.bySubscription.get(subscriptionId.toLowerCase())?.delete(name.toLowerCase());
    return true;
  }

  /** The group that a request addresses; a PUT may create it on the fly. */
  of(request: ArmRequest): ResourceGroup {
    const [subscriptionId, name] = [request.param('subscriptionId'), request.param('resourceGroup')];
    const found = this.find(subscriptionId, name);
    if (found !== undefined) return found;
    if (this.createOnTheFly && request.method === 'PUT') return this.ensure(subscriptionId, name);
    this.checkSubscription(subscriptionId);
    throw new ArmError(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`);
  }

  /** @throws ArmError when there is no such subscription. */
  checkSubscription(id: string): void {
    if (this.subscriptions.find(id) === undefined) throw subscriptionNotFound(id);
  }
}

const table: readonly OperationRow<ResourceGroups>[] = [
  {
    name: 'ResourceGroups_Get',
    method: 'GET',
    path: '/subscriptions/{subscriptionId}/resourcegroups/{resourceGroup}',
    handler: getResourceGroup,
  },
];

export const resourceGroupOperations = (groups: ResourceGroups): Operation[] => operationsFrom(table, groups);

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
