// Sends operators an e-mail when a request failed, or when the host gave up a message.

import { texts } from 'types.bicep'

param name string
param location string
param tags texts
param applicationInsightsName string

@minLength(1)
param emails string[]

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-operators-${name}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'start-ops'
    emailReceivers: [
      for (email, index) in emails: {
        name: 'operator-${index + 1}'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource failures 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'alert-start-failed-${name}'
  location: location
  tags: tags
  properties: {
    displayName: 'Start requests failed, or messages were given up'
    description: 'docs/troubleshooting.md has a row for each reason.'
    enabled: true
    severity: 2
    scopes: [applicationInsights.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      allOf: [
        {
          query: '${loadTextContent('queries/ended.kql')}${loadTextContent('queries/failed.kql')}'
          timeAggregation: 'Count'
          dimensions: [
            {
              name: 'reason'
              operator: 'Include'
              values: ['*']
            }
          ]
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    // One alert per reason. It is resolved when the reason has not occurred for a while.
    autoMitigate: true
    actions: { actionGroups: [operators.id] }
  }
}
