import { describe, expect, it } from 'vitest';
import { containerGroupChanges, type EventFilter, matches } from '../../../local/azure/event-grid/filter.ts';

const event = {
  eventType: 'Microsoft.Resources.ResourceWriteSuccess',
  subject: '/subscriptions/S/resourcegroups/RG/providers/Microsoft.ContainerInstance/containerGroups/web',
  data: {
    operationName: 'Microsoft.ContainerInstance/containerGroups/write',
    resourceProvider: 'Microsoft.ContainerInstance',
    tags: ['blue', 'green'],
    nothing: null,
  },
};

const key = 'data.operationName';

describe('a filter', () => {
  it.each<[string, EventFilter, boolean]>([
    ['without conditions', {}, true],
    [
      'for the type, in any casing',
      { includedEventTypes: ['microsoft.resources.resourcewritesuccess'] },
      true,
    ],
    ['for other types', { includedEventTypes: ['Microsoft.Resources.ResourceDeleteSuccess'] }, false],
    ['for the beginning of the subject', { subjectBeginsWith: '/subscriptions/s/resourceGroups/rg/' }, true],
    ['for another beginning', { subjectBeginsWith: '/subscriptions/s/resourceGroups/other' }, false],
    ['for the end of the subject', { subjectEndsWith: '/WEB' }, true],
    ['for another end', { subjectEndsWith: '/we' }, false],
  ])('%s', (_title, filter, expected) => {
    expect(matches(event, filter)).toBe(expected);
  });

  it.each([
    ['StringIn', key, ['x', 'microsoft.containerinstance/containergroups/WRITE'], true],
    ['StringIn', key, ['write'], false],
    ['StringIn', 'data.tags', ['green'], true],
    ['StringIn', 'data.absent', ['x'], false],
    ['StringNotIn', key, ['write'], true],
    ['StringNotIn', 'data.absent', ['x'], true],
    ['StringContains', key, ['/containergroups/'], true],
    ['StringContains', key, ['/delete'], false],
    ['StringNotContains', key, ['/delete'], true],
    ['StringNotContains', key, ['/delete', '/write'], false],
    ['StringBeginsWith', key, ['microsoft.network', 'Microsoft.Container'], true],
    ['StringBeginsWith', 'subject', ['/subscriptions/s/'], true],
    ['StringEndsWith', key, ['/WRITE'], true],
    ['StringEndsWith', key, ['/action'], false],
  ] as const)('%s on %s with %j is %s', (operatorType, key, values, expected) => {
    expect(matches(event, { advancedFilters: [{ operatorType, key, values }] })).toBe(expected);
  });

  it.each([
    ['IsNotNull', key, true],
    ['IsNotNull', 'data.nothing', false],
    ['IsNullOrUndefined', 'data.absent', true],
    ['IsNullOrUndefined', key, false],
  ] as const)('%s on %s is %s', (operatorType, key, expected) => {
    expect(matches(event, { advancedFilters: [{ operatorType, key }] })).toBe(expected);
  });

  it('lets an event through that passes every condition only', () => {
    const writes = { operatorType: 'StringEndsWith', key, values: ['/write'] } as const;
    const deletes = { operatorType: 'StringEndsWith', key, values: ['/delete'] } as const;
    expect(matches(event, { advancedFilters: [writes, deletes] })).toBe(false);
    expect(matches(event, { advancedFilters: [writes], subjectEndsWith: 'x' })).toBe(false);
  });

  it('reads the type of a CloudEvent too', () => {
    expect(matches({ specversion: '1.0', type: 't' }, { includedEventTypes: ['T'] })).toBe(true);
  });

  it.each([
    ['write', true],
    ['delete', true],
    ['start/action', true],
    ['stop/action', true],
    ['restart/action', true],
    ['containers/exec/action', false],
  ])('for changes of container groups: %s is %s', (operation, expected) => {
    const operationName = `Microsoft.ContainerInstance/containerGroups/${operation}`;
    expect(matches({ ...event, data: { operationName } }, containerGroupChanges)).toBe(expected);
  });
});
