import { type Deployed, deploy } from "./deploy.ts"
import type { Values } from "./evaluate.ts"
import { readInfra, readTemplates } from "./read-template.ts"

export const SAMPLE_PARAMETERS: Values = {
  environmentName: "sample",
  location: "westeurope",
  registries: JSON.stringify([{ name: "sample", loginServer: "sample.example" }]),
  oidcAudience: "11111111-1111-4111-8111-111111111111",
}

const CONTEXT: Values = {
  "newGuid()": "0f8fad5b-d9cb-469f-a165-70867728950e",
  "tenant()": { tenantId: "22222222-2222-4222-8222-222222222222" },
  "subscription()": { id: "/subscriptions/s", subscriptionId: "33333333-3333-4333-8333-333333333333" },
  "environment()": {
    authentication: { loginEndpoint: "https://login.microsoftonline.com/" },
    suffixes: { storage: "core.windows.net" },
  },
}

/** What Azure adds to the resources that our templates read from. */
function answer(type: string, { name, parent }: Values): Values {
  const id = `/${type}/${name}`
  const vault = ((parent as Values | undefined)?.properties as Values | undefined)?.vaultUri
  const properties: Record<string, Values> = {
    "Microsoft.Insights/components": { ConnectionString: "InstrumentationKey=0;IngestionEndpoint=https://sample" },
    "Microsoft.KeyVault/vaults": { vaultUri: `https://${name}.vault.azure.net/` },
    "Microsoft.KeyVault/vaults/secrets": {
      secretUri: `${vault}secrets/${name}`,
      secretUriWithVersion: `${vault}secrets/${name}/0`,
    },
    "Microsoft.ManagedIdentity/userAssignedIdentities": {
      clientId: "44444444-4444-4444-8444-444444444444",
      principalId: "55555555-5555-4555-8555-555555555555",
    },
    "Microsoft.ServiceBus/namespaces": { serviceBusEndpoint: `https://${name}.servicebus.windows.net:443/` },
    "Microsoft.Web/sites": { defaultHostName: `${name}.azurewebsites.net` },
  }
  return { id, properties: properties[type] ?? {} }
}

/** All of `infra/` worked out for one example, with parameters of choice. */
export function sampleDeployment(parameters: Values = {}): { resources: Deployed[]; outputs: Values } {
  const templates = readTemplates(readInfra(".bicep"))
  return deploy(templates, "main.bicep", { ...SAMPLE_PARAMETERS, ...parameters }, answer, CONTEXT)
}

/** The bodies of the new resources of one type. */
export function bodiesOf(resources: Deployed[], type: string): Values[] {
  return resources.filter((one) => one.type === type && !one.isExisting).map(({ body }) => body)
}
