// Takes the events that evenkeel publishes; whoever wants them subscribes to it, evenkeel itself among them.

import { builtInRoles } from 'built-in-roles.bicep'

param location string
param token string
param tags object
param appPrincipalId string

@description('Writes the dead letters of its subscriptions.')
param eventsIdentityId string

resource topic 'Microsoft.EventGrid/topics@2025-02-15' = {
  name: 'evgt-evenkeel-${token}'
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${eventsIdentityId}': {}
    }
  }
  properties: {
    inputSchema: 'CloudEventSchemaV1_0'
    disableLocalAuth: true
    minimumTlsVersionAllowed: '1.2'
  }
}

resource appAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(topic.id, appPrincipalId, builtInRoles.eventGridDataSender)
  scope: topic
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      builtInRoles.eventGridDataSender
    )
  }
}

output name string = topic.name
output endpoint string = topic.properties.endpoint
