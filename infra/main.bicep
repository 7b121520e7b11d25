// The app and what is its own, in a resource group of its own. It is at subscription scope so that `azd up` needs
// nothing prepared. Nothing here reaches into another resource group: `azd down` deletes whole every resource group
// that this deployment touches. What ties the app to zones, container groups and registries is in connect.bicep.
targetScope = 'subscription'

import { deadLetterContainer } from 'modules/storage.bicep'
import { networkType, registriesType, settingsType, zoneMapType } from 'modules/types.bicep'

@description('Name of the environment; becomes part of the name of the resource group.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Region of everything here: one that has the Flex Consumption plan, as `az functionapp list-flexconsumption-locations` lists them.')
@allowed([
  'australiaeast'
  'australiasoutheast'
  'brazilsouth'
  'canadacentral'
  'centralindia'
  'centralus'
  'eastasia'
  'eastus'
  'eastus2'
  'eastus2euap'
  'francecentral'
  'germanywestcentral'
  'italynorth'
  'japaneast'
  'koreacentral'
  'northcentralus'
  'northeurope'
  'norwayeast'
  'southafricanorth'
  'southcentralus'
  'southeastasia'
  'southindia'
  'spaincentral'
  'swedencentral'
  'uaenorth'
  'uksouth'
  'ukwest'
  'westcentralus'
  'westeurope'
  'westus'
  'westus2'
  'westus3'
])
@metadata({
  azd: {
    type: 'location'
  }
})
param location string

// Without a default: an environment that does not say it must not deploy an empty one.
@description('Which container groups\' records go to which zones; {} for none.')
param dnsZoneMap zoneMapType

@description('The registries whose replication is followed; [] for none.')
param registries registriesType

@description('Regions of each registry\'s replicas, the home region among them, by registry name or ARM id. Needed for a registry that names no regions itself: a template cannot list replicas.')
param replicaRegions {
  *: string[]
} = {}

@description('App settings that are to differ from the app\'s defaults.')
param settings settingsType = {}

@description('Virtual network integration and private endpoints; public endpoints without it.')
param network networkType?

@description('What registries\' webhooks prove themselves with. azd generates one and keeps it.')
@secure()
@minLength(24)
@metadata({
  azd: {
    type: 'generate'
    config: {
      length: 48
      noSpecial: true
    }
  }
})
param registryWebhookSecret string

@description('Version of Node.js.')
@allowed(['22', '24'])
param nodeVersion string = '22'

@description('Instances that are always there for HTTP functions. A registry sends a webhook once, and an app that is just starting may refuse it, so there is one by default where there are registries.')
@minValue(0)
@maxValue(20)
param alwaysReadyHttpInstances int = empty(registries) ? 0 : 1

@allowed(['Standard_LRS', 'Standard_ZRS'])
param storageRedundancy string = 'Standard_LRS'

@description('Memory of an instance.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('The plan scales no further.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Resource ids of the action groups that alerts tell; without any, alerts only show in the portal.')
param alertActionGroupIds string[] = []

@description('When this is deployed, ISO 8601: alerts about silence do not count what was before.')
param deployedAt string = utcNow('yyyy-MM-ddTHH:mm:ssZ')

// Refused before anything is deployed: the second deployment, which needs the regions, runs when the new code is live.
var keysWithRegions = map(items(replicaRegions), entry => toLower(entry.key))
var withoutRegions = filter(
  registries,
  registry =>
    (registry.?regions ?? 'all') == 'all' && empty(intersection(keysWithRegions, [
      toLower(registry.id)
      toLower(last(split(registry.id, '/'))!)
    ]))
)
var checkedName = empty(withoutRegions)
  ? environmentName
  : fail('replicaRegions has no regions for ${join(map(withoutRegions, registry => last(split(registry.id, '/'))!), ', ')}. A registry that is followed in all of its regions needs them there: az acr replication list --registry NAME --query "[].location"')

var token = uniqueString(subscription().id, environmentName)
var tags = {
  'azd-env-name': environmentName
}
// Of everything that others refer to. They refer by name: what-if expands only what it can name before it deploys.
var names = {
  identity: 'id-evenkeel-${token}'
  eventsIdentity: 'id-evenkeel-events-${token}'
  storage: 'st${token}'
  workspace: 'log-evenkeel-${token}'
  insights: 'appi-evenkeel-${token}'
  collectionEndpoint: 'dce-evenkeel-${token}'
  collectionRule: 'dcr-evenkeel-${token}'
  topic: 'evgt-evenkeel-${token}'
  vault: 'kv-evk-${token}'
  functionApp: 'func-evenkeel-${token}'
}

resource group 'Microsoft.Resources/resourceGroups@2025-03-01' = {
  name: 'rg-evenkeel-${checkedName}'
  location: location
  tags: tags
}

module identities 'modules/identities.bicep' = {
  name: 'evenkeel-identities'
  scope: group
  params: {
    location: location
    appName: names.identity
    eventsName: names.eventsIdentity
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  name: 'evenkeel-storage'
  scope: group
  params: {
    location: location
    accountName: names.storage
    tags: tags
    identityName: names.identity
    eventsIdentityName: names.eventsIdentity
    redundancy: storageRedundancy
    isPrivate: network != null
  }
  dependsOn: [identities]
}

module privateEndpoints 'modules/private-endpoints.bicep' = if (network != null) {
  name: 'evenkeel-private-endpoints'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    storageAccountName: names.storage
    network: network!
  }
  dependsOn: [storage]
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'evenkeel-monitoring'
  scope: group
  params: {
    location: location
    workspaceName: names.workspace
    insightsName: names.insights
    tags: tags
    identityName: names.identity
    retentionDays: logRetentionDays
  }
  dependsOn: [identities]
}

module alerts 'modules/alerts.bicep' = {
  name: 'evenkeel-alerts'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    workspaceName: names.workspace
    actionGroupIds: alertActionGroupIds
    hasSpokes: !empty(dnsZoneMap)
    registries: registries
    settings: settings
    deployedAt: deployedAt
  }
  dependsOn: [monitoring]
}

module workbook 'modules/workbook.bicep' = {
  name: 'evenkeel-workbook'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    workspaceName: names.workspace
  }
  dependsOn: [monitoring]
}

module driftLogs 'modules/drift-logs.bicep' = {
  name: 'evenkeel-drift-logs'
  scope: group
  params: {
    location: location
    endpointName: names.collectionEndpoint
    ruleName: names.collectionRule
    tags: tags
    identityName: names.identity
    workspaceName: names.workspace
  }
  dependsOn: [monitoring]
}

module signalTopic 'modules/signal-topic.bicep' = {
  name: 'evenkeel-signal-topic'
  scope: group
  params: {
    location: location
    name: names.topic
    tags: tags
    identityName: names.identity
    eventsIdentityName: names.eventsIdentity
  }
  dependsOn: [identities]
}

module secrets 'modules/secrets.bicep' = {
  name: 'evenkeel-secrets'
  scope: group
  params: {
    location: location
    vaultName: names.vault
    tags: tags
    identityName: names.identity
    registryWebhookSecret: registryWebhookSecret
  }
  dependsOn: [identities]
}

module app 'modules/function-app.bicep' = {
  name: 'evenkeel-function-app'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    name: names.functionApp
    names: names
    dnsZoneMap: dnsZoneMap
    registries: registries
    settings: settings
    network: network
    nodeVersion: nodeVersion
    alwaysReadyHttpInstances: alwaysReadyHttpInstances
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
  }
  // A host that cannot reach its storage does not start; the rest is what its settings name.
  dependsOn: [privateEndpoints, storage, monitoring, driftLogs, signalTopic, secrets]
}

// azd hands these to the hook that runs connect.bicepparam, as environment variables.
output AZURE_RESOURCE_GROUP string = group.name
output EVENKEEL_APP string = 'https://${app.outputs.hostName}'
output EVENKEEL_FUNCTION_APP_ID string = app.outputs.id
output EVENKEEL_FUNCTION_APP_NAME string = names.functionApp
output EVENKEEL_PRINCIPAL_ID string = identities.outputs.appPrincipalId
output EVENKEEL_EVENTS_IDENTITY_ID string = identities.outputs.eventsId
output EVENKEEL_STORAGE_ACCOUNT_ID string = storage.outputs.id
output EVENKEEL_DEAD_LETTER_CONTAINER string = deadLetterContainer
output EVENKEEL_SIGNAL_TOPIC_NAME string = names.topic
output EVENKEEL_VAULT_NAME string = names.vault
// An environment may have a longer name than a deployment can have.
output EVENKEEL_CONNECTION string = 'evenkeel-connect-${token}'
output EVENKEEL_DNS_ZONE_MAP string = string(dnsZoneMap)
output EVENKEEL_REGISTRIES string = string(registries)
output EVENKEEL_REPLICA_REGIONS string = string(replicaRegions)
output EVENKEEL_ROUTING_MODE string = settings.?ROUTING_MODE ?? 'flag'
