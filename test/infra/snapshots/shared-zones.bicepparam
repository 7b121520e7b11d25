// A hub: two spokes that share zones, one of them under two spellings, with a reverse zone that is listed twice.
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
    reverseZones: ['10.in-addr.arpa', '10.IN-ADDR.ARPA']
    zoneResourceGroup: 'rg-hub-dns'
  }
  '00000000-0000-0000-0000-000000000001/RG-Spoke-A': {
    forwardZone: 'internal.contoso.com'
    reverseZones: ['10.in-addr.arpa']
    zoneResourceGroup: 'rg-hub-dns'
  }
  'rg-spoke-b': {
    forwardZone: 'Internal.Contoso.com'
    reverseZones: ['10.in-addr.arpa']
    zoneResourceGroup: 'RG-Hub-DNS'
  }
}
param registries = []
param replicaRegions = {}
param routingMode = 'flag'
