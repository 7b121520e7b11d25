// The host's storage, which holds all that evenkeel remembers too. No key opens it.

import { builtInRoles } from 'built-in-roles.bicep'

param location string
param token string
param tags object
param appPrincipalId string
param eventsPrincipalId string

@description('ZRS survives the loss of a zone, where the region has zones.')
@allowed(['Standard_LRS', 'Standard_ZRS'])
param redundancy string

@description('Whether only private endpoints, and Azure services that are trusted, reach it.')
param isPrivate bool

// The app creates what is missing; here it exists from the start, and says what there is.
var tables = [
  'EvenkeelCopyTimes'
  'EvenkeelFinishedImages'
  'EvenkeelImages'
  'EvenkeelJournal'
  'EvenkeelOpenImages'
  'EvenkeelReviews'
  'EvenkeelTags'
]
var queues = ['evenkeel-dns']
var reportContainer = 'evenkeel'
var deploymentContainer = 'deployments'
var deadLetterContainer = 'dead-letters'

var appRoles = [
  builtInRoles.storageBlobDataOwner
  builtInRoles.storageQueueDataContributor
  builtInRoles.storageTableDataContributor
]

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: 'st${token}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: redundancy
  }
  properties: {
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      // Event Grid writes dead letters as a trusted service.
      bypass: 'AzureServices'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'
  }

  resource queueService 'queueServices' = {
    name: 'default'
  }

  resource tableService 'tableServices' = {
    name: 'default'
  }
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = [
  for name in [reportContainer, deploymentContainer, deadLetterContainer]: {
    parent: account::blobs
    name: name
  }
]

resource queueItems 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' = [
  for name in queues: {
    parent: account::queueService
    name: name
  }
]

resource tableItems 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-06-01' = [
  for name in tables: {
    parent: account::tableService
    name: name
  }
]

// Events of Resource Manager carry who caused them, so their dead letters do not stay for good.
resource retention 'Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'dead-letters'
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: ['${deadLetterContainer}/']
            }
            actions: {
              baseBlob: {
                delete: {
                  daysAfterModificationGreaterThan: 30
                }
              }
            }
          }
        }
      ]
    }
  }
}

resource appAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in appRoles: {
    name: guid(account.id, appPrincipalId, role)
    scope: account
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

// On the one container: Event Grid needs no other.
resource eventsAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(containers[2].id, eventsPrincipalId, builtInRoles.storageBlobDataContributor)
  scope: containers[2]
  properties: {
    principalId: eventsPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      builtInRoles.storageBlobDataContributor
    )
  }
}

output id string = account.id
output name string = account.name
output blobEndpoint string = account.properties.primaryEndpoints.blob
output queueEndpoint string = account.properties.primaryEndpoints.queue
output tableEndpoint string = account.properties.primaryEndpoints.table
output deploymentContainerUrl string = '${account.properties.primaryEndpoints.blob}${deploymentContainer}'
output deadLetterContainer string = deadLetterContainer
