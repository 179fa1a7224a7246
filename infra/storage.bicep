// The app's own storage account: queues, ledger, the host's blobs and the deployed package. Account keys are disabled.

import { texts } from 'types.bicep'

@minLength(3)
@maxLength(24)
param name string

param location string
param tags texts

@description('Blob container of the deployed package.')
param packageContainer string

@description('Reachable only through private endpoints.')
param isPrivate bool

param identityPrincipalId string

var roles = loadJsonContent('roles.json')

var queues = [
  'start-requests'
  'start-requests-poison'
  'start-status'
  'start-notices'
  'start-notices-poison'
]

// What the Functions host needs for an identity-based AzureWebJobsStorage, for queue triggers and for the ledger
// (Microsoft Learn, "Azure Functions developer guide", connections). The account has only the app's own data.
var assignedRoles = [
  'Storage Blob Data Owner'
  'Storage Queue Data Contributor'
  'Storage Table Data Contributor'
]

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    defaultToOAuthAuthentication: true
    supportsHttpsTrafficOnly: true
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
  }
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: account
  name: 'default'
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobService
  name: packageContainer
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2023-05-01' = {
  parent: account
  name: 'default'
}

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = [
  for queueName in queues: {
    parent: queueService
    name: queueName
  }
]

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2023-05-01' = {
  parent: account
  name: 'default'
}

resource ledger 'Microsoft.Storage/storageAccounts/tableServices/tables@2023-05-01' = {
  parent: tableService
  name: 'StartLedger'
}

// Empty, and so without cost, unless REQUEST_STATUS is true.
resource status 'Microsoft.Storage/storageAccounts/tableServices/tables@2023-05-01' = {
  parent: tableService
  name: 'StartStatus'
}

resource roleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in assignedRoles: {
    name: guid(account.id, identityPrincipalId, roles[role])
    scope: account
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles[role])
      principalId: identityPrincipalId
      principalType: 'ServicePrincipal'
    }
  }
]
