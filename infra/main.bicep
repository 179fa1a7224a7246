// What `azd up` deploys: a resource group with everything of resources.bicep in it.
targetScope = 'subscription'

import {
  alwaysReadyCount
  graphEndpoint as endpoint
  graphVersion as version
  instanceLimit
  instanceMemory
  texts
} from 'types.bicep'

@description('Name of the environment. Names of resources are derived from it.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Region that has the Flex Consumption plan (az functionapp list-flexconsumption-locations).')
@minLength(1)
param location string

@description('Existing resource group to use. Empty: a new one, rg-{environmentName}.')
param resourceGroupName string = ''

@description('Microsoft Graph of the cloud that the tenant is in.')
param graphEndpoint endpoint

@description('Version of Microsoft Graph: v1.0 or beta.')
param graphVersion version

@description('Object or application ids of the applications whose jobs the app may start, separated by commas. Empty: all.')
param allowedServicePrincipals string

@description('Applications whose jobs the app watches: ids separated by commas, allowed, or all. Empty: none.')
param watch string

@description('When it looks at watched jobs (NCRONTAB). Empty: every ten minutes, at a second that depends on the app\'s name.')
param watchSchedule string

@description('Reasons that hold a start until a person decides, separated by commas, or none. Empty: all reasons.')
param heldReasons string

@description('Senders whose signatures the app checks, separated by commas: pagerduty, jira and so on. Empty: none.')
param webhookSources string

@description('Targets that the app notifies of events, separated by commas: teams, jira and so on. Each has secrets in the vault. Empty: none.')
param notifyTargets string

@description('Keep events for 30 days, so that callers can ask for the status of a request. Needs the secret status-key in the vault.')
param requestStatus bool

@description('More app settings, to replace the app\'s defaults: {"START_LIMIT": "5"}.')
param moreSettings texts

@description('Resource id of an existing Log Analytics workspace. Empty: a new one.')
param workspaceId string

@description('Resource id of the workspace that receives AuditLogs from Microsoft Entra ID. Empty: the app\'s own workspace.')
param auditLogsWorkspaceId string

@description('E-mail addresses of operators, separated by commas. Empty: no alerts.')
param operatorEmails string

@description('Put the storage account behind private endpoints in a virtual network of its own.')
param virtualNetwork bool

@description('Always-ready instances for HTTP requests.')
param alwaysReadyHttp alwaysReadyCount

@description('Always-ready instances for start requests on the queue.')
param alwaysReadyQueue alwaysReadyCount

@description('Most instances per function.')
param maximumInstanceCount instanceLimit

@description('Memory of an instance, in MB.')
param instanceMemoryMB instanceMemory

var tags = { 'azd-env-name': environmentName }

// An environment's name may end in a dot, a resource group's may not.
var newGroupName = 'rg-${environmentName}${endsWith(environmentName, '.') ? '-' : ''}'
var groupName = empty(resourceGroupName) ? newGroupName : resourceGroupName

// An existing group keeps its tags and its region.
resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = if (empty(resourceGroupName)) {
  name: newGroupName
  location: location
  tags: tags
}

module resources 'resources.bicep' = {
  name: 'start-job-function'
  scope: resourceGroup(groupName)
  dependsOn: [group]
  params: {
    environmentName: environmentName
    location: location
    tags: tags
    graphEndpoint: graphEndpoint
    graphVersion: graphVersion
    allowedServicePrincipals: allowedServicePrincipals
    watch: watch
    watchSchedule: watchSchedule
    heldReasons: heldReasons
    webhookSources: webhookSources
    notifyTargets: notifyTargets
    requestStatus: requestStatus
    moreSettings: moreSettings
    workspaceId: workspaceId
    auditLogsWorkspaceId: auditLogsWorkspaceId
    operatorEmails: operatorEmails
    virtualNetwork: virtualNetwork
    alwaysReadyHttp: alwaysReadyHttp
    alwaysReadyQueue: alwaysReadyQueue
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
  }
}

// azd keeps outputs in its environment under these names, where the scripts in this folder read them. None may have the
// name of a variable in main.bicepparam: azd would overwrite the user's value, and remove it with `azd down`.
output APP_RESOURCE_GROUP string = groupName
output FUNCTION_APP_NAME string = resources.outputs.functionAppName
output FUNCTION_APP_URL string = resources.outputs.functionAppUrl
output IDENTITY_PRINCIPAL_ID string = resources.outputs.identityPrincipalId
output STORAGE_ACCOUNT_NAME string = resources.outputs.storageAccountName
output KEY_VAULT_NAME string = resources.outputs.keyVaultName
output ALERT_WORKSPACE_ID string = resources.outputs.alertWorkspaceId
