// What of a system topic goes to which function of the app.

import { deliveryType, subscriptionType } from 'types.bicep'

param topicName string
param delivery deliveryType
param subscriptions subscriptionType[]
param storesDeadLetters bool

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource items 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = [
  for item in subscriptions: {
    parent: topic
    name: item.name
    properties: {
      eventDeliverySchema: 'EventGridSchema'
      destination: {
        endpointType: 'AzureFunction'
        properties: {
          resourceId: '${delivery.functionAppId}/functions/${item.functionName}'
          // One event an invocation: a batch is repeated whole when one event in it fails.
          maxEventsPerBatch: 1
          preferredBatchSizeInKilobytes: 64
        }
      }
      filter: {
        includedEventTypes: item.eventTypes
        enableAdvancedFilteringOnArrays: false
        advancedFilters: item.?operationNames == null
          ? []
          : [
              {
                operatorType: 'StringIn'
                key: 'data.operationName'
                values: item.operationNames!
              }
            ]
      }
      retryPolicy: {
        maxDeliveryAttempts: item.maxDeliveryAttempts
        eventTimeToLiveInMinutes: item.timeToLiveMinutes
      }
      deadLetterWithResourceIdentity: storesDeadLetters
        ? {
            identity: {
              type: 'UserAssigned'
              userAssignedIdentity: delivery.identityId
            }
            deadLetterDestination: {
              endpointType: 'StorageBlob'
              properties: {
                resourceId: delivery.storageAccountId
                blobContainerName: delivery.deadLetterContainer
              }
            }
          }
        : null
    }
  }
]

output ids string[] = [for (item, i) in subscriptions: items[i].id]
