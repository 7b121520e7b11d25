// What ties a deployed app to what there is already: roles on zones, container groups and registries, event
// subscriptions, webhooks. It is a deployment of its own for two reasons. Event Grid wants a function to exist before
// anything is delivered to it, so this comes after the code. And `azd down` deletes whole every resource group that
// azd's deployment touches, so nothing outside the app's own group may be in that one.
targetScope = 'subscription'

import { deliveryType, registriesType, zoneMapType } from 'modules/types.bicep'

@minLength(1)
@maxLength(64)
param environmentName string

@description('Where the app is, in this subscription.')
param appResourceGroup string
param functionAppName string

@description('Base URL of the app.')
param appUrl string

@description('Object id of the app\'s identity.')
param principalId string

param signalTopicName string
param vaultName string
param delivery deliveryType

param dnsZoneMap zoneMapType
param registries registriesType

@description('Regions of each registry\'s replicas, by registry name or ARM id in lower case, for those that name no regions.')
param replicaRegions {
  *: string[]
}

@allowed(['flag', 'enforce'])
param routingMode string

@description('Names of system topics that a resource group or registry has already, by its ARM id in lower case.')
param systemTopics {
  *: string
} = {}

var token = uniqueString(subscription().id, environmentName)
// By this tag what is here is found again, to be removed. It is not azd's own: azd must not take it for its own.
var tags = {
  'evenkeel-environment': environmentName
}
var roles = loadJsonContent('roles.json')
var assignedRoles = filter(items(roles), role => role.key != 'globalRouting' || routingMode == 'enforce')
var roleNames = toObject(items(roles), role => role.key, role => guid(subscription().id, environmentName, role.key))

// A key that names no subscription means this one.
var spokes = map(items(dnsZoneMap), spoke => {
  subscriptionId: toLower(contains(spoke.key, '/') ? first(split(spoke.key, '/')) : subscription().subscriptionId)
  resourceGroup: toLower(last(split(spoke.key, '/')))
  zones: map(concat([spoke.value.forwardZone], spoke.value.?reverseZones ?? []), zone => toLower(zone))
  zoneSubscriptionId: spoke.value.?zoneSubscriptionId
  zoneResourceGroup: spoke.value.?zoneResourceGroup
})
var zones = flatten(map(
  spokes,
  spoke =>
    map(spoke.zones, zone => {
      subscriptionId: toLower(spoke.zoneSubscriptionId ?? spoke.subscriptionId)
      resourceGroup: toLower(spoke.zoneResourceGroup ?? spoke.resourceGroup)
      name: zone
    })
))
// Once each, however many spokes share it.
var eachSpoke = items(toObject(spokes, spoke => '${spoke.subscriptionId}/${spoke.resourceGroup}'))
var eachZone = items(toObject(zones, zone => '${zone.subscriptionId}/${zone.resourceGroup}/${zone.name}'))

var registryPlaces = map(registries, registry => {
  subscriptionId: toLower(split(registry.id, '/')[2])
  resourceGroup: split(registry.id, '/')[4]
  name: toLower(last(split(registry.id, '/')))
  id: toLower(registry.id)
  regions: map(
    registry.?regions ?? replicaRegions[?toLower(registry.id)] ?? replicaRegions[toLower(last(split(registry.id, '/')))],
    region => toLower(replace(region, ' ', ''))
  )
})

var subscriptionIds = union(
  [toLower(subscription().subscriptionId)],
  map(spokes, spoke => spoke.subscriptionId),
  map(zones, zone => zone.subscriptionId),
  map(registryPlaces, registry => registry.subscriptionId)
)

resource roleDefinitions 'Microsoft.Authorization/roleDefinitions@2022-04-01' = [
  for role in assignedRoles: {
    name: roleNames[role.key]
    properties: {
      roleName: 'evenkeel ${environmentName}: ${role.value.name}'
      description: role.value.description
      type: 'CustomRole'
      assignableScopes: map(subscriptionIds, id => '/subscriptions/${id}')
      permissions: [
        {
          actions: role.value.actions
          dataActions: role.value.?dataActions ?? []
        }
      ]
    }
  }
]

module spokeAccess 'modules/spoke.bicep' = [
  for spoke in eachSpoke: {
    name: 'evenkeel-spoke-${uniqueString(environmentName, spoke.key)}'
    scope: resourceGroup(spoke.value.subscriptionId, spoke.value.resourceGroup)
    params: {
      token: token
      tags: tags
      principalId: principalId
      roleDefinitionName: roleNames.containerGroups
      existingTopicName: systemTopics[?'/subscriptions/${spoke.value.subscriptionId}/resourcegroups/${spoke.value.resourceGroup}'] ?? ''
      delivery: delivery
    }
    dependsOn: [roleDefinitions]
  }
]

module zoneAccess 'modules/zone.bicep' = [
  for zone in eachZone: {
    name: 'evenkeel-zone-${uniqueString(environmentName, zone.key)}'
    scope: resourceGroup(zone.value.subscriptionId, zone.value.resourceGroup)
    params: {
      zoneName: zone.value.name
      principalId: principalId
      roleDefinitionName: roleNames.recordSets
    }
    dependsOn: [roleDefinitions]
  }
]

module signalSubscription 'modules/signal-subscription.bicep' = {
  name: 'evenkeel-signal-subscription'
  scope: resourceGroup(appResourceGroup)
  params: {
    topicName: signalTopicName
    delivery: delivery
  }
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
  scope: resourceGroup(appResourceGroup)
}

resource site 'Microsoft.Web/sites@2024-11-01' existing = {
  name: functionAppName
  scope: resourceGroup(appResourceGroup)

  resource receiveRegistryWebhook 'functions' existing = {
    name: 'receiveRegistryWebhook'
  }
}

module registryAccess 'modules/registry.bicep' = [
  for registry in registryPlaces: {
    name: 'evenkeel-registry-${uniqueString(environmentName, registry.id)}'
    scope: resourceGroup(registry.subscriptionId, registry.resourceGroup)
    params: {
      registryName: registry.name
      token: token
      tags: tags
      principalId: principalId
      roleDefinitionNames: concat(
        [roleNames.registries],
        routingMode == 'enforce' ? [roleNames.globalRouting] : []
      )
      regions: registry.regions
      existingTopicName: systemTopics[?registry.id] ?? ''
      delivery: delivery
      appUrl: appUrl
      functionKey: site::receiveRegistryWebhook.listKeys().default
      webhookSecret: vault.getSecret('registry-webhook-secret')
    }
    dependsOn: [roleDefinitions]
  }
]
