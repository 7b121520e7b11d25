// The host's storage, which holds all that evenkeel remembers too. No key opens it.

import { builtInRoles } from 'built-in-roles.bicep'

@export()
@description('Takes the package that is deployed.')
var deploymentContainer = 'deployments'

@export()
@description('Takes events that could not be delivered.')
var deadLetterContainer = 'dead-letters'

param location string

@minLength(3)
@maxLength(24)
param accountName string
param tags object
param identityName string
param eventsIdentityName string

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

var appRoles = [
  builtInRoles.storageBlobDataOwner
  builtInRoles.storageQueueDataContributor
  builtInRoles.storageTableDataContributor
]

// By name rather than by output: a preview shows only what it can name before anything is deployed.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource eventsIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: eventsIdentityName
}

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: accountName
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
    name: guid(account.id, identity.id, role)
    scope: account
    properties: {
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

// On the one container: Event Grid needs no other.
resource eventsAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(containers[2].id, eventsIdentity.id, builtInRoles.storageBlobDataContributor)
  scope: containers[2]
  properties: {
    principalId: eventsIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      builtInRoles.storageBlobDataContributor
    )
  }
}

output id string = account.id
