// A registry: the app may read it, hears of its images, and each replica tells of its own copies.

import { deliveryType } from 'types.bicep'

param registryName string
param token string
param tags object
param principalId string

@description('Of the custom roles that are assigned on the registry.')
param roleDefinitionNames string[]

@description('Where there are replicas, the home region among them: one webhook each.')
param regions string[]

@description('A system topic that the registry has already; empty without.')
param existingTopicName string
param delivery deliveryType

@description('Base URL of the app.')
param appUrl string

@description('A key of the function that takes the webhooks.')
@secure()
param functionKey string

@secure()
param webhookSecret string

resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' existing = {
  name: registryName
}

resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for name in roleDefinitionNames: {
    name: guid(registry.id, principalId, name)
    scope: registry
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', name)
    }
  }
]

module topic 'system-topic.bicep' = {
  params: {
    name: 'evgt-evenkeel-${uniqueString(registry.id)}-${token}'
    location: registry.location
    source: registry.id
    tags: tags
    topicType: 'Microsoft.ContainerRegistry.Registries'
    existingName: existingTopicName
    delivery: delivery
    subscriptions: [
      {
        name: 'evenkeel-images-${token}'
        functionName: 'receiveRegistryEvent'
        eventTypes: [
          'Microsoft.ContainerRegistry.ChartDeleted'
          'Microsoft.ContainerRegistry.ChartPushed'
          'Microsoft.ContainerRegistry.ImageDeleted'
          'Microsoft.ContainerRegistry.ImagePushed'
        ]
        maxDeliveryAttempts: 30
        timeToLiveMinutes: 1440
      }
    ]
  }
}

// A webhook's body names no region, so its URL does. It watches the replica of the region that it is in.
// https://learn.microsoft.com/azure/container-registry/container-registry-webhook
resource webhooks 'Microsoft.ContainerRegistry/registries/webhooks@2025-11-01' = [
  for region in regions: {
    parent: registry
    name: take('evenkeel${token}${region}', 50)
    location: region
    tags: tags
    properties: {
      status: 'enabled'
      scope: ''
      actions: ['chart_delete', 'chart_push', 'delete', 'push']
      // It holds a secret because the key is one, which the linter does not see through an interpolation.
      #disable-next-line use-secure-value-for-secure-inputs
      serviceUri: '${appUrl}/api/registry-webhook?registry=${uriComponent(registry.id)}&region=${region}&code=${functionKey}'
      customHeaders: {
        'x-evenkeel-secret': webhookSecret
      }
    }
  }
]

output subscriptionsAndTopic string[] = topic.outputs.created
output webhookIds string[] = [for (region, i) in regions: webhooks[i].id]
output assignmentIds string[] = [for (name, i) in roleDefinitionNames: access[i].id]
