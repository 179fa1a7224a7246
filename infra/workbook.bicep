// The workbook: results of start requests and states of watched jobs, from the app's log lines (queries/).

import { texts } from 'types.bicep'

param location string
param tags texts
param applicationInsightsName string

var ended = loadTextContent('queries/ended.kql')
var watched = loadTextContent('queries/watched.kql')

var charts = [
  {
    title: 'Requests by outcome'
    query: '${ended}${loadTextContent('queries/starts-by-outcome.kql')}'
    visualization: 'barchart'
  }
  {
    title: 'Jobs that relapse'
    query: '${ended}${loadTextContent('queries/relapses.kql')}'
    visualization: 'table'
  }
  {
    title: 'From quarantine to start, in minutes'
    query: '${ended}${loadTextContent('queries/quarantine-to-start.kql')}'
    visualization: 'table'
  }
  {
    title: 'From start to recovery or relapse, in minutes'
    query: '${ended}${loadTextContent('queries/start-to-recovery.kql')}'
    visualization: 'table'
  }
  {
    title: 'What is held, and why'
    query: '${ended}${loadTextContent('queries/held.kql')}'
    visualization: 'table'
  }
  {
    title: 'Watched jobs by state, at the last look'
    query: '${watched}${loadTextContent('queries/jobs-by-state.kql')}'
    visualization: 'table'
  }
  {
    title: 'Quarantines at the last look, and since when each lasts'
    query: '${watched}${loadTextContent('queries/quarantines.kql')}'
    visualization: 'table'
  }
  {
    title: 'Errors by reason'
    query: '${ended}${loadTextContent('queries/errors.kql')}'
    visualization: 'table'
  }
]

// Shapes: microsoft/Application-Insights-Workbooks, schema/workbook.json.
var timeRange = {
  type: 9
  name: 'parameters'
  content: {
    version: 'KqlParameterItem/1.0'
    style: 'pills'
    parameters: [
      {
        id: guid('TimeRange')
        version: 'KqlParameterItem/1.0'
        name: 'TimeRange'
        label: 'Time range'
        type: 4
        isRequired: true
        value: { durationMs: 604800000 }
        typeSettings: {
          allowCustom: true
          selectableValues: [
            { durationMs: 86400000 }
            { durationMs: 604800000 }
            { durationMs: 2592000000 }
          ]
        }
      }
    ]
  }
}

var chartItems = [
  for (chart, index) in charts: {
    type: 3
    name: 'chart-${index}'
    content: {
      version: 'KqlItem/1.0'
      title: chart.title
      query: chart.query
      visualization: chart.visualization
      size: 0
      timeContextFromParameter: 'TimeRange'
      queryType: 0
      resourceType: 'microsoft.insights/components'
    }
  }
]

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(applicationInsights.id, 'start-job-function')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Starts of provisioning jobs'
    category: 'workbook'
    sourceId: applicationInsights.id
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat([timeRange], chartItems)
      fallbackResourceIds: [applicationInsights.id]
    })
  }
}
