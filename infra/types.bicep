// Shared by the templates and main.bicepparam: parameter types, and functions that read texts.

@export()
@description('Microsoft Graph\'s endpoint in a cloud.')
type graphEndpoint =
  | 'https://graph.microsoft.com'
  | 'https://graph.microsoft.us'
  | 'https://dod-graph.microsoft.us'
  | 'https://microsoftgraph.chinacloudapi.cn'

@export()
type graphVersion = 'v1.0' | 'beta'

@export()
@description('Tags or app settings. Every value is a string.')
type texts = { *: string }

@export()
@description('Number of always-ready instances.')
@minValue(0)
type alwaysReadyCount = int

@export()
@description('Most instances per function.')
@minValue(1)
@maxValue(1000)
type instanceLimit = int

@export()
@description('Memory of an instance, in MB.')
type instanceMemory = 512 | 2048 | 4096

@export()
@description('A sender that signs its payloads.')
type sender = 'generic' | 'jira' | 'pagerduty' | 'standard-webhooks' | 'zendesk'

@export()
@description('A target of notices.')
type target = 'teams' | 'slack' | 'slack-thread' | 'webhook' | 'jira' | 'servicenow' | 'zendesk' | 'freshservice' | 'pagerduty'

@export()
@description('The text, or the default if it is blank. azd keeps a cleared value as an empty one.')
func orDefault(text string, default string) string => empty(trim(text)) ? default : trim(text)

@export()
@description('The strings of a JSON object. json() accepts a text without its last brace, but this function does not.')
func textsOf(text string) texts => json(endsWith(trim(text), '}') ? text : 'cut off: ${text}')

@export()
@description('The items of a comma-separated text: trimmed, without empty ones and repeats.')
func items(text string) string[] => union([], filter(map(split(text, ','), item => trim(item)), item => !empty(item)))
