// The app on the Flex Consumption plan, and every setting that it is given.
// https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan

import { networkType, registriesType, settingsType, zoneMapType } from 'types.bicep'

param location string
param token string
param tags object

@description('Ids of the user-assigned identity.')
param identity {
  id: string
  clientId: string
}

@description('The services of the storage account, and where the package goes.')
param storage {
  blobEndpoint: string
  queueEndpoint: string
  tableEndpoint: string
  deploymentContainerUrl: string
}

param insightsConnectionString string
param signalTopicEndpoint string
param logsIngestion {
  endpoint: string
  ruleId: string
  stream: string
}

@description('What stands in app settings for the webhooks\' secret.')
param vaultReference string

param dnsZoneMap zoneMapType
param registries registriesType
param settings settingsType
param network networkType?

@allowed([512, 2048, 4096])
param instanceMemoryMB int
param maximumInstanceCount int

var requiredSettings = {
  // Identity-based, by URL rather than by account name, so that every cloud's host names are right.
  // https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.clientId
  AzureWebJobsStorage__blobServiceUri: storage.blobEndpoint
  AzureWebJobsStorage__queueServiceUri: storage.queueEndpoint
  AzureWebJobsStorage__tableServiceUri: storage.tableEndpoint

  // Which of the app's identities its own clients are.
  AZURE_CLIENT_ID: identity.clientId
  AZURE_CLOUD: environment().name == 'AzureCloud' ? 'AzurePublicCloud' : environment().name

  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.clientId};Authorization=AAD'

  DNS_ZONE_MAP: string(dnsZoneMap)
  // A key without a subscription means this one, here as in the roles and subscriptions of connect.bicep.
  AUDIT_SUBSCRIPTIONS: string([subscription().subscriptionId])
  REGISTRIES: string(registries)
  REGISTRY_WEBHOOK_SECRET: vaultReference
  SIGNAL_TOPIC__topicEndpointUri: signalTopicEndpoint
  LOGS_INGESTION_ENDPOINT: logsIngestion.endpoint
  LOGS_INGESTION_RULE_ID: logsIngestion.ruleId
  LOGS_INGESTION_STREAM: logsIngestion.stream
}

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: 'plan-evenkeel-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
  }
}

resource site 'Microsoft.Web/sites@2024-11-01' = {
  name: 'func-evenkeel-${token}'
  location: location
  // By this tag azd finds where the service "app" of azure.yaml goes.
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identity.id
    virtualNetworkSubnetId: network.?appSubnetId
    siteConfig: {
      minTlsVersion: '1.2'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: storage.deploymentContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
      }
      runtime: {
        name: 'node'
        version: '24'
      }
    }
  }

  resource appSettings 'config' = {
    name: 'appsettings'
    properties: union(requiredSettings, settings)
  }

  resource publishing 'basicPublishingCredentialsPolicies' = [
    for name in ['ftp', 'scm']: {
      name: name
      properties: {
        allow: false
      }
    }
  ]
}

output name string = site.name
output id string = site.id
output hostName string = site.properties.defaultHostName
