import { describe, expect, it } from 'vitest';
import { adviceFor } from '../../../src/azure/arm/advice.ts';

const zone = '/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/z';
const call = { scope: zone, role: 'Private DNS Zone Contributor' };
const policy = `Resource 'web' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"No hand-made records","id":"/subscriptions/s-1/providers/Microsoft.Authorization/policyAssignments/a1"},"policyDefinition":{"name":"Deny record sets","id":"/providers/Microsoft.Authorization/policyDefinitions/d1"}}]'.`;
const locked = (scope: string) =>
  `The scope '${zone}/A/web' cannot perform write operation because following scope(s) are locked: '${scope}'. Please remove the lock and try again.`;
const unregistered =
  "The subscription is not registered to use namespace 'Microsoft.ContainerInstance'. See https://aka.ms/rps-not-found for how to register subscriptions.";

describe('the advice about a refusal', () => {
  it.each<[number, string | undefined, string, boolean, RegExp]>([
    [
      401,
      'InvalidAuthenticationTokenTenant',
      'wrong issuer',
      true,
      /another tenant .* an identity of that tenant/,
    ],
    [401, 'InvalidAuthenticationToken', 'expired', true, /does not accept the sign-in: run "az login"/],
    [401, undefined, '', true, /does not accept the sign-in/],
    [403, 'AuthorizationFailed', 'no', true, /^assign the role Private DNS Zone Contributor on that scope$/],
    [403, undefined, '', true, /^assign the role Private DNS Zone Contributor on that scope$/],
    [
      403,
      'RequestDisallowedByPolicy',
      policy,
      false,
      /^the policy "No hand-made records" \(\/subscriptions\/s-1\/providers\/Microsoft\.Authorization\/policyAssignments\/a1\) forbids it: exempt/,
    ],
    [403, 'RequestDisallowedByPolicy', 'by the policy X', false, /^a policy \(by the policy X\) forbids it/],
    [404, 'SubscriptionNotFound', 'not found', false, /no such subscription: correct the settings/],
    [
      409,
      'MissingSubscriptionRegistration',
      unregistered,
      false,
      /az provider register --namespace Microsoft\.ContainerInstance --subscription s-1$/,
    ],
    [
      409,
      'MissingSubscriptionRegistration',
      'no provider',
      false,
      /az provider register --namespace Microsoft\.Network --subscription s-1$/,
    ],
    [
      409,
      'ScopeLocked',
      locked(zone),
      false,
      /^a lock on \/subscriptions\/s-1\/.*\/z forbids it: remove the lock$/,
    ],
    [
      409,
      'scopelocked',
      locked(`${zone}/providers/Microsoft.Authorization/locks/keep`),
      false,
      /^the lock \/.*\/locks\/keep forbids it: remove the lock$/,
    ],
    [409, 'ScopeLocked', 'locked', false, /^a lock on .*privateDnsZones\/z forbids it/],
  ])('%s %s', (status, code, message, isPermission, text) => {
    const advice = adviceFor({ status, code, message }, call);
    expect(advice).toEqual({ isPermission, text: expect.stringMatching(text) });
    if (code === 'RequestDisallowedByPolicy') expect(advice?.text).not.toMatch(/role/i);
  });

  it.each([
    [400, 'BadRequest'],
    [404, 'ResourceNotFound'],
    [409, 'Conflict'],
  ])('is none for %s %s, whose message has to do', (status, code) => {
    expect(adviceFor({ status, code, message: 'no' }, call)).toBeUndefined();
  });
});
