// The app on the Flex Consumption plan, and every setting that it is given.
// https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan

import { streamName } from 'drift-logs.bicep'
import { webhookSecretName } from 'secrets.bicep'
import { deploymentContainer } from 'storage.bicep'
import { networkType, registriesType, settingsType, zoneMapType } from 'types.bicep'

param location string
param token string
param tags object
param name string

@description('Of what its settings refer to, in this resource group.')
param names {
  identity: string
  storage: string
  insights: string
  collectionEndpoint: string
  collectionRule: string
  topic: string
  vault: string
  *: string
}

param dnsZoneMap zoneMapType
param registries registriesType
param settings settingsType
param network networkType?

@allowed([512, 2048, 4096])
param instanceMemoryMB int
param maximumInstanceCount int

@allowed(['22', '24'])
param nodeVersion string

@description('Instances that are always there for HTTP functions.')
param alwaysReadyHttpInstances int

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: names.identity
}

resource storage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: names.storage
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: names.insights
}

resource collectionEndpoint 'Microsoft.Insights/dataCollectionEndpoints@2024-03-11' existing = {
  name: names.collectionEndpoint
}

resource collectionRule 'Microsoft.Insights/dataCollectionRules@2024-03-11' existing = {
  name: names.collectionRule
}

resource signalTopic 'Microsoft.EventGrid/topics@2025-02-15' existing = {
  name: names.topic
}

var requiredSettings = {
  // Identity-based, by URL rather than by account name, so that every cloud's host names are right.
  // https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.properties.clientId
  AzureWebJobsStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
  AzureWebJobsStorage__queueServiceUri: storage.properties.primaryEndpoints.queue
  AzureWebJobsStorage__tableServiceUri: storage.properties.primaryEndpoints.table

  // Which of the app's identities its own clients are.
  AZURE_CLIENT_ID: identity.properties.clientId
  AZURE_CLOUD: environment().name == 'AzureCloud' ? 'AzurePublicCloud' : environment().name

  APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
  // In OpenTelemetry mode the host keeps five traces a second by default, and the log lines of those only. Alerts count
  // lines, so all are kept. https://learn.microsoft.com/azure/azure-monitor/app/opentelemetry-sampling
  OTEL_TRACES_SAMPLER: 'microsoft.fixed_percentage'
  OTEL_TRACES_SAMPLER_ARG: '1'
  // The exporter would report on itself to Microsoft's endpoints, which a private network does not reach.
  APPLICATION_INSIGHTS_NO_STATSBEAT: 'true'
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'

  DNS_ZONE_MAP: string(dnsZoneMap)
  // A key without a subscription means this one, here as in the roles and subscriptions of connect.bicep.
  AUDIT_SUBSCRIPTIONS: string([subscription().subscriptionId])
  REGISTRIES: string(registries)
  // Without a version, so that a new secret is taken up.
  REGISTRY_WEBHOOK_SECRET: '@Microsoft.KeyVault(VaultName=${names.vault};SecretName=${webhookSecretName})'
  SIGNAL_TOPIC__topicEndpointUri: signalTopic.properties.endpoint
  LOGS_INGESTION_ENDPOINT: collectionEndpoint.properties.logsIngestion.endpoint
  LOGS_INGESTION_RULE_ID: collectionRule.properties.immutableId
  LOGS_INGESTION_STREAM: streamName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
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

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: name
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
          value: '${storage.properties.primaryEndpoints.blob}${deploymentContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyHttpInstances == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyHttpInstances }]
      }
      runtime: {
        name: 'node'
        version: nodeVersion
      }
    }
  }

  resource appSettings 'config' = {
    name: 'appsettings'
    properties: union(requiredSettings, settings)
  }

  resource ftpPublishing 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource scmPublishing 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

output id string = site.id
output hostName string = site.properties.defaultHostName
