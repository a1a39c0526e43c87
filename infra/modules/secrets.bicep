// What must stay secret: the service's encryption key and the registries' passwords. The app's settings only refer to them.

@description('Name of the key vault.')
@minLength(3)
@maxLength(24)
param name string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Encryption key, 32 bytes in base64. Empty: one is made.')
@secure()
param secretKey string

@description('Registries as JSON.')
@secure()
param registries string

@description('Bearer token of registry push notifications. Empty: none.')
@secure()
param registryEventsToken string

@description('Brings a soft-deleted vault of this name back.')
param isRecovered bool

@description('Do not pass: chance for the encryption key, which Bicep offers nowhere but in defaults.')
@secure()
param chance string = newGuid()

@description('Do not pass: more chance for the encryption key.')
@secure()
param moreChance string = newGuid()

// 42 hexadecimal digits, read as base64, hold over 150 bits of chance; with '0=' they are base64 of exactly 32 bytes.
var digits = replace('${chance}${moreChance}', '-', '')
var madeKey = '${take(digits, 42)}0='

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    createMode: isRecovered ? 'recover' : 'default'
    enableRbacAuthorization: true
    enableSoftDelete: true
    // Losing the key means losing every stored secret, so not even the owner can purge it before its time.
    enablePurgeProtection: true
    softDeleteRetentionInDays: 90
  }
}

// Written once: another key would make all that is stored unreadable.
@onlyIfNotExists()
resource secretKeySecret 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = {
  parent: vault
  name: 'secret-key'
  properties: {
    value: empty(secretKey) ? madeKey : secretKey
    contentType: 'AES-256-GCM key, base64'
  }
}

resource registriesSecret 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = {
  parent: vault
  name: 'registries'
  properties: {
    value: registries
    contentType: 'application/json'
  }
}

resource registryEventsTokenSecret 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = if (!empty(registryEventsToken)) {
  parent: vault
  name: 'registry-events-token'
  properties: {
    value: registryEventsToken
    contentType: 'text/plain'
  }
}

output name string = vault.name
output secretKeyUri string = secretKeySecret.properties.secretUri
// With its version: a new one changes the app's settings, at which the app fetches all its secrets again.
output registriesUri string = registriesSecret.properties.secretUriWithVersion
output registryEventsTokenUri string = '${vault.properties.vaultUri}secrets/registry-events-token'
