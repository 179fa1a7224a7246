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

@description('Name of the environment; names of resources are derived from it.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Region; one with the Flex Consumption plan (az functionapp list-flexconsumption-locations).')
@minLength(1)
param location string

@description('Resource group that exists, to be used as it is. Empty: a new one, rg-{environmentName}.')
param resourceGroupName string = ''

@description('Microsoft Graph of the cloud that the tenant is in.')
param graphEndpoint endpoint

@description('Version of Microsoft Graph: v1.0 or beta.')
param graphVersion version

@description('Object or application ids that the app may start, separated by commas. Empty: all.')
param allowedServicePrincipals string

@description('Applications whose jobs the app looks at by itself: ids separated by commas, allowed, or all. Empty: none.')
param watch string

@description('When it looks at them (NCRONTAB). Empty: every ten minutes, at a second of its own.')
param watchSchedule string

@description('Reasons that hold a start until a person looks, separated by commas, or none. Empty: all of them.')
param heldReasons string

@description('Senders whose signatures are checked, separated by commas: pagerduty, jira and so on. Empty: none.')
param webhookSources string

@description('Whom to tell of events, separated by commas: teams, jira and so on; each has secrets in the vault. Empty: nobody.')
param notifyTargets string

@description('Keep events for 30 days for whoever asks for the status of a request; needs the secret status-key in the vault.')
param requestStatus bool

@description('Further app settings, which the app has defaults for: {"START_LIMIT": "5"}.')
param moreSettings texts

@description('Resource id of a Log Analytics workspace to use. Empty: a new one.')
param workspaceId string

@description('Resource id of the workspace that receives AuditLogs from Microsoft Entra ID. Empty: the app\'s own workspace.')
param auditLogsWorkspaceId string

@description('E-mail addresses of operators, separated by commas. Empty: no alert for them.')
param operatorEmails string

@description('Put the storage account behind private endpoints in a virtual network of its own.')
param virtualNetwork bool

@description('Instances that always wait for HTTP requests.')
param alwaysReadyHttp alwaysReadyCount

@description('Instances that always wait for start requests on the queue.')
param alwaysReadyQueue alwaysReadyCount

@description('Most instances that each function scales out to.')
param maximumInstanceCount instanceLimit

@description('Memory of an instance.')
param instanceMemoryMB instanceMemory

var tags = { 'azd-env-name': environmentName }

// The name of an environment may end in a dot, that of a resource group may not.
var newGroupName = 'rg-${environmentName}${endsWith(environmentName, '.') ? '-' : ''}'
var groupName = empty(resourceGroupName) ? newGroupName : resourceGroupName

// A group that somebody named is theirs: its tags and its region stay as they are.
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

// azd keeps outputs in its environment, under these names, and the scripts in this folder read them there. None has the
// name of a choice (main.bicepparam): azd would write it over what the user set, and take it away with `azd down`.
output APP_RESOURCE_GROUP string = groupName
output FUNCTION_APP_NAME string = resources.outputs.functionAppName
output FUNCTION_APP_URL string = resources.outputs.functionAppUrl
output IDENTITY_PRINCIPAL_ID string = resources.outputs.identityPrincipalId
output STORAGE_ACCOUNT_NAME string = resources.outputs.storageAccountName
output KEY_VAULT_NAME string = resources.outputs.keyVaultName
output ALERT_WORKSPACE_ID string = resources.outputs.alertWorkspaceId
