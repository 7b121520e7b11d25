// The audit's findings back to the reconciler: the audit observes, the reconciler repairs.

import { deliveryType } from 'types.bicep'

param topicName string
param delivery deliveryType

resource topic 'Microsoft.EventGrid/topics@2025-02-15' existing = {
  name: topicName
}

resource drift 'Microsoft.EventGrid/topics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'evenkeel-repair'
  properties: {
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    destination: {
      endpointType: 'AzureFunction'
      properties: {
        resourceId: '${delivery.functionAppId}/functions/reconcileDns'
        maxEventsPerBatch: 1
        preferredBatchSizeInKilobytes: 64
      }
    }
    filter: {
      includedEventTypes: ['evenkeel.dns.driftDetected']
    }
    // The next audit finds again what this one found, so old findings need no patience.
    retryPolicy: {
      maxDeliveryAttempts: 10
      eventTimeToLiveInMinutes: 60
    }
    deadLetterWithResourceIdentity: {
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
  }
}

output id string = drift.id
