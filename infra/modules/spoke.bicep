// A resource group with container groups: the app may read them, and hears of their changes.

import { deliveryType } from 'types.bicep'

param token string
param tags object
param principalId string

@description('Of the custom role that reads container groups.')
param roleDefinitionName string

@description('A system topic that the resource group has already; empty without.')
param existingTopicName string
param delivery deliveryType

var eventTypes = [
  'Microsoft.Resources.ResourceActionSuccess'
  'Microsoft.Resources.ResourceDeleteSuccess'
  'Microsoft.Resources.ResourceWriteSuccess'
]
var operationNames = [
  'Microsoft.ContainerInstance/containerGroups/delete'
  'Microsoft.ContainerInstance/containerGroups/restart/action'
  'Microsoft.ContainerInstance/containerGroups/start/action'
  'Microsoft.ContainerInstance/containerGroups/stop/action'
  'Microsoft.ContainerInstance/containerGroups/write'
]

resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, roleDefinitionName)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleDefinitionName)
  }
}

module topic 'system-topic.bicep' = {
  params: {
    name: 'evgt-evenkeel-${token}'
    location: 'global'
    source: resourceGroup().id
    tags: tags
    topicType: 'Microsoft.Resources.ResourceGroups'
    existingName: existingTopicName
    delivery: delivery
    subscriptions: [
      {
        name: 'evenkeel-reconcile-${token}'
        functionName: 'reconcileDns'
        eventTypes: eventTypes
        operationNames: operationNames
        // As long as Event Grid can: record sets remember former addresses for these 24 hours.
        maxDeliveryAttempts: 30
        timeToLiveMinutes: 1440
      }
      {
        name: 'evenkeel-track-${token}'
        functionName: 'trackIpDrift'
        eventTypes: eventTypes
        operationNames: operationNames
        // An observation that comes much later says nothing of this event.
        maxDeliveryAttempts: 5
        timeToLiveMinutes: 30
      }
    ]
  }
}

output created string[] = concat(topic.outputs.created, [access.id])
