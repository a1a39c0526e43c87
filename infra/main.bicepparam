using 'main.bicep'

// azd hands its environment's values (azd env set NAME value) to these. A .bicepparam and not a JSON file, since azd pastes
// values into JSON as text, which breaks on the quotes of SLIPWAY_REGISTRIES.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param registries = readEnvironmentVariable('SLIPWAY_REGISTRIES')
param secretKey = readEnvironmentVariable('SLIPWAY_SECRET_KEY', '')
param oidcIssuer = readEnvironmentVariable('SLIPWAY_OIDC_ISSUER', '')
param oidcAudience = readEnvironmentVariable('SLIPWAY_OIDC_AUDIENCE')
param launcher = readEnvironmentVariable('SLIPWAY_LAUNCHER', 'process')
param publicUrl = readEnvironmentVariable('SLIPWAY_CUSTOM_URL', '')
param registryEventsToken = readEnvironmentVariable('SLIPWAY_REGISTRY_EVENTS_TOKEN', '')
param registryResourceGroup = readEnvironmentVariable('SLIPWAY_RESOURCE_GROUP', '')
param alwaysReadyInstances = int(readEnvironmentVariable('SLIPWAY_ALWAYS_READY_INSTANCES', '1'))
param maximumInstances = int(readEnvironmentVariable('SLIPWAY_MAXIMUM_INSTANCES', '100'))
param recoverVault = bool(readEnvironmentVariable('SLIPWAY_RECOVER_VAULT', 'false'))
