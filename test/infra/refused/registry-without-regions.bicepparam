// replicaRegions has no regions for noregions, allregions.
using '../../../infra/main.bicep'

param environmentName = 'check'
param location = 'westeurope'
param registryWebhookSecret = 'a-secret-of-this-snapshot-only'
param dnsZoneMap = {}
param registries = [
  {
    id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-images/providers/Microsoft.ContainerRegistry/registries/noregions'
  }
  {
    id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-images/providers/Microsoft.ContainerRegistry/registries/allregions'
    regions: 'all'
  }
  {
    id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-images/providers/Microsoft.ContainerRegistry/registries/known'
  }
]
param replicaRegions = {
  Known: ['westeurope']
}
param deployedAt = '2026-11-28T00:00:00Z'
