// The service's settings (shared/config.ts) and the Functions host's. No key is among them: identities, and references to
// secrets. Settings that are not here keep the defaults of the schema.

@description('Name of the function app.')
param functionAppName string

@description('Client id of the identity that it runs as.')
param identityClientId string

@description('Where telemetry goes; not a secret, since only Entra ID tokens open it.')
param applicationInsightsConnectionString string

@description('Storage account.')
param storageAccountName string

@description('Its blob endpoint, without a trailing slash.')
param blobUrl string

@description('Its table endpoint, without a trailing slash.')
param tableUrl string

@description('Host name of the Service Bus namespace.')
param serviceBusHost string

@description('Queue of runs to start.')
param runsQueueName string

@description('Key Vault URI of the encryption key.')
param secretKeyUri string

@description('Key Vault URI of the registries.')
param registriesUri string

@description('Key Vault URI of the token of push notifications. Empty: none.')
param registryEventsTokenUri string

@description('Where clients and builders reach the service.')
param publicUrl string

@description('Issuer of accepted tokens.')
param oidcIssuer string

@description('Audience of accepted tokens.')
param oidcAudience string

@description('Resource group that the registries appear in.')
param registryResourceGroup string

@description('Location that the registries show.')
param registryLocation string

@description('Where builders run.')
param launcher string

var credential = 'managedidentity'

resource app 'Microsoft.Web/sites@2024-11-01' existing = {
  name: functionAppName
}

resource settings 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: app
  name: 'appsettings'
  properties: union(
    {
      APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
      AzureWebJobsStorage__accountName: storageAccountName
      AzureWebJobsStorage__credential: credential
      AzureWebJobsStorage__clientId: identityClientId
      SlipwayServiceBus__fullyQualifiedNamespace: serviceBusHost
      SlipwayServiceBus__credential: credential
      SlipwayServiceBus__clientId: identityClientId
      SLIPWAY_PUBLIC_URL: publicUrl
      SLIPWAY_OIDC_ISSUER: oidcIssuer
      SLIPWAY_OIDC_AUDIENCE: oidcAudience
      SLIPWAY_TENANT_ID: tenant().tenantId
      SLIPWAY_SUBSCRIPTION_ID: subscription().subscriptionId
      SLIPWAY_RESOURCE_GROUP: registryResourceGroup
      SLIPWAY_LOCATION: registryLocation
      SLIPWAY_REGISTRIES: '@Microsoft.KeyVault(SecretUri=${registriesUri})'
      SLIPWAY_SECRET_KEY: '@Microsoft.KeyVault(SecretUri=${secretKeyUri})'
      SLIPWAY_STORAGE_ACCOUNT: storageAccountName
      SLIPWAY_BLOB_URL: blobUrl
      SLIPWAY_BLOB_PUBLIC_URL: blobUrl
      SLIPWAY_TABLE_URL: tableUrl
      SLIPWAY_IDENTITY_CLIENT_ID: identityClientId
      SLIPWAY_RUNS_QUEUE: runsQueueName
      SLIPWAY_LAUNCHER: launcher
    },
    empty(registryEventsTokenUri)
      ? {}
      : {
          SLIPWAY_REGISTRY_EVENTS_TOKEN: '@Microsoft.KeyVault(SecretUri=${registryEventsTokenUri})'
        }
  )
}

output publicUrl string = publicUrl
