// Every choice there is, as an environment variable: `azd env set NAME value`, or `export NAME=value` for az.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param resourceGroupName = readEnvironmentVariable('AZURE_RESOURCE_GROUP', '')

// The app's settings.
param graphEndpoint = readEnvironmentVariable('GRAPH_ENDPOINT', 'https://graph.microsoft.com')
param graphVersion = readEnvironmentVariable('GRAPH_VERSION', 'v1.0')
param allowedServicePrincipals = readEnvironmentVariable('ALLOWED_SERVICE_PRINCIPALS', '')
param heldReasons = readEnvironmentVariable('HELD_REASONS', '')
param webhookSources = readEnvironmentVariable('WEBHOOK_SOURCES', '')
param moreSettings = json(readEnvironmentVariable('MORE_SETTINGS', '{}'))

// Logs and alerts.
param workspaceId = readEnvironmentVariable('WORKSPACE_ID', '')
param auditLogsWorkspaceId = readEnvironmentVariable('AUDIT_LOGS_WORKSPACE_ID', '')
param quarantineAlert = bool(readEnvironmentVariable('QUARANTINE_ALERT', 'true'))
param operatorEmails = readEnvironmentVariable('OPERATOR_EMAILS', '')

// Network and size.
param virtualNetwork = bool(readEnvironmentVariable('VIRTUAL_NETWORK', 'false'))
param alwaysReadyHttp = int(readEnvironmentVariable('ALWAYS_READY_HTTP', '0'))
param alwaysReadyQueue = int(readEnvironmentVariable('ALWAYS_READY_QUEUE', '0'))
param maximumInstanceCount = int(readEnvironmentVariable('MAXIMUM_INSTANCE_COUNT', '40'))
param instanceMemoryMB = int(readEnvironmentVariable('INSTANCE_MEMORY_MB', '2048'))
