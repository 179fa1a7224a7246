// What the templates and main.bicepparam have in common: the types of their parameters, and how texts are read.

@export()
@description('Microsoft Graph of a cloud.')
type graphEndpoint =
  | 'https://graph.microsoft.com'
  | 'https://graph.microsoft.us'
  | 'https://dod-graph.microsoft.us'
  | 'https://microsoftgraph.chinacloudapi.cn'

@export()
type graphVersion = 'v1.0' | 'beta'

@export()
@description('Tags, or app settings: every value is a text.')
type texts = { *: string }

@export()
@description('Instances that always wait.')
@minValue(0)
type alwaysReadyCount = int

@export()
@description('Most instances that a function scales out to.')
@minValue(1)
@maxValue(1000)
type instanceLimit = int

@export()
@description('MB of memory of an instance.')
type instanceMemory = 512 | 2048 | 4096

@export()
@description('A sender that signs what it sends.')
type sender = 'generic' | 'jira' | 'pagerduty' | 'standard-webhooks' | 'zendesk'

@export()
@description('A target of notices.')
type target = 'teams' | 'slack' | 'slack-thread' | 'webhook' | 'jira' | 'servicenow' | 'zendesk' | 'freshservice' | 'pagerduty'

@export()
@description('The text, or the default where it is blank: azd keeps a value that was cleared as an empty one.')
func orDefault(text string, default string) string => empty(trim(text)) ? default : trim(text)

@export()
@description('The texts of a JSON object. json() overlooks a brace that is missing at the end; nothing else in it is JSON then.')
func textsOf(text string) texts => json(endsWith(trim(text), '}') ? text : 'cut off: ${text}')

@export()
@description('The items of a text between its commas, each once, without blanks around them and without empty ones.')
func items(text string) string[] => union([], filter(map(split(text, ','), item => trim(item)), item => !empty(item)))
