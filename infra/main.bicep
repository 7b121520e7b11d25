// The app and what is its own, in a resource group of its own. It is at subscription scope so that `azd up` needs
// nothing prepared. Nothing here reaches into another resource group: `azd down` deletes whole every resource group
// that this deployment touches. What ties the app to zones, container groups and registries is in connect.bicep.
targetScope = 'subscription'

import { networkType, registriesType, settingsType, zoneMapType } from 'modules/types.bicep'

@description('Name of the environment; becomes part of the name of the resource group.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Region of everything here.')
@minLength(1)
param location string

@description('Which container groups\' records go to which zones.')
param dnsZoneMap zoneMapType = {}

@description('The registries whose replication is followed.')
param registries registriesType = []

@description('Regions of each registry\'s replicas, the home region among them, by registry name in lower case, or by ARM id in lower case where two have one name. Needed for a registry that names no regions itself: a template cannot list replicas.')
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

var token = uniqueString(subscription().id, environmentName)
var tags = {
  'azd-env-name': environmentName
}

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-evenkeel-${environmentName}'
  location: location
  tags: tags
}

module identities 'modules/identities.bicep' = {
  name: 'evenkeel-identities'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  name: 'evenkeel-storage'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    appPrincipalId: identities.outputs.appPrincipalId
    eventsPrincipalId: identities.outputs.eventsPrincipalId
    redundancy: storageRedundancy
    isPrivate: network != null
  }
}

module privateEndpoints 'modules/private-endpoints.bicep' = if (network != null) {
  name: 'evenkeel-private-endpoints'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    storageAccountId: storage.outputs.id
    network: network!
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'evenkeel-monitoring'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    appPrincipalId: identities.outputs.appPrincipalId
    retentionDays: logRetentionDays
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'evenkeel-alerts'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    workspaceName: monitoring.outputs.workspaceName
    actionGroupIds: alertActionGroupIds
    hasSpokes: !empty(dnsZoneMap)
    hasRegistries: !empty(registries)
  }
}

module workbook 'modules/workbook.bicep' = {
  name: 'evenkeel-workbook'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    workspaceName: monitoring.outputs.workspaceName
  }
}

module driftLogs 'modules/drift-logs.bicep' = {
  name: 'evenkeel-drift-logs'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    appPrincipalId: identities.outputs.appPrincipalId
    workspaceName: monitoring.outputs.workspaceName
  }
}

module signalTopic 'modules/signal-topic.bicep' = {
  name: 'evenkeel-signal-topic'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    appPrincipalId: identities.outputs.appPrincipalId
    eventsIdentityId: identities.outputs.eventsId
  }
}

module secrets 'modules/secrets.bicep' = {
  name: 'evenkeel-secrets'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    appPrincipalId: identities.outputs.appPrincipalId
    registryWebhookSecret: registryWebhookSecret
  }
}

module app 'modules/function-app.bicep' = {
  name: 'evenkeel-function-app'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    identity: {
      id: identities.outputs.appId
      clientId: identities.outputs.appClientId
    }
    storage: {
      blobEndpoint: storage.outputs.blobEndpoint
      queueEndpoint: storage.outputs.queueEndpoint
      tableEndpoint: storage.outputs.tableEndpoint
      deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    }
    insightsConnectionString: monitoring.outputs.connectionString
    signalTopicEndpoint: signalTopic.outputs.endpoint
    logsIngestion: {
      endpoint: driftLogs.outputs.ingestionEndpoint
      ruleId: driftLogs.outputs.ruleId
      stream: driftLogs.outputs.stream
    }
    vaultReference: secrets.outputs.vaultReference
    dnsZoneMap: dnsZoneMap
    registries: registries
    settings: settings
    network: network
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
  }
  // A host that cannot reach its storage does not start.
  dependsOn: [privateEndpoints]
}

// azd hands these to the hook that runs connect.bicepparam, as environment variables.
output AZURE_RESOURCE_GROUP string = group.name
output EVENKEEL_APP string = 'https://${app.outputs.hostName}'
output EVENKEEL_FUNCTION_APP_ID string = app.outputs.id
output EVENKEEL_FUNCTION_APP_NAME string = app.outputs.name
output EVENKEEL_PRINCIPAL_ID string = identities.outputs.appPrincipalId
output EVENKEEL_EVENTS_IDENTITY_ID string = identities.outputs.eventsId
output EVENKEEL_STORAGE_ACCOUNT_ID string = storage.outputs.id
output EVENKEEL_DEAD_LETTER_CONTAINER string = storage.outputs.deadLetterContainer
output EVENKEEL_SIGNAL_TOPIC_NAME string = signalTopic.outputs.name
output EVENKEEL_VAULT_NAME string = secrets.outputs.vaultName
output EVENKEEL_DNS_ZONE_MAP string = string(dnsZoneMap)
output EVENKEEL_REGISTRIES string = string(registries)
output EVENKEEL_REPLICA_REGIONS string = string(replicaRegions)
output EVENKEEL_ROUTING_MODE string = settings.?ROUTING_MODE ?? 'flag'
