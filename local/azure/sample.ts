import type { SubnetOptions } from './container-groups/subnets.ts';
import type { ZoneSpec } from './private-dns/control.ts';
import type { RegistrySpec } from './registries/control.ts';

/** The subscription of everything simulated, unless another one is named. */
export const sampleSubscriptionId = '00000000-0000-0000-0000-000000000000';

/** The resource group that holds the DNS zones. */
export const sampleHub = 'rg-hub-dns';

/** The resource group of registries that name none. */
export const sampleRegistryGroup = 'rg-registry';

/** A registry in four regions. */
export const sampleRegistry = {
  name: 'myregistry',
  home: 'eastus',
  replicas: ['westus', 'westeurope', 'southeastasia'],
} satisfies RegistrySpec;

/** `REGISTRY_WEBHOOK_SECRET` of a machine without secrets. */
export const sampleWebhookSecret = 'local-webhook-secret';

/** Two spokes with a subnet each, and a hub with their zones: what the sample `DNS_ZONE_MAP` names. */
export const sampleNetwork = {
  subnets: [
    { resourceGroup: 'rg-spoke-a', prefix: '10.1.0.0/24' },
    { resourceGroup: 'rg-spoke-b', prefix: '10.2.0.0/24' },
  ] satisfies SubnetOptions[],
  resourceGroups: ['rg-spoke-a', 'rg-spoke-b', sampleHub],
  zones: [
    { name: 'spoke-a.internal.contoso.com' },
    { name: 'spoke-b.internal.contoso.com' },
    { name: '1.10.in-addr.arpa' },
    { name: '10.in-addr.arpa' },
  ] satisfies ZoneSpec[],
};

/** `DNS_ZONE_MAP` for the sample network. */
export const sampleZoneMap = {
  'rg-spoke-a': {
    forwardZone: 'spoke-a.internal.contoso.com',
    reverseZones: ['1.10.in-addr.arpa', '10.in-addr.arpa'],
    zoneSubscriptionId: sampleSubscriptionId,
    zoneResourceGroup: sampleHub,
    ttl: 30,
  },
  'rg-spoke-b': {
    forwardZone: 'spoke-b.internal.contoso.com',
    reverseZones: ['1.10.in-addr.arpa', '10.in-addr.arpa'],
    zoneSubscriptionId: sampleSubscriptionId,
    zoneResourceGroup: sampleHub,
    ttl: 30,
  },
};
