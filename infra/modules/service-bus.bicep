// The queue between a stored run and the function that starts it. Messages carry ids only; the truth is in the table.

@description('Name of the namespace.')
@minLength(6)
@maxLength(50)
param name string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

// Basic has no duplicate detection.
resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'Standard'
    tier: 'Standard'
  }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
  }
}

// A repeated send of the same attempt is swallowed by duplicate detection; a wanted one has a new message id (runId.attempt).
resource runs 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
  parent: namespace
  name: 'runs'
  properties: {
    lockDuration: 'PT1M'
    maxDeliveryCount: 10
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: 'PT10M'
    defaultMessageTimeToLive: 'P1D'
    deadLetteringOnMessageExpiration: true
  }
}

output name string = namespace.name
// The endpoint reads https://<host>:443/.
output host string = split(replace(namespace.properties.serviceBusEndpoint, 'https://', ''), ':')[0]
output runsQueueName string = runs.name
