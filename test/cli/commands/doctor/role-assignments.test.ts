import { describe, expect, it } from 'vitest';
import { allows, covers, isWithin } from '../../../../src/cli/commands/doctor/role-assignments.ts';

const write = 'Microsoft.Network/privateDnsZones/A/write';

describe('a permission', () => {
  it.each([
    [true, '*'],
    [true, 'microsoft.network/privatednszones/a/WRITE'],
    [true, 'Microsoft.Network/privateDnsZones/*'],
    [true, 'Microsoft.Network/*/write'],
    [false, '*/read'],
    [false, 'Microsoft.Network/privateDnsZones/A'],
    [false, 'Microsoft.Network/privateDnsZones/AAAA/write'],
    [false, 'Microsoft_Network/privateDnsZones/A/write'],
  ])('covers: %s, by %s', (expected, pattern) => {
    expect(covers(pattern, write)).toBe(expected);
  });

  it('does not allow what it takes out again', () => {
    expect(allows({ actions: ['*'], notActions: ['Microsoft.Network/*/write'] }, write)).toBe(false);
  });

  it.each([
    [true, '/subscriptions/S'],
    [true, '/subscriptions/s/resourceGroups/RG'],
    [true, '/providers/Microsoft.Management/managementGroups/all'],
    [true, '/'],
    [false, '/subscriptions/s/resourceGroups/r'],
    [false, '/subscriptions/s/resourceGroups/rg/providers/x'],
  ])('reaches: %s, from %s', (expected, scope) => {
    expect(isWithin('/subscriptions/s/resourceGroups/rg', scope)).toBe(expected);
  });
});
