// A Key Vault for the secrets of senders and targets. The template has only their names. You add the values
// (docs/deploying.md), and the app reads them as Key Vault references.

import { texts } from 'types.bicep'

@minLength(3)
@maxLength(24)
param name string

param location string
param tags texts
param identityPrincipalId string

var roles = loadJsonContent('roles.json')

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
  }
}

resource reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identityPrincipalId, roles['Key Vault Secrets User'])
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles['Key Vault Secrets User'])
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
  }
}
