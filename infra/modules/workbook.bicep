// What the app did, as a workbook over its log lines and metrics.

param location string
param token string
param tags object
param workspaceName string

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'evenkeel', token)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'evenkeel'
    category: 'workbook'
    sourceId: workspace.id
    serializedData: loadTextContent('../workbook.json')
  }
}
