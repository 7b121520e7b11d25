// Alert rules over the app's log lines. docs/alerts.md says what a person should do when each fires.

param location string
param token string
param tags object
param workspaceName string

@description('Resource ids of the action groups that are told; without any, alerts only show in the portal.')
param actionGroupIds string[]

@description('Whether container groups are mapped to zones: without any, the sweep has nothing to end.')
param hasSpokes bool

@description('Whether registries are followed: without any, there is nothing to review.')
param hasRegistries bool

@export()
type alertType = {
  name: string
  description: string
  query: string

  @description('0 is critical, 4 is verbose.')
  @minValue(0)
  @maxValue(4)
  severity: int

  @description('How often it is asked, ISO 8601.')
  every: string

  @description('How far back it looks, ISO 8601.')
  window: string
}

var always alertType[] = [
  {
    name: 'state-unavailable'
    description: 'Table storage does not answer.'
    query: loadTextContent('../queries/state-unavailable.kql')
    severity: 1
    every: 'PT5M'
    window: 'PT15M'
  }
  {
    name: 'permission-missing'
    description: 'The app may not make a call that it needs.'
    query: loadTextContent('../queries/permission-missing.kql')
    severity: 1
    every: 'PT15M'
    window: 'PT30M'
  }
  {
    name: 'setting-bad'
    description: 'A setting is wrong.'
    query: loadTextContent('../queries/setting-bad.kql')
    severity: 1
    every: 'PT15M'
    window: 'PT30M'
  }
]

var dns alertType[] = [
  {
    name: 'dns-repair-failing'
    description: 'Records of a container group cannot be repaired.'
    query: loadTextContent('../queries/dns-repair-failing.kql')
    severity: 1
    every: 'PT10M'
    window: 'PT30M'
  }
  {
    name: 'dns-conflict'
    description: 'Two live container groups claim one record set.'
    query: loadTextContent('../queries/dns-conflict.kql')
    severity: 2
    every: 'PT15M'
    window: 'PT1H'
  }
  {
    name: 'dns-audit-silent'
    description: 'No sweep has ended for an hour.'
    query: loadTextContent('../queries/dns-audit-silent.kql')
    severity: 2
    every: 'PT15M'
    window: 'PT1H'
  }
  {
    name: 'dns-audit-incomplete'
    description: 'Sweeps cannot read everything.'
    query: loadTextContent('../queries/dns-audit-incomplete.kql')
    severity: 2
    every: 'PT15M'
    window: 'PT1H'
  }
  {
    name: 'dns-events-missed'
    description: 'Many repairs were caught by the sweep only.'
    query: loadTextContent('../queries/dns-events-missed.kql')
    severity: 3
    every: 'PT1H'
    window: 'P1D'
  }
]

var images alertType[] = [
  {
    name: 'images-late'
    description: 'Images are missing in a region beyond their objective.'
    query: loadTextContent('../queries/images-late.kql')
    severity: 2
    every: 'PT10M'
    window: 'PT30M'
  }
  {
    name: 'webhook-refused'
    description: 'Webhooks of registries are refused.'
    query: loadTextContent('../queries/webhook-refused.kql')
    severity: 2
    every: 'PT15M'
    window: 'PT30M'
  }
  {
    name: 'replica-flagged'
    description: 'A replica should be out of global routing.'
    query: loadTextContent('../queries/replica-flagged.kql')
    severity: 2
    every: 'PT5M'
    window: 'PT10M'
  }
  {
    name: 'replica-contested'
    description: 'Another writer keeps reversing a replica\'s routing.'
    query: loadTextContent('../queries/replica-contested.kql')
    severity: 2
    every: 'PT15M'
    window: 'PT30M'
  }
  {
    name: 'review-silent'
    description: 'No registry was reviewed for a quarter of an hour.'
    query: loadTextContent('../queries/review-silent.kql')
    severity: 2
    every: 'PT5M'
    window: 'PT15M'
  }
]

var alerts alertType[] = concat(always, hasSpokes ? dns : [], hasRegistries ? images : [])

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in alerts: {
    name: 'evenkeel-${alert.name}-${token}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'evenkeel: ${alert.description}'
      description: '${alert.description} What to do: docs/alerts.md, ${alert.name}.'
      severity: alert.severity
      enabled: true
      scopes: [workspace.id]
      evaluationFrequency: alert.every
      windowSize: alert.window
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: actionGroupIds
      }
    }
  }
]
