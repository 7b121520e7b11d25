// The way of drift observations into Log Analytics; docs/drift-table.md says what the columns mean.

import { builtInRoles } from 'built-in-roles.bicep'

@export()
@description('What the app sends to, and the rule takes from.')
var streamName = 'Custom-EvenkeelDrift'

param location string
param endpointName string
param ruleName string
param tags object
param identityName string
param workspaceName string

var tableName = 'EvenkeelDrift_CL'
var columns = [
  { name: 'TimeGenerated', type: 'datetime' }
  { name: 'Finding', type: 'string' }
  { name: 'ContainerGroup', type: 'string' }
  { name: 'HostName', type: 'string' }
  { name: 'Zone', type: 'string' }
  { name: 'LiveAddress', type: 'string' }
  { name: 'RecordAddress', type: 'string' }
  { name: 'EventId', type: 'string' }
  { name: 'LagMs', type: 'long' }
]

// By name rather than by output: a preview shows only what it can name before anything is deployed.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName

  resource table 'tables' = {
    name: tableName
    properties: {
      schema: {
        name: tableName
        // The two services spell one type in two ways.
        columns: map(columns, column => union(column, column.type == 'datetime' ? { type: 'dateTime' } : {}))
      }
    }
  }
}

resource endpoint 'Microsoft.Insights/dataCollectionEndpoints@2024-03-11' = {
  name: endpointName
  location: location
  tags: tags
  properties: {
    networkAcls: {
      publicNetworkAccess: 'Enabled'
    }
  }
}

resource rule 'Microsoft.Insights/dataCollectionRules@2024-03-11' = {
  name: ruleName
  location: location
  tags: tags
  properties: {
    dataCollectionEndpointId: endpoint.id
    streamDeclarations: {
      '${streamName}': {
        columns: columns
      }
    }
    destinations: {
      logAnalytics: [
        {
          name: 'logs'
          workspaceResourceId: workspace.id
        }
      ]
    }
    dataFlows: [
      {
        streams: [streamName]
        destinations: ['logs']
        transformKql: 'source'
        // Through the table, so that the rule comes after it.
        outputStream: 'Custom-${workspace::table.name}'
      }
    ]
  }
}

resource appAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(rule.id, identity.id, builtInRoles.monitoringMetricsPublisher)
  scope: rule
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      builtInRoles.monitoringMetricsPublisher
    )
  }
}
