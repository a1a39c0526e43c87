import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { Settings } from "../../shared/config.ts"
import { STORAGE_NAMES } from "../../shared/storage-names.ts"
import { partsOf } from "./bicep-syntax.ts"
import { ROLES } from "./check-secrets.ts"
import type { Values } from "./evaluate.ts"
import { declared, INFRA, readInfra, readTemplates, stringOf } from "./read-template.ts"
import { bodiesOf, sampleDeployment } from "./sample-deployment.ts"

const { resources } = sampleDeployment()

function only(type: string): { name: string; properties: Values } & Values {
  const bodies = bodiesOf(resources, type)
  expect(bodies, type).toHaveLength(1)
  return bodies[0] as { name: string; properties: Values }
}

test("the containers and the table are those of the code, and one for the deployed package", () => {
  const containers = bodiesOf(resources, "Microsoft.Storage/storageAccounts/blobServices/containers")

  expect(containers.map(({ name }) => name)).toEqual([...Object.values(STORAGE_NAMES.containers), "deployments"])
  expect(only("Microsoft.Storage/storageAccounts/tableServices/tables").name).toBe(STORAGE_NAMES.table)
})

test("standard logs go 30 days after creation as the service promises, archived ones stay", () => {
  const days = Settings.shape.SLIPWAY_RETENTION_DAYS.parse(undefined)

  const { policy } = only("Microsoft.Storage/storageAccounts/managementPolicies").properties as {
    policy: { rules: { enabled: boolean; definition: Values }[] }
  }

  const about = (container: string) =>
    policy.rules.filter(({ definition }) =>
      (definition.filters as { prefixMatch: string[] }).prefixMatch.includes(`${container}/`),
    )
  const { logs, requests, source } = STORAGE_NAMES.containers
  expect(days).toBe(30)
  expect(policy.rules).toHaveLength(3)
  expect(about(logs)).toMatchObject([
    {
      enabled: true,
      definition: {
        filters: {
          blobTypes: ["appendBlob"],
          prefixMatch: ["logs/"],
          blobIndexMatch: [{ name: "retention", op: "==", value: "standard" }],
        },
        actions: { baseBlob: { delete: { daysAfterCreationGreaterThan: days } } },
      },
    },
  ])
  expect(about(requests)).toMatchObject([
    {
      enabled: true,
      definition: {
        filters: { blobTypes: ["blockBlob"] },
        actions: { baseBlob: { delete: { daysAfterCreationGreaterThan: days } } },
      },
    },
  ])
  expect(about(source)).toMatchObject([
    {
      enabled: true,
      definition: {
        filters: { blobTypes: ["blockBlob"] },
        actions: { baseBlob: { delete: { daysAfterCreationGreaterThan: 1 } } },
      },
    },
  ])
})

test("deleted logs and uploads are gone, not kept by soft delete or versions", () => {
  const { properties } = only("Microsoft.Storage/storageAccounts/blobServices")

  expect(properties).toEqual({
    deleteRetentionPolicy: { enabled: false },
    containerDeleteRetentionPolicy: { enabled: false },
  })
})

test("nothing opens by a key: storage, Service Bus, telemetry, publishing, vault", () => {
  const passwords = bodiesOf(resources, "Microsoft.Web/sites/basicPublishingCredentialsPolicies")

  expect(only("Microsoft.Storage/storageAccounts").properties).toMatchObject({
    allowSharedKeyAccess: false,
    allowBlobPublicAccess: false,
    minimumTlsVersion: "TLS1_2",
    supportsHttpsTrafficOnly: true,
  })
  expect(only("Microsoft.ServiceBus/namespaces").properties).toMatchObject({ disableLocalAuth: true })
  expect(only("Microsoft.Insights/components").properties).toMatchObject({ DisableLocalAuth: true })
  expect(only("Microsoft.OperationalInsights/workspaces").properties).toMatchObject({
    features: { disableLocalAuth: true },
  })
  expect(only("Microsoft.KeyVault/vaults").properties).toMatchObject({
    enableRbacAuthorization: true,
    enablePurgeProtection: true,
  })
  expect(passwords.map(({ name, properties }) => [name, (properties as Values).allow])).toEqual([
    ["ftp", false],
    ["scm", false],
  ])
})

test("the runs queue has the code's name, and the rules that handlers and re-sends count on", () => {
  const queue = only("Microsoft.ServiceBus/namespaces/queues")

  expect(queue.name).toBe(Settings.shape.SLIPWAY_RUNS_QUEUE.parse(undefined))
  expect(queue.properties).toEqual({
    lockDuration: "PT1M",
    maxDeliveryCount: 10,
    requiresDuplicateDetection: true,
    duplicateDetectionHistoryTimeWindow: "PT10M",
    defaultMessageTimeToLive: "P1D",
    deadLetteringOnMessageExpiration: true,
  })
})

test("the function app is a Flex Consumption one on Node 22 that deploys with its identity", () => {
  const app = only("Microsoft.Web/sites")

  expect(only("Microsoft.Web/serverfarms")).toMatchObject({ sku: { name: "FC1", tier: "FlexConsumption" } })
  expect(app.kind).toBe("functionapp,linux")
  expect(app.tags).toEqual({ "azd-env-name": "sample", "azd-service-name": "api" })
  expect(app.identity).toEqual({
    type: "UserAssigned",
    userAssignedIdentities: {
      "/Microsoft.ManagedIdentity/userAssignedIdentities/id-slipway-abcdefghijklm": {},
    },
  })
  expect(app.properties.functionAppConfig).toMatchObject({
    runtime: { name: "node", version: "22" },
    deployment: {
      storage: {
        type: "blobContainer",
        value: "https://stslipwayabcdefghijklm.blob.core.windows.net/deployments",
        authentication: { type: "UserAssignedIdentity" },
      },
    },
    scaleAndConcurrency: {
      instanceMemoryMB: 2048,
      maximumInstanceCount: 100,
      alwaysReady: [{ name: "http", instanceCount: 1 }],
    },
  })
})

test("the identity may do exactly this", () => {
  const names = new Map(Object.entries(ROLES).map(([name, id]) => [id, name]))

  const given = bodiesOf(resources, "Microsoft.Authorization/roleAssignments").map(({ scope, properties }) => {
    const { roleDefinitionId, principalId } = properties as Record<string, string>
    expect(principalId).toBe("55555555-5555-4555-8555-555555555555")
    const [type] = String((scope as Values).id)
      .slice(1)
      .split(/\/(?=[^/]*$)/)
    return `${type}: ${names.get(roleDefinitionId?.split("/").at(-1) ?? "")}`
  })

  expect(given).toEqual([
    "Microsoft.Storage/storageAccounts: storageBlobDataOwner",
    "Microsoft.Storage/storageAccounts: storageTableDataContributor",
    "Microsoft.ServiceBus/namespaces/queues: serviceBusDataSender",
    "Microsoft.ServiceBus/namespaces/queues: serviceBusDataReceiver",
    "Microsoft.ServiceBus/namespaces: reader",
    "Microsoft.KeyVault/vaults: keyVaultSecretsUser",
    "Microsoft.Insights/components: monitoringMetricsPublisher",
  ])
})

test("the encryption key is written once, and a second deployment leaves it alone", () => {
  const template = readTemplates(readInfra("secrets.bicep")).get("modules/secrets.bicep")

  const once = declared(template!, "resource").filter(({ decorators }) => decorators.has("onlyIfNotExists"))

  expect(once.map(({ name }) => name)).toEqual(["secretKeySecret"])
})

test("the launchers to choose from are the code's", () => {
  const main = readTemplates(readInfra("main.bicep")).get("main.bicep")

  const launcher = declared(main!, "param").find(({ name }) => name === "launcher")

  const allowed = partsOf(launcher?.decorators.get("allowed")?.[0] ?? main!.root).map(stringOf)
  expect(allowed).toEqual(Settings.shape.SLIPWAY_LAUNCHER.unwrap().options)
})

test("names of resources keep to Azure's limits of length", () => {
  const names = new Map(resources.map(({ type, body }) => [type, String(body.name)]))

  expect(names.get("Microsoft.Storage/storageAccounts")).toMatch(/^[a-z0-9]{3,24}$/)
  expect(names.get("Microsoft.KeyVault/vaults")).toMatch(/^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/)
  expect(names.get("Microsoft.ServiceBus/namespaces")).toMatch(/^[a-zA-Z][a-zA-Z0-9-]{4,48}[a-zA-Z0-9]$/)
  expect(names.get("Microsoft.Web/sites")).toMatch(/^[a-zA-Z0-9-]{2,60}$/)
})

test("each file of the templates is in use and none is long", () => {
  const main = readFileSync(`${INFRA}main.bicep`, "utf8")

  for (const [file, text] of Object.entries(readInfra(".bicep"))) {
    if (file !== "main.bicep") expect(main).toContain(`'${file}'`)
    expect(text.split("\n").length, file).toBeLessThanOrEqual(250)
  }
})
