// A source's system topic. A source can have one only, so where there is one already, that is used instead:
// https://learn.microsoft.com/azure/event-grid/system-topics

import { deliveryType, subscriptionType } from 'types.bicep'

@description('Of the topic that is created.')
param name string

param tags object

@description('Where the source is; global for resource groups.')
param location string

@description('ARM id of the source.')
param source string
param topicType string

@description('A topic that the source has already; empty without.')
param existingName string

param delivery deliveryType
param subscriptions subscriptionType[]

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = if (empty(existingName)) {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${delivery.identityId}': {}
    }
  }
  properties: {
    source: source
    topicType: topicType
  }
}

module items 'system-topic-subscriptions.bicep' = {
  params: {
    topicName: empty(existingName) ? topic.name : existingName
    delivery: delivery
    subscriptions: subscriptions
    // The other topic may not have the identity that writes them.
    storesDeadLetters: empty(existingName)
  }
}

@description('The subscriptions, and the topic where it was created here.')
output created string[] = concat(items.outputs.ids, empty(existingName) ? [topic.id] : [])
