import { describe, expect, it } from 'vitest';
import { admits, type EventFilter } from '../../../../src/cli/commands/doctor/event-filter.ts';

const event = {
  type: 'Microsoft.Resources.ResourceWriteSuccess',
  subject: '/subscriptions/s/resourceGroups/RG/providers/Microsoft.ContainerInstance/containerGroups/web',
  data: {
    operationName: 'Microsoft.ContainerInstance/containerGroups/write',
    authorization: { action: 'Microsoft.ContainerInstance/containerGroups/write' },
  },
};
const on = (operatorType: string, key: string, ...values: readonly string[]): EventFilter => ({
  advancedFilters: [{ operatorType, key, values: [...values] }],
});

describe('a filter', () => {
  it.each<[string, boolean | undefined, EventFilter]>([
    ['without conditions', true, {}],
    [
      'of nothing but nulls, as Resource Manager shows them',
      true,
      { includedEventTypes: null, advancedFilters: null },
    ],
    ['of the type', true, { includedEventTypes: ['microsoft.resources.resourcewritesuccess'] }],
    ['of all types', true, { includedEventTypes: ['All'] }],
    ['of other types', false, { includedEventTypes: ['Microsoft.Resources.ResourceDeleteSuccess'] }],
    ['of the beginning of the subject', true, { subjectBeginsWith: '/subscriptions/s/resourcegroups/rg/' }],
    ['of another beginning', false, { subjectBeginsWith: '/subscriptions/s/resourceGroups/other/' }],
    ['of another end', false, { subjectEndsWith: '/api' }],
    [
      'of the operation',
      true,
      on('StringIn', 'data.operationName', 'x', 'MICROSOFT.ContainerInstance/containerGroups/write'),
    ],
    [
      'of other operations',
      false,
      on('StringIn', 'data.operationName', 'Microsoft.Storage/storageAccounts/write'),
    ],
    ['of a part of the operation', true, on('StringContains', 'Data.OperationName', 'containerGroups')],
    [
      'of the beginning of a nested value',
      true,
      on('StringBeginsWith', 'data.authorization.action', 'Microsoft.ContainerInstance/'),
    ],
    ['of the end of the subject', true, on('StringEndsWith', 'subject', '/web')],
    [
      'against the operation',
      false,
      on('StringNotIn', 'data.operationName', 'Microsoft.ContainerInstance/containerGroups/write'),
    ],
    ['against other operations', true, on('StringNotContains', 'data.operationName', 'storageAccounts')],
    ['of what is there', true, on('IsNotNull', 'data.operationName')],
    ['of what is not there', false, on('IsNullOrUndefined', 'data.operationName')],
    ['by an operator that is not known here', undefined, on('NumberGreaterThan', 'data.operationName')],
    ['by a key that is not known here', undefined, on('StringIn', 'data.tenantId', 't')],
    [
      'of other types and a key that is not known',
      false,
      { ...on('StringIn', 'data.tenantId'), includedEventTypes: [] },
    ],
  ])('%s: %s', (_, expected, filter) => {
    expect(admits(filter, event)).toBe(expected);
  });
});
