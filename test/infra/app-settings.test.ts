import { expect, test } from "vitest"
import { Settings } from "../../shared/config.ts"
import { bodiesOf, sampleDeployment } from "./sample-deployment.ts"

/** The function app's settings as its process would see them: references to the vault replaced by its secrets. */
function environmentOf({ resources }: ReturnType<typeof sampleDeployment>): Record<string, string> {
  const secrets = new Map(
    bodiesOf(resources, "Microsoft.KeyVault/vaults/secrets").map(({ name, properties }) => [
      name,
      (properties as { value: string }).value,
    ]),
  )
  const [settings] = bodiesOf(resources, "Microsoft.Web/sites/config")
  return Object.fromEntries(
    Object.entries(settings?.properties as Record<string, unknown>).map(([name, value]) => {
      if (typeof value !== "string") throw new Error(`${name} is not known: ${JSON.stringify(value)}`)
      const secret = /^@Microsoft\.KeyVault\(SecretUri=https:\/\/[^/]+\/secrets\/([^/)]+)/.exec(value)?.[1]
      return [name, secret === undefined ? value : (secrets.get(secret) ?? `no secret ${secret}`)]
    }),
  )
}

const OWN = /^(SLIPWAY_|SlipwayServiceBus(__|$))/
/** The Functions host's half of an identity-based connection; the service itself does not read it. */
const HOST_ONLY = ["SlipwayServiceBus__credential", "SlipwayServiceBus__clientId"]

test("the service accepts the settings that the templates give it", () => {
  const environment = environmentOf(sampleDeployment({ registryEventsToken: "0123456789abcdef" }))

  const result = Settings.safeParse(environment)

  expect(result.error?.issues ?? []).toEqual([])
  expect(result.data).toMatchObject({
    SLIPWAY_PUBLIC_URL: "https://func-slipway-abcdefghijklm.azurewebsites.net",
    SLIPWAY_OIDC_ISSUER: "https://login.microsoftonline.com/22222222-2222-4222-8222-222222222222/v2.0",
    SLIPWAY_BLOB_PUBLIC_URL: "https://stslipwayabcdefghijklm.blob.core.windows.net",
    SLIPWAY_TABLE_URL: "https://stslipwayabcdefghijklm.table.core.windows.net",
    SLIPWAY_RESOURCE_GROUP: "rg-sample",
    SLIPWAY_REGISTRY_EVENTS_TOKEN: "0123456789abcdef",
    SlipwayServiceBus__fullyQualifiedNamespace: "sb-slipway-abcdefghijklm.servicebus.windows.net",
  })
})

test("every setting without a default is set, and every setting that is set exists", () => {
  const set = Object.keys(environmentOf(sampleDeployment({ registryEventsToken: "0123456789abcdef" })))

  const needed = Object.entries(Settings.shape).filter(([, schema]) => !schema.safeParse(undefined).success)
  const unknown = set.filter((name) => OWN.test(name) && !HOST_ONLY.includes(name) && !(name in Settings.shape))

  expect(set).toEqual(expect.arrayContaining(needed.map(([name]) => name)))
  expect(unknown).toEqual([])
})

test("a token for push notifications that is not given is not set at all", () => {
  expect(environmentOf(sampleDeployment())).not.toHaveProperty("SLIPWAY_REGISTRY_EVENTS_TOKEN")
})

test("no key is among the settings, and nothing that Flex Consumption refuses", () => {
  const set = Object.keys(environmentOf(sampleDeployment()))

  const keys = set.filter((name) => /^(SLIPWAY_STORAGE_KEY|SlipwayServiceBus|AzureWebJobsStorage)$/.test(name))
  const refused = set.filter((name) => /^(WEBSITE_|FUNCTIONS_|SCM_|ENABLE_ORYX|AzureWebJobsDashboard)/.test(name))

  expect({ keys, refused }).toEqual({ keys: [], refused: [] })
})

test("the storage and Service Bus connections of the host go by the service's identity", () => {
  const environment = environmentOf(sampleDeployment())

  const clientId = "44444444-4444-4444-8444-444444444444"
  expect(environment).toMatchObject({
    AzureWebJobsStorage__accountName: environment.SLIPWAY_STORAGE_ACCOUNT,
    AzureWebJobsStorage__credential: "managedidentity",
    AzureWebJobsStorage__clientId: clientId,
    SlipwayServiceBus__credential: "managedidentity",
    SlipwayServiceBus__clientId: clientId,
    SLIPWAY_IDENTITY_CLIENT_ID: clientId,
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: `ClientId=${clientId};Authorization=AAD`,
  })
})

test("an encryption key that the operator brings is used instead of a made one", () => {
  const own = Buffer.alloc(32, 7).toString("base64")

  const { SLIPWAY_SECRET_KEY: made } = environmentOf(sampleDeployment())
  const { SLIPWAY_SECRET_KEY: given } = environmentOf(sampleDeployment({ secretKey: own }))

  expect(Buffer.from(made ?? "", "base64")).toHaveLength(32)
  expect(given).toBe(own)
})
