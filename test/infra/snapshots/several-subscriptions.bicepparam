// Spokes, zones and a registry in four subscriptions.
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
param dnsZoneMap = {
  'rg-spoke-a': {
    forwardZone: 'internal.contoso.com'
    reverseZones: ['10.in-addr.arpa']
    zoneSubscriptionId: '00000000-0000-0000-0000-000000000003'
    zoneResourceGroup: 'rg-hub-dns'
  }
  '00000000-0000-0000-0000-000000000002/rg-spoke-b': {
    forwardZone: 'internal.contoso.com'
    reverseZones: ['10.in-addr.arpa']
    zoneSubscriptionId: '00000000-0000-0000-0000-000000000003'
    zoneResourceGroup: 'rg-hub-dns'
  }
}
param registries = [
  {
    id: '/subscriptions/00000000-0000-0000-0000-000000000004/resourceGroups/rg-images/providers/Microsoft.ContainerRegistry/registries/myregistry'
    regions: ['westeurope']
  }
]
param replicaRegions = {}
param routingMode = 'enforce'
