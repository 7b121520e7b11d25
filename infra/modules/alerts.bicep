// Alert rules over the app's log lines. docs/alerts.md says what a person should do when each fires.

import { registriesType, settingsType } from 'types.bicep'

param location string
param token string
param tags object
param workspaceName string

@description('Resource ids of the action groups that are told; without any, alerts only show in the portal.')
param actionGroupIds string[]

@description('Whether container groups are mapped to zones: without any, the sweep has nothing to end.')
param hasSpokes bool

@description('The registries that are followed: without any, there is nothing to review.')
param registries registriesType

@description('App settings that differ from the defaults; the two schedules among them say how long silence may last.')
param settings settingsType

@description('When this is deployed, ISO 8601: silence before it is no reason for an alert.')
param deployedAt string

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

  @description('Further back, where a query compares with what is usual, ISO 8601.')
  history: string?

  @description('Columns of which each combination is an alert of its own, so that the mail names it.')
  dimensions: string[]
}

var registryNames = map(registries, registry => toLower(last(split(registry.id, '/'))!))

func atDeployment(query string, deployedAt string) string =>
  replace(query, 'let deployedAt = datetime(2000-01-01);', 'let deployedAt = datetime(${deployedAt});')
// A schedule of the operator's own may be daily, which three runs tell.
func untilLearned(query string, usual string, hasOwnSchedule bool) string =>
  hasOwnSchedule ? replace(query, 'let untilLearned = ${usual};', 'let untilLearned = 3d;') : query

var always alertType[] = [
  {
    name: 'state-unavailable'
    description: 'Table storage does not answer.'
    query: loadTextContent('../queries/state-unavailable.kql')
    severity: 1
    every: 'PT5M'
    window: 'PT15M'
    dimensions: []
  }
  {
    name: 'permission-missing'
    description: 'The app may not make a call that it needs.'
    query: loadTextContent('../queries/permission-missing.kql')
    severity: 1
    every: 'PT15M'
    window: 'PT30M'
    dimensions: ['job', 'resource']
  }
  {
    name: 'setting-bad'
    description: 'A setting is wrong.'
    query: loadTextContent('../queries/setting-bad.kql')
    severity: 1
    every: 'PT15M'
    window: 'PT30M'
    dimensions: ['setting']
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
    dimensions: ['containerGroup', 'reason']
  }
  {
    name: 'dns-conflict'
    description: 'Two live container groups claim one record set.'
    query: loadTextContent('../queries/dns-conflict.kql')
    severity: 2
    every: 'PT15M'
    window: 'PT1H'
    dimensions: ['containerGroup']
  }
  {
    name: 'dns-audit-silent'
    description: 'No sweep has ended for much longer than usual.'
    query: untilLearned(
      atDeployment(loadTextContent('../queries/dns-audit-silent.kql'), deployedAt),
      '1h',
      settings.?AUDIT_SCHEDULE != null
    )
    severity: 2
    every: 'PT15M'
    window: 'PT1H'
    history: 'P2D'
    dimensions: []
  }
  {
    name: 'dns-audit-incomplete'
    description: 'Sweeps cannot read everything.'
    query: loadTextContent('../queries/dns-audit-incomplete.kql')
    severity: 2
    every: 'PT15M'
    window: 'PT1H'
    dimensions: ['scope', 'reason']
  }
  {
    name: 'dns-events-missed'
    description: 'Many repairs were caught by the sweep only.'
    query: loadTextContent('../queries/dns-events-missed.kql')
    severity: 3
    every: 'PT1H'
    window: 'P1D'
    dimensions: []
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
    history: 'P2D'
    dimensions: ['registry', 'region']
  }
  {
    name: 'webhook-refused'
    description: 'Webhooks of registries are refused.'
    query: loadTextContent('../queries/webhook-refused.kql')
    severity: 2
    every: 'PT15M'
    window: 'PT30M'
    dimensions: ['registry', 'reason']
  }
  {
    name: 'replica-flagged'
    description: 'A replica should be out of global routing.'
    query: loadTextContent('../queries/replica-flagged.kql')
    severity: 2
    every: 'PT5M'
    window: 'PT10M'
    dimensions: ['registry', 'region']
  }
  {
    name: 'replica-contested'
    description: 'Another writer keeps reversing a replica\'s routing.'
    query: loadTextContent('../queries/replica-contested.kql')
    severity: 2
    every: 'PT15M'
    window: 'PT30M'
    dimensions: ['registry', 'region']
  }
  {
    name: 'review-silent'
    description: 'A registry was not reviewed for much longer than usual.'
    query: replace(
      untilLearned(
        atDeployment(loadTextContent('../queries/review-silent.kql'), deployedAt),
        '15m',
        settings.?REVIEW_SCHEDULE != null
      ),
      'let registries = dynamic([]);',
      'let registries = dynamic(${string(registryNames)});'
    )
    severity: 2
    every: 'PT5M'
    window: 'PT15M'
    history: 'P2D'
    dimensions: ['registry']
  }
]

var alerts alertType[] = concat(always, hasSpokes ? dns : [], empty(registries) ? [] : images)

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
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
      // A workspace that is new has no tables yet, and a query of them would be refused.
      skipQueryValidation: true
      overrideQueryTimeRange: alert.?history
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            dimensions: map(alert.dimensions, name => {
              name: name
              operator: 'Include'
              values: ['*']
            })
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

// Azure's own word on registries, in every region: an outage explains late images and failing replicas.
// https://learn.microsoft.com/azure/service-health/alerts-activity-log-service-notifications-bicep
resource serviceHealth 'Microsoft.Insights/activityLogAlerts@2026-01-01' = if (!empty(registries)) {
  name: 'evenkeel-registry-health-${token}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Azure reports on Container Registry. What to do: docs/alerts.md, registry-health.'
    enabled: true
    scopes: [subscription().id]
    condition: {
      allOf: [
        {
          field: 'category'
          equals: 'ServiceHealth'
        }
        {
          field: 'properties.impactedServices[*].ServiceName'
          containsAny: ['Container Registry']
        }
      ]
    }
    actions: {
      actionGroups: map(actionGroupIds, id => {
        actionGroupId: id
      })
    }
  }
}
