// Calls the app when AuditLogs report a quarantine. connect-alerts deploys it after the code, because the function and its
// key exist only then. This deployment copies the key from Functions to the action group. No person, script or file gets
// it.

import { texts } from 'types.bicep'

param functionAppName string

@description('The function that receives alerts.')
param functionName string

@description('Name of the function key that the action group uses.')
param keyName string

@description('Workspace that receives AuditLogs.')
param workspaceId string

@description('Region of the rule: that of the workspace.')
param location string

param tags texts = {}

resource app 'Microsoft.Web/sites@2024-04-01' existing = {
  name: functionAppName
}

resource intake 'Microsoft.Web/sites/functions@2024-04-01' existing = {
  parent: app
  name: functionName
}

resource starter 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-start-${functionAppName}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'start-job'
    webhookReceivers: [
      {
        name: 'start-job-function'
        serviceUri: 'https://${app.properties.defaultHostName}/api/start-requests/azure-monitor?code=${uriComponent(intake.listKeys()[keyName])}'
        useCommonAlertSchema: true
      }
    ]
  }
}

resource quarantine 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  // Includes the workspace, because Azure cannot change the scope or region of a rule. connect-alerts removes the rules of
  // other workspaces.
  name: 'alert-quarantine-${functionAppName}-${uniqueString(toLower(workspaceId))}'
  location: location
  tags: tags
  properties: {
    displayName: 'Provisioning jobs in quarantine'
    description: 'Calls the function app, which reads each job and starts it if that is safe.'
    enabled: true
    severity: 3
    scopes: [workspaceId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    // How old an event may be when it arrives. The query selects those that arrived recently.
    overrideQueryTimeRange: 'P1D'
    criteria: {
      allOf: [
        {
          query: loadTextContent('queries/quarantine.kql')
          timeAggregation: 'Count'
          dimensions: [
            {
              name: 'ServicePrincipalId'
              operator: 'Include'
              values: ['*']
            }
            {
              name: 'ResultReason'
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
    // Stateless, so that a second quarantine of the same job fires again.
    autoMitigate: false
    // The table AuditLogs may not exist yet: the first event from Entra creates it.
    skipQueryValidation: true
    actions: { actionGroups: [starter.id] }
  }
}

output ruleName string = quarantine.name
