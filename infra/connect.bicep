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

@description('Regions of each registry\'s replicas, by registry name or ARM id, for those that name no regions.')
param replicaRegions {
  *: string[]
}

@allowed(['flag', 'enforce'])
param routingMode string

@description('Names of system topics that a resource group or registry has already, by its ARM id.')
param systemTopics {
  *: string
} = {}

var token = uniqueString(subscription().id, environmentName)
// By this tag people see whose it is. It is not azd's own: azd must not take these resources for its own.
var tags = {
  'evenkeel-environment': environmentName
}
var thisSubscription = toLower(subscription().subscriptionId)

// A key that names no subscription means this one.
var mapped = map(items(dnsZoneMap), spoke => {
  subscriptionId: contains(spoke.key, '/') ? toLower(split(spoke.key, '/')[0]) : thisSubscription
  resourceGroup: toLower(last(split(spoke.key, '/'))!)
  names: map(concat([spoke.value.forwardZone], spoke.value.?reverseZones ?? []), zone => toLower(zone))
  zoneSubscriptionId: spoke.value.?zoneSubscriptionId
  zoneResourceGroup: spoke.value.?zoneResourceGroup
})
var named = flatten(map(
  mapped,
  spoke =>
    map(spoke.names, zone => {
      subscriptionId: toLower(spoke.?zoneSubscriptionId ?? spoke.subscriptionId)
      resourceGroup: toLower(spoke.?zoneResourceGroup ?? spoke.resourceGroup)
      name: zone
    })
))
// Each once, however many entries name it: a hub's zones are shared, and a resource group may have a key with its
// subscription beside one without. A key that stands twice would end toObject.
var spokes = items(mapValues(
  groupBy(mapped, spoke => '${spoke.subscriptionId}/${spoke.resourceGroup}'),
  entries => entries[0]
))
var zones = items(mapValues(
  groupBy(named, zone => '${zone.subscriptionId}/${zone.resourceGroup}/${zone.name}'),
  entries => entries[0]
))

var regionsByKey = mapValues(groupBy(items(replicaRegions), entry => toLower(entry.key)), entries => entries[0].value)
var followed = map(registries, registry => {
  subscriptionId: toLower(split(registry.id, '/')[2])
  resourceGroup: split(registry.id, '/')[4]
  name: toLower(last(split(registry.id, '/'))!)
  id: toLower(registry.id)
  regions: (registry.?regions ?? 'all') == 'all'
    ? (regionsByKey[?toLower(registry.id)] ?? regionsByKey[?toLower(last(split(registry.id, '/'))!)] ?? [])
    : registry.regions!
})
// Regions are written as people like, "West US" beside "westus".
var registryPlaces = map(
  items(mapValues(groupBy(followed, registry => registry.id), entries => entries[0])),
  registry =>
    union(registry.value, {
      regions: union(map(registry.value.regions, region => toLower(replace(region, ' ', ''))), [])
    })
)
var topicBySource = mapValues(groupBy(items(systemTopics), topic => toLower(topic.key)), entries => entries[0].value)

// A role is defined in each subscription in which it is assigned, and can be assigned in that one only: whoever deploys
// needs no right in the others. A role's name must differ from every other in the directory, so it carries a hash.
var roles = loadJsonContent('roles.json')
var subscriptionsByRole = {
  containerGroups: union(map(spokes, spoke => spoke.value.subscriptionId), [])
  recordSets: union(map(zones, zone => zone.value.subscriptionId), [])
  registries: union(map(registryPlaces, registry => registry.subscriptionId), [])
  globalRouting: routingMode == 'enforce' ? union(map(registryPlaces, registry => registry.subscriptionId), []) : []
}
var definitions = flatten(map(
  items(roles),
  role =>
    map(subscriptionsByRole[role.key], subscriptionId => {
      subscriptionId: subscriptionId
      name: roleDefinitionName(subscriptionId, token, role.key)
      displayName: 'evenkeel ${environmentName}: ${role.value.name} (${uniqueString(subscriptionId, token)})'
      description: role.value.description
      actions: role.value.actions
      dataActions: union({ dataActions: [] }, role.value).dataActions
    })
))

func roleDefinitionName(subscriptionId string, token string, role string) string => guid(subscriptionId, token, role)

module roleDefinitions 'modules/role-definition.bicep' = [
  for definition in definitions: {
    name: 'evenkeel-role-${uniqueString(token, definition.name)}'
    scope: subscription(definition.subscriptionId)
    params: {
      name: definition.name
      displayName: definition.displayName
      roleDescription: definition.description
      actions: definition.actions
      dataActions: definition.dataActions
    }
  }
]

module spokeAccess 'modules/spoke.bicep' = [
  for spoke in spokes: {
    name: 'evenkeel-spoke-${uniqueString(environmentName, spoke.key)}'
    scope: resourceGroup(spoke.value.subscriptionId, spoke.value.resourceGroup)
    params: {
      token: token
      tags: tags
      principalId: principalId
      roleDefinitionName: roleDefinitionName(spoke.value.subscriptionId, token, 'containerGroups')
      existingTopicName: topicBySource[?'/subscriptions/${spoke.value.subscriptionId}/resourcegroups/${spoke.value.resourceGroup}'] ?? ''
      delivery: delivery
    }
    dependsOn: [roleDefinitions]
  }
]

module zoneAccess 'modules/zone.bicep' = [
  for zone in zones: {
    name: 'evenkeel-zone-${uniqueString(environmentName, zone.key)}'
    scope: resourceGroup(zone.value.subscriptionId, zone.value.resourceGroup)
    params: {
      zoneName: zone.value.name
      principalId: principalId
      roleDefinitionName: roleDefinitionName(zone.value.subscriptionId, token, 'recordSets')
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

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: vaultName
  scope: resourceGroup(appResourceGroup)
}

resource site 'Microsoft.Web/sites@2025-03-01' existing = {
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
        [roleDefinitionName(registry.subscriptionId, token, 'registries')],
        routingMode == 'enforce' ? [roleDefinitionName(registry.subscriptionId, token, 'globalRouting')] : []
      )
      regions: registry.regions
      existingTopicName: topicBySource[?registry.id] ?? ''
      delivery: delivery
      appUrl: appUrl
      functionKey: site::receiveRegistryWebhook.listKeys().default
      webhookSecret: vault.getSecret('registry-webhook-secret')
    }
    dependsOn: [roleDefinitions]
  }
]

// Everything that is outside of the app's own resource group, a list for each place. From one deployment to the next, the
// hook removes what is no longer in these lists; when the environment goes, all of it.
output spokeResources array = [for (spoke, i) in spokes: spokeAccess[i].outputs.created]
output zoneResources array = [for (zone, i) in zones: zoneAccess[i].outputs.created]
output registryResources array = [
  for (registry, i) in registryPlaces: concat(
    registryAccess[i].outputs.subscriptionsAndTopic,
    registryAccess[i].outputs.webhookIds,
    registryAccess[i].outputs.assignmentIds
  )
]
output roleResources array = [for (definition, i) in definitions: roleDefinitions[i].outputs.id]
output ownSubscriptions array = [signalSubscription.outputs.id]
