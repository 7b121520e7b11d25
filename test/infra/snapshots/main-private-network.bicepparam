// The app in a virtual network, with spokes, registries and settings of its own.
using '../../../infra/main.bicep'

param environmentName = 'check'
param location = 'westeurope'
param registryWebhookSecret = 'a-secret-of-this-snapshot-only'
param dnsZoneMap = {
  'rg-spoke-a': {
    forwardZone: 'spoke-a.internal.contoso.com'
    reverseZones: ['1.10.in-addr.arpa']
  }
}
param registries = [
  {
    id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-images/providers/Microsoft.ContainerRegistry/registries/myregistry'
  }
]
param replicaRegions = {
  myregistry: ['westeurope', 'eastus']
}
param settings = {
  ROUTING_MODE: 'enforce'
}
param network = {
  appSubnetId: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub/subnets/evenkeel-app'
  endpointSubnetId: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub/subnets/endpoints'
}
param alertActionGroupIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-ops/providers/Microsoft.Insights/actionGroups/on-call'
]
param deployedAt = '2026-11-28T00:00:00Z'
