// Registries with regions, with all of them, and with none named; one has a system topic already.
using '../../../infra/connect.bicep'

param environmentName = 'check'
param appResourceGroup = 'rg-evenkeel-check'
param functionAppName = 'func-evenkeel-check'
param appUrl = 'https://func-evenkeel-check.azurewebsites.net'
param principalId = '00000000-0000-0000-0000-00000000000a'
param signalTopicName = 'evgt-evenkeel-check'
param vaultName = 'kv-evk-check'
param delivery = {
  functionAppId: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-evenkeel-check/providers/Microsoft.Web/sites/func-evenkeel-check'
  storageAccountId: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-evenkeel-check/providers/Microsoft.Storage/storageAccounts/stcheck'
  deadLetterContainer: 'dead-letters'
  identityId: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-evenkeel-check/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-evenkeel-events-check'
}
param dnsZoneMap = {}
param registries = [
  {
    id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-images/providers/Microsoft.ContainerRegistry/registries/someRegions'
    regions: ['westus', 'West US', 'eastus']
  }
  {
    id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-images/providers/Microsoft.ContainerRegistry/registries/allRegions'
    regions: 'all'
  }
  {
    id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-images/providers/Microsoft.ContainerRegistry/registries/noRegions'
  }
]
param replicaRegions = {
  allregions: ['westeurope', 'North Europe']
  NoRegions: ['eastus']
}
param routingMode = 'flag'
param systemTopics = {
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-images/providers/Microsoft.ContainerRegistry/registries/noRegions': 'its-topic'
}
