// The function app on a Flex Consumption plan, with every app setting.

import {
  alwaysReadyCount
  graphEndpoint as endpoint
  graphVersion as version
  instanceLimit
  instanceMemory
  sender
  target
  texts
} from 'types.bicep'

param name string
param location string
param tags texts
param identityId string
param identityClientId string
param storageAccountName string
param packageContainer string
param applicationInsightsName string

@description('Subnet for the app\'s outbound calls. Empty: none.')
param subnetId string

@description('Senders whose signatures the app checks.')
param senders sender[]

@description('Targets of notices.')
param targets target[]

@description('Vault with a secret webhook-secret-{sender} per sender, the secrets of the targets, and status-key.')
param keyVaultName string

param graphEndpoint endpoint
param graphVersion version
param allowedServicePrincipals string
param watch string
param watchSchedule string
param heldReasons string
param requestStatus bool
param moreSettings texts
param alwaysReadyHttp alwaysReadyCount
param alwaysReadyQueue alwaysReadyCount
param maximumInstanceCount instanceLimit
param instanceMemoryMB instanceMemory

// As newBatchThreshold of host.json: the host takes another batch before any of this many threads is idle.
var threads = loadJsonContent('../host.json').extensions.queues.newBatchThreshold

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageAccountName
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  // azd finds the app to deploy by this tag.
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: { minTlsVersion: '1.2' }
    functionAppConfig: {
      runtime: { name: 'python', version: '3.13' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${account.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: instanceMemoryMB
        alwaysReady: concat(
          alwaysReadyHttp == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyHttp }],
          alwaysReadyQueue == 0 ? [] : [{ name: 'function:start_job', instanceCount: alwaysReadyQueue }]
        )
      }
    }
  }
}

// Settings of the host and the identity. The plan takes the runtime from functionAppConfig, and refuses settings such as
// FUNCTIONS_WORKER_RUNTIME (Microsoft Learn, "App settings reference", Flex Consumption deprecations).
var hostSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsStorage__blobServiceUri: account.properties.primaryEndpoints.blob
  AzureWebJobsStorage__queueServiceUri: account.properties.primaryEndpoints.queue
  AzureWebJobsStorage__tableServiceUri: account.properties.primaryEndpoints.table
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsights.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  // Only the managed identity: otherwise the app would use a client secret that is left in the settings.
  AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential'
  AZURE_CLIENT_ID: identityClientId
}

// The app reports a blank setting as a mistake, so those without a value are left out.
var appSettings = union(
  {
    GRAPH_ENDPOINT: graphEndpoint
    GRAPH_VERSION: graphVersion
    PYTHON_THREADPOOL_THREAD_COUNT: string(threads)
  },
  empty(heldReasons) ? {} : { HELD_REASONS: heldReasons },
  empty(allowedServicePrincipals) ? {} : { ALLOWED_SERVICE_PRINCIPALS: allowedServicePrincipals },
  empty(watch) ? {} : { WATCH: watch },
  empty(watchSchedule) ? {} : { WATCH_SCHEDULE: watchSchedule }
)

var webhookSettings = toObject(
  senders,
  each => 'WEBHOOK_SECRET_${toUpper(replace(each, '-', '_'))}',
  each => '@Microsoft.KeyVault(VaultName=${keyVaultName};SecretName=webhook-secret-${each})'
)

// Besides senders with a secret, the app accepts Azure Monitor, which cannot sign. MORE_SETTINGS can change this.
var sourceSettings = empty(senders) ? {} : { SOURCES: join(union(['azure-monitor'], senders), ',') }

// The secret settings of each target; for some, this is the whole address. Their names in the vault are in lower case with
// hyphens: notify-jira-credential.
var targetSecrets = {
  teams: ['NOTIFY_TEAMS']
  slack: ['NOTIFY_SLACK']
  'slack-thread': ['NOTIFY_SLACK_TOKEN']
  webhook: ['NOTIFY_WEBHOOK', 'NOTIFY_WEBHOOK_SECRET']
  jira: ['NOTIFY_JIRA_CREDENTIAL']
  servicenow: ['NOTIFY_SERVICENOW_CREDENTIAL']
  zendesk: ['NOTIFY_ZENDESK_CREDENTIAL']
  freshservice: ['NOTIFY_FRESHSERVICE_CREDENTIAL']
  pagerduty: ['NOTIFY_PAGERDUTY_CREDENTIAL']
}

var targetSettings = toObject(
  flatten(map(targets, each => targetSecrets[each])),
  each => each,
  each => '@Microsoft.KeyVault(VaultName=${keyVaultName};SecretName=${toLower(replace(each, '_', '-'))})'
)

// storage.bicep creates the table.
var statusSettings = requestStatus
  ? {
      STATUS_TABLE: 'StartStatus'
      STATUS_KEY: '@Microsoft.KeyVault(VaultName=${keyVaultName};SecretName=status-key)'
    }
  : {}

resource settings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: union(sourceSettings, moreSettings, hostSettings, appSettings, webhookSettings, targetSettings, statusSettings)
}

// Deployment works only with a token of Microsoft Entra ID, not with a publishing password.
resource noPasswordForDeployment 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

resource noPasswordForFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

output url string = 'https://${app.properties.defaultHostName}'
