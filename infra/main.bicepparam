// Every parameter as an environment variable: `azd env set NAME value`, or `export NAME=value` for az. An empty value means
// the default. main.bicep has the types and the bounds. The deployment refuses a value outside them, and names it.
using 'main.bicep'

import { orDefault, textsOf } from 'types.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param resourceGroupName = orDefault(readEnvironmentVariable('AZURE_RESOURCE_GROUP', ''), '')

// The app's settings.
param graphEndpoint = any(orDefault(readEnvironmentVariable('GRAPH_ENDPOINT', ''), 'https://graph.microsoft.com'))
param graphVersion = any(orDefault(readEnvironmentVariable('GRAPH_VERSION', ''), 'v1.0'))
param allowedServicePrincipals = orDefault(readEnvironmentVariable('ALLOWED_SERVICE_PRINCIPALS', ''), '')
param watch = orDefault(readEnvironmentVariable('WATCH', ''), '')
param watchSchedule = orDefault(readEnvironmentVariable('WATCH_SCHEDULE', ''), '')
param heldReasons = orDefault(readEnvironmentVariable('HELD_REASONS', ''), '')
param webhookSources = orDefault(readEnvironmentVariable('WEBHOOK_SOURCES', ''), '')
param notifyTargets = orDefault(readEnvironmentVariable('NOTIFY_TARGETS', ''), '')
param requestStatus = bool(orDefault(readEnvironmentVariable('REQUEST_STATUS', ''), 'false'))
param moreSettings = textsOf(orDefault(readEnvironmentVariable('MORE_SETTINGS', ''), '{}'))

// Logs and alerts. connect-alerts reads QUARANTINE_ALERT.
param workspaceId = orDefault(readEnvironmentVariable('WORKSPACE_ID', ''), '')
param auditLogsWorkspaceId = orDefault(readEnvironmentVariable('AUDIT_LOGS_WORKSPACE_ID', ''), '')
param operatorEmails = orDefault(readEnvironmentVariable('OPERATOR_EMAILS', ''), '')

// Network and size.
param virtualNetwork = bool(orDefault(readEnvironmentVariable('VIRTUAL_NETWORK', ''), 'false'))
param alwaysReadyHttp = int(orDefault(readEnvironmentVariable('ALWAYS_READY_HTTP', ''), '0'))
param alwaysReadyQueue = int(orDefault(readEnvironmentVariable('ALWAYS_READY_QUEUE', ''), '0'))
param maximumInstanceCount = int(orDefault(readEnvironmentVariable('MAXIMUM_INSTANCE_COUNT', ''), '40'))
param instanceMemoryMB = any(int(orDefault(readEnvironmentVariable('INSTANCE_MEMORY_MB', ''), '2048')))
