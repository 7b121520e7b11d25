import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { sampleSubscriptionId } from '../../../local/azure/sample.ts';

const subscription = `/subscriptions/${sampleSubscriptionId}`;
const listSchema = v.object({
  value: v.array(v.looseObject({ properties: v.looseObject({ roleDefinitionId: v.string() }) })),
});
const hub = `${subscription}/resourceGroups/rg-hub-dns`;

describe('role assignments', () => {
  let azure: LocalAzure;
  beforeAll(async () => {
    azure = await startLocalAzure();
  });
  afterAll(() => azure.close());

  const call = (path: string, query = '') =>
    fetch(`${azure.armEndpoint}${path}?api-version=2022-04-01${query}`);
  const assignments = async (scope: string, principal: string) => {
    const filter = `&$filter=${encodeURIComponent(`principalId eq '${principal}'`)}`;
    const answer = await call(`${scope}/providers/Microsoft.Authorization/roleAssignments`, filter);
    return v.parse(listSchema, await answer.json()).value;
  };

  it('are listed at, above and below a scope, for one principal, and lead to their roles', async () => {
    const role = azure.authorization.define({
      name: 'records',
      actions: ['Microsoft.Network/privateDnsZones/A/read'],
    });
    const id = azure.authorization.assign('app', role, hub);
    azure.authorization.assign('somebody', role, hub);
    const [listed, ...others] = await assignments(subscription, 'app');
    expect(others).toEqual([]);
    expect(listed).toMatchObject({ id, properties: { scope: hub, principalId: 'app' } });
    expect(await assignments(`${hub}/providers/Microsoft.Network/privateDnsZones/z`, 'app')).toHaveLength(1);
    expect(await assignments(`${subscription}/resourceGroups/rg-spoke-a`, 'app')).toEqual([]);
    const definition = await call(listed?.properties.roleDefinitionId ?? '');
    expect(await definition.json()).toMatchObject({
      properties: {
        roleName: 'records',
        permissions: [{ actions: ['Microsoft.Network/privateDnsZones/A/read'], dataActions: [] }],
      },
    });
    expect(azure.authorization.unassign(id)).toBe(true);
    expect(await assignments(hub, 'app')).toEqual([]);
  });

  it('are asked for by principal only', async () => {
    expect((await call(`${hub}/providers/Microsoft.Authorization/roleAssignments`)).status).toBe(400);
  });
});
