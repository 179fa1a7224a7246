// Everything in the resource group, one module a concern. Deploy this one by itself where you have a group but no
// rights on the subscription.

@description('Name of the environment; names of resources are derived from it.')
@minLength(1)
@maxLength(64)
param environmentName string

param location string = resourceGroup().location

param tags object = {}

@description('Microsoft Graph of the cloud that the tenant is in.')
@allowed([
  'https://graph.microsoft.com'
  'https://graph.microsoft.us'
  'https://dod-graph.microsoft.us'
  'https://microsoftgraph.chinacloudapi.cn'
])
param graphEndpoint string = 'https://graph.microsoft.com'

@allowed(['v1.0', 'beta'])
param graphVersion string = 'v1.0'

@description('Object or application ids that the app may start, separated by commas. Empty: all.')
param allowedServicePrincipals string = ''

@description('Reasons that hold a start until a person looks, separated by commas, or none. Empty: all of them.')
param heldReasons string = ''

@description('Resource id of a Log Analytics workspace to use. Empty: a new one.')
param workspaceId string = ''

@description('Resource id of the workspace that receives AuditLogs from Microsoft Entra ID. Empty: the app\'s own workspace.')
param auditLogsWorkspaceId string = ''

@description('Senders whose signatures are checked, separated by commas: pagerduty, jira and so on. Empty: none.')
param webhookSources string = ''

@description('Further app settings, which the app has defaults for: {"START_LIMIT": "5"}.')
param moreSettings object = {}

@description('E-mail addresses of operators, separated by commas. Empty: no alert for them.')
param operatorEmails string = ''

@description('Put the storage account behind private endpoints in a virtual network of its own.')
param virtualNetwork bool = false

@minValue(0)
param alwaysReadyHttp int = 0

@minValue(0)
param alwaysReadyQueue int = 0

@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

var token = toLower(uniqueString(resourceGroup().id, environmentName))
var functionAppName = 'func-start-job-${token}'
var packageContainer = 'app-package'
var senders = empty(webhookSources) ? [] : split(replace(webhookSources, ' ', ''), ',')

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
    name: 'start-job-${token}'
    location: location
    tags: tags
    workspaceId: workspaceId
    identityPrincipalId: identity.outputs.principalId
  }
}

module storage 'storage.bicep' = {
  name: 'storage'
  params: {
    name: 'st${token}'
    location: location
    tags: tags
    packageContainer: packageContainer
    isPrivate: virtualNetwork
    identityPrincipalId: identity.outputs.principalId
  }
}

module network 'network.bicep' = if (virtualNetwork) {
  name: 'network'
  params: {
    name: 'vnet-start-job-${token}'
    location: location
    tags: tags
    storageAccountName: storage.outputs.name
  }
}

module secrets 'secrets.bicep' = {
  name: 'secrets'
  params: {
    name: 'kv-${token}'
    location: location
    tags: tags
    identityPrincipalId: identity.outputs.principalId
  }
}

module functionApp 'function-app.bicep' = {
  name: 'function-app'
  params: {
    name: functionAppName
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    packageContainer: packageContainer
    applicationInsightsName: monitoring.outputs.applicationInsightsName
    subnetId: virtualNetwork ? network!.outputs.appSubnetId : ''
    senders: senders
    keyVaultName: secrets.outputs.name
    graphEndpoint: graphEndpoint
    graphVersion: graphVersion
    allowedServicePrincipals: allowedServicePrincipals
    heldReasons: heldReasons
    moreSettings: moreSettings
    alwaysReadyHttp: alwaysReadyHttp
    alwaysReadyQueue: alwaysReadyQueue
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
  }
}

module workbook 'workbook.bicep' = {
  name: 'workbook'
  params: {
    location: location
    tags: tags
    applicationInsightsName: monitoring.outputs.applicationInsightsName
  }
}

module operatorAlerts 'operator-alerts.bicep' = if (!empty(operatorEmails)) {
  name: 'operator-alerts'
  params: {
    name: 'start-job-${token}'
    location: location
    tags: tags
    applicationInsightsName: monitoring.outputs.applicationInsightsName
    emails: split(replace(operatorEmails, ' ', ''), ',')
  }
}

output functionAppName string = functionAppName
output functionAppUrl string = functionApp.outputs.url
output identityPrincipalId string = identity.outputs.principalId
output storageAccountName string = storage.outputs.name
output keyVaultName string = secrets.outputs.name
output auditLogsWorkspaceId string = empty(auditLogsWorkspaceId) ? monitoring.outputs.workspaceId : auditLogsWorkspaceId
