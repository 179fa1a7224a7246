// What `azd up` deploys: a resource group with everything of resources.bicep in it.
targetScope = 'subscription'

@description('Name of the environment; names of resources are derived from it.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Region; one with the Flex Consumption plan (az functionapp list-flexconsumption-locations).')
param location string

@description('Resource group to make or to use. Empty: rg-{environmentName}.')
param resourceGroupName string = ''

@description('Microsoft Graph of the cloud that the tenant is in.')
param graphEndpoint string

@description('Version of Microsoft Graph: v1.0 or beta.')
param graphVersion string

@description('Object or application ids that the app may start, separated by commas. Empty: all.')
param allowedServicePrincipals string

@description('Reasons that hold a start until a person looks, separated by commas, or none. Empty: all of them.')
param heldReasons string

@description('Senders whose signatures are checked, separated by commas: pagerduty, jira and so on. Empty: none.')
param webhookSources string

@description('Further app settings, which the app has defaults for: {"START_LIMIT": "5"}.')
param moreSettings object

@description('Resource id of a Log Analytics workspace to use. Empty: a new one.')
param workspaceId string

@description('Resource id of the workspace that receives AuditLogs from Microsoft Entra ID. Empty: the app\'s own workspace.')
param auditLogsWorkspaceId string

@description('Start jobs when AuditLogs tell of a quarantine: infra/connect-alerts deploys the rule after the code.')
param quarantineAlert bool

@description('E-mail addresses of operators, separated by commas. Empty: no alert for them.')
param operatorEmails string

@description('Put the storage account behind private endpoints in a virtual network of its own.')
param virtualNetwork bool

@description('Instances that always wait for HTTP requests.')
param alwaysReadyHttp int

@description('Instances that always wait for start requests on the queue.')
param alwaysReadyQueue int

@description('Most instances that each function scales out to.')
param maximumInstanceCount int

@description('Memory of an instance.')
param instanceMemoryMB int

var tags = { 'azd-env-name': environmentName }

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: empty(resourceGroupName) ? 'rg-${environmentName}' : resourceGroupName
  location: location
  tags: tags
}

module resources 'resources.bicep' = {
  name: 'start-job-function'
  scope: group
  params: {
    environmentName: environmentName
    location: location
    tags: tags
    graphEndpoint: graphEndpoint
    graphVersion: graphVersion
    allowedServicePrincipals: allowedServicePrincipals
    heldReasons: heldReasons
    webhookSources: webhookSources
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

// azd keeps outputs in its environment, under these names; the scripts in this folder read them there.
output AZURE_RESOURCE_GROUP string = group.name
output FUNCTION_APP_NAME string = resources.outputs.functionAppName
output FUNCTION_APP_URL string = resources.outputs.functionAppUrl
output IDENTITY_PRINCIPAL_ID string = resources.outputs.identityPrincipalId
output STORAGE_ACCOUNT_NAME string = resources.outputs.storageAccountName
output KEY_VAULT_NAME string = resources.outputs.keyVaultName
output AUDIT_LOGS_WORKSPACE_ID string = resources.outputs.auditLogsWorkspaceId
output QUARANTINE_ALERT bool = quarantineAlert
