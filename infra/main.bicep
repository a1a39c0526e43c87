// Slipway in one resource group. Read top to bottom: who it runs as, where state lives, what it may touch, where it runs.
targetScope = 'subscription'

@description('Name of the azd environment; names of all resources derive from it.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Azure region of every resource.')
@minLength(1)
param location string

@description('Registries that runs push to: JSON array as described for SLIPWAY_REGISTRIES in the README. Holds passwords.')
@secure()
@minLength(2)
param registries string

@description('Encryption key of the service, 32 bytes in base64. Empty: one is made. Only the first deployment reads it.')
@secure()
param secretKey string = ''

@description('Issuer of the tokens that the API accepts. Empty: Entra ID (v2.0) of the tenant that is deployed to.')
param oidcIssuer string = ''

@description('Audience of those tokens, usually the client id of the app registration. Several are comma-separated.')
@minLength(1)
param oidcAudience string

// A function app has no socket of the process launcher: until a launcher for Azure is in this list, runs are not started here.
@description('Where builders run.')
@allowed([
  'process'
])
param launcher string = 'process'

@description('Address of the service when it has a domain of its own, without a trailing slash. Empty: the address that Azure gives it.')
param publicUrl string = ''

@description('Bearer token that registry push notifications carry, at least 16 characters. Empty: none are accepted.')
@secure()
param registryEventsToken string = ''

@description('Resource group that the registries appear in, as clients see it. Empty: the one that is deployed to.')
param registryResourceGroup string = ''

@description('Instances that always wait for HTTP requests, so that no client meets a cold start.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 1

@description('Most instances that any scale group may grow to.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 100

@description('True once, after azd down: brings the soft-deleted key vault back, whose purge protection keeps its name taken.')
param recoverVault bool = false

var suffix = toLower(uniqueString(subscription().id, environmentName, location))
var tags = {
  'azd-env-name': environmentName
}

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: 'id-slipway-${suffix}'
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: 'stslipway${suffix}'
    location: location
    tags: tags
  }
}

module serviceBus 'modules/service-bus.bicep' = {
  name: 'service-bus'
  scope: group
  params: {
    name: 'sb-slipway-${suffix}'
    location: location
    tags: tags
  }
}

module secrets 'modules/secrets.bicep' = {
  name: 'secrets'
  scope: group
  params: {
    name: 'kv-slip-${suffix}'
    location: location
    tags: tags
    secretKey: secretKey
    registries: registries
    registryEventsToken: registryEventsToken
    isRecovered: recoverVault
  }
}

module access 'modules/access.bicep' = {
  name: 'access'
  scope: group
  params: {
    principalId: identity.outputs.principalId
    storageAccountName: storage.outputs.name
    serviceBusNamespaceName: serviceBus.outputs.name
    runsQueueName: serviceBus.outputs.runsQueueName
    vaultName: secrets.outputs.name
    applicationInsightsName: monitoring.outputs.applicationInsightsName
  }
}

module functionApp 'modules/function-app.bicep' = {
  name: 'function-app'
  scope: group
  params: {
    name: 'func-slipway-${suffix}'
    planName: 'plan-slipway-${suffix}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    alwaysReadyInstances: alwaysReadyInstances
    maximumInstances: maximumInstances
  }
  // It fetches its package and its secrets as soon as it exists: the roles must be there by then.
  dependsOn: [
    access
  ]
}

module settings 'modules/app-settings.bicep' = {
  name: 'app-settings'
  scope: group
  params: {
    functionAppName: functionApp.outputs.name
    identityClientId: identity.outputs.clientId
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    storageAccountName: storage.outputs.name
    blobUrl: storage.outputs.blobUrl
    tableUrl: storage.outputs.tableUrl
    serviceBusHost: serviceBus.outputs.host
    runsQueueName: serviceBus.outputs.runsQueueName
    secretKeyUri: secrets.outputs.secretKeyUri
    registriesUri: secrets.outputs.registriesUri
    registryEventsTokenUri: !empty(registryEventsToken) ? secrets.outputs.registryEventsTokenUri : ''
    publicUrl: empty(publicUrl) ? functionApp.outputs.url : publicUrl
    oidcIssuer: empty(oidcIssuer) ? '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0' : oidcIssuer
    oidcAudience: oidcAudience
    registryResourceGroup: empty(registryResourceGroup) ? group.name : registryResourceGroup
    registryLocation: location
    launcher: launcher
  }
}

@description('Where the service answers.')
output SLIPWAY_PUBLIC_URL string = settings.outputs.publicUrl
output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_NAME string = functionApp.outputs.name
