// The identity that the app runs as: for its storage, for Application Insights and for Microsoft Graph.
// User-assigned, so that it and its permission in Graph outlive the function app.

import { texts } from 'types.bicep'

param name string
param location string
param tags texts

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
  tags: tags
}

output id string = identity.id
output clientId string = identity.properties.clientId
output principalId string = identity.properties.principalId
