// Everything in the resource group, one module per concern. Deploy this file by itself if you have a group but no rights
// on the subscription.

import {
  alwaysReadyCount
  graphEndpoint as endpoint
  graphVersion as version
  instanceLimit
  instanceMemory
  items
  texts
} from 'types.bicep'

@description('Name of the environment. Names of resources are derived from it.')
@minLength(1)
@maxLength(64)
param environmentName string

param location string = resourceGroup().location

param tags texts = {}

@description('Microsoft Graph of the cloud that the tenant is in.')
param graphEndpoint endpoint = 'https://graph.microsoft.com'

@description('Version of Microsoft Graph.')
param graphVersion version = 'v1.0'

@description('Object or application ids of the applications whose jobs the app may start, separated by commas. Empty: all.')
param allowedServicePrincipals string = ''

@description('Applications whose jobs the app watches: ids separated by commas, allowed, or all. Empty: none.')
param watch string = ''

@description('When it looks at watched jobs (NCRONTAB). Empty: every ten minutes, at a second that depends on the app\'s name.')
param watchSchedule string = ''

@description('Reasons that hold a start until a person decides, separated by commas, or none. Empty: all reasons.')
param heldReasons string = ''

@description('Resource id of an existing Log Analytics workspace. Empty: a new one.')
param workspaceId string = ''

@description('Resource id of the workspace that receives AuditLogs from Microsoft Entra ID. Empty: the app\'s own workspace.')
param auditLogsWorkspaceId string = ''

@description('Senders whose signatures the app checks, separated by commas: pagerduty, jira and so on. Empty: none.')
param webhookSources string = ''

@description('Targets that the app notifies of events, separated by commas: teams, jira and so on. Each has secrets in the vault. Empty: none.')
param notifyTargets string = ''

@description('Keep events for 30 days, so that callers can ask for the status of a request. Needs the secret status-key in the vault.')
param requestStatus bool = false

@description('More app settings, to replace the app\'s defaults: {"START_LIMIT": "5"}.')
param moreSettings texts = {}

@description('E-mail addresses of operators, separated by commas. Empty: no alerts.')
param operatorEmails string = ''

@description('Put the storage account behind private endpoints in a virtual network of its own.')
param virtualNetwork bool = false

@description('Always-ready instances for HTTP requests.')
param alwaysReadyHttp alwaysReadyCount = 0

@description('Always-ready instances for start requests on the queue.')
param alwaysReadyQueue alwaysReadyCount = 0

@description('Most instances per function.')
param maximumInstanceCount instanceLimit = 40

@description('Memory of an instance, in MB.')
param instanceMemoryMB instanceMemory = 2048

// Includes the region, so that an environment can be made again elsewhere while its old vault is soft-deleted.
var token = toLower(uniqueString(resourceGroup().id, environmentName, location))
var functionAppName = 'func-start-job-${token}'
var storageAccountName = 'st${token}'
var applicationInsightsName = 'appi-start-job-${token}'
var keyVaultName = 'kv-${token}'
var packageContainer = 'app-package'
var senders = items(toLower(webhookSources))
var emails = items(operatorEmails)

// Modules get names instead of outputs where ids are made from them: `azd provision --preview` stops at an id that is
// known only after a deployment. Three outputs stay: the name of a role assignment is made from its principal, so that a
// new identity gets assignments of its own (Azure refuses to move one to another principal).

module identity 'identity.bicep' = {
  name: 'identity'
  params: {
    name: 'id-start-job-${token}'
    location: location
    tags: tags
  }
}

module monitoring 'monitoring.bicep' = {
  name: 'monitoring'
  params: {
    applicationInsightsName: applicationInsightsName
    workspaceName: 'log-start-job-${token}'
    location: location
    tags: tags
    workspaceId: workspaceId
    #disable-next-line what-if-short-circuiting
    identityPrincipalId: identity.outputs.principalId
  }
}

module storage 'storage.bicep' = {
  name: 'storage'
  params: {
    name: storageAccountName
    location: location
    tags: tags
    packageContainer: packageContainer
    isPrivate: virtualNetwork
    #disable-next-line what-if-short-circuiting
    identityPrincipalId: identity.outputs.principalId
  }
}

module network 'network.bicep' = if (virtualNetwork) {
  name: 'network'
  dependsOn: [storage]
  params: {
    name: 'vnet-start-job-${token}'
    location: location
    tags: tags
    storageAccountName: storageAccountName
  }
}

module secrets 'secrets.bicep' = {
  name: 'secrets'
  params: {
    name: keyVaultName
    location: location
    tags: tags
    #disable-next-line what-if-short-circuiting
    identityPrincipalId: identity.outputs.principalId
  }
}

module functionApp 'function-app.bicep' = {
  name: 'function-app'
  dependsOn: [monitoring, secrets, storage]
  params: {
    name: functionAppName
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageAccountName: storageAccountName
    packageContainer: packageContainer
    applicationInsightsName: applicationInsightsName
    subnetId: virtualNetwork ? network!.outputs.appSubnetId : ''
    senders: any(senders)
    targets: any(items(toLower(notifyTargets)))
    keyVaultName: keyVaultName
    graphEndpoint: graphEndpoint
    graphVersion: graphVersion
    allowedServicePrincipals: allowedServicePrincipals
    watch: watch
    watchSchedule: watchSchedule
    heldReasons: heldReasons
    requestStatus: requestStatus
    moreSettings: moreSettings
    alwaysReadyHttp: alwaysReadyHttp
    alwaysReadyQueue: alwaysReadyQueue
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
  }
}

module workbook 'workbook.bicep' = {
  name: 'workbook'
  dependsOn: [monitoring]
  params: {
    location: location
    tags: tags
    applicationInsightsName: applicationInsightsName
  }
}

module operatorAlerts 'operator-alerts.bicep' = if (!empty(emails)) {
  name: 'operator-alerts'
  dependsOn: [monitoring]
  params: {
    name: 'start-job-${token}'
    location: location
    tags: tags
    applicationInsightsName: applicationInsightsName
    emails: emails
  }
}

output functionAppName string = functionAppName
output functionAppUrl string = functionApp.outputs.url
output identityPrincipalId string = identity.outputs.principalId
output storageAccountName string = storageAccountName
output keyVaultName string = keyVaultName
output alertWorkspaceId string = empty(auditLogsWorkspaceId) ? monitoring.outputs.workspaceId : auditLogsWorkspaceId
