import { expect, test } from "vitest"
import { checkTemplates } from "./check-templates.ts"

/** A template without faults: the ones below change a line of it. */
const SOUND = `
@description('Region.')
param location string

@description('Tags.')
param tags object = {}

@description('A secret.')
@secure()
param password string

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' = {
  name: 'stexample'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
  }
  properties: {
    allowSharedKeyAccess: false
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-08-01' = {
  parent: account
  name: 'default'
}

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: 'kv-example'
}

resource secret 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = {
  parent: vault
  name: 'password'
  properties: {
    value: password
  }
}

output id string = account.id
`

const MAIN = `
targetScope = 'subscription'

@description('A secret.')
@secure()
param password string

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg'
  location: 'westeurope'
}

module part 'part.bicep' = {
  name: 'part'
  scope: group
  params: {
    location: group.location
    password: password
  }
}

output id string = part.outputs.id
`

const PARAMETERS = `
using 'main.bicep'

param password = readEnvironmentVariable('PASSWORD')
`

function problemsWith(file: "main.bicep" | "part.bicep" | "main.bicepparam", from = "", to = ""): string[] {
  const texts = { "main.bicep": MAIN, "part.bicep": SOUND, "main.bicepparam": PARAMETERS }
  expect(texts[file], "the text to change is there").toContain(from)
  texts[file] = texts[file].replace(from, to)
  const { "main.bicepparam": parameters, ...templates } = texts
  return checkTemplates(templates, { "main.bicepparam": parameters })
}

test("the sound templates have no problem", () => {
  expect(problemsWith("part.bicep")).toEqual([])
})

test.each([
  ["a brace too few", "  kind: 'StorageV2'\n", "  kind: {\n", "cannot be read|is missing"],
  [
    "what the grammar misreads",
    "location: location",
    "location: empty(location) ? '' : vault.name",
    "needs parentheses",
  ],
  ["an undeclared name", "location: location", "location: region", "region is not declared"],
  ["a parameter that nobody uses", "  tags: tags\n", "", "tags is never used"],
  ["a name declared twice", "param tags object", "param location object", "location is declared twice"],
  ["a parameter without a description", "@description('Tags.')\n", "", "tags has no description"],
  ["a decorator that does not exist", "@description('Tags.')", "@describe('Tags.')", "@describe is not"],
  ["a function that does not exist", "'stexample'", "toLowerCase('X')", "toLowerCase is not a function"],
  ["chance outside a default", "'stexample'", "newGuid()", "newGuid works in parameter defaults only"],
  ["the environment in a template", "'stexample'", "readEnvironmentVariable('X')", "works in .bicepparam only"],
  ["a type that is not listed", "storageAccounts@2025-08-01", "storageAccount@2025-08-01", "is not listed"],
  ["an api-version that is not listed", "storageAccounts@2025-08-01", "storageAccounts@1999-01-01", "is not listed"],
  ["a property that does not exist", "allowSharedKeyAccess", "allowSharedKeys", "no such property"],
  ["a read-only property", "allowSharedKeyAccess: false", "provisioningState: 'Succeeded'", "is read-only"],
  ["a value that is not listed", "'Standard_LRS'", "'Standard_XRS'", "Standard_XRS is none of"],
  ["a value outside a closed list", "allowSharedKeyAccess: false", "accessTier: 'Lukewarm'", "Lukewarm is none of"],
  ["a name of forbidden letters", "'stexample'", "'st-example'", "≠"],
  ["a missing property", "  kind: 'StorageV2'\n", "", "kind is required"],
  ["a property given twice", "  kind: 'StorageV2'", "  kind: 'StorageV2'\n  kind: 'StorageV2'", "given twice"],
  [
    "a literal of the wrong type",
    "allowSharedKeyAccess: false",
    "allowSharedKeyAccess: 'no'",
    "is string, not boolean",
  ],
  ["an expression of the wrong type", "location: location", "location: tags", "is object, not string"],
  ["an object for a string", "location: location", "location: {}", "is no string"],
  ["an array for an object", "  tags: tags\n", "  tags: [\n    tags\n  ]\n", "is no object"],
  ["a parent of another type", "parent: account", "parent: vault", "its parent is Microsoft.KeyVault/vaults"],
  ["a child without a parent", "  parent: account\n", "", "has no parent"],
  ["an output of a property that does not exist", "account.id", "account.identifier", "account has no identifier"],
  ["an output of the wrong type", "output id string = account.id", "output id string = 5", "is integer, not string"],
  ["an existing resource with properties", "'kv-example'", "'kv-example'\n  location: location", "only looked up"],
  ["a secret in an output", "= account.id", "= password", "a secret goes into output id"],
  ["a secret in a property", "'stexample'", "password", "a secret goes into account.name"],
  ["a secret with a default", "param password string", "param password string = 'letmein'", "has a default"],
  ["a key in a text", "'stexample'", "'AccountKey=abc'", "looks like a key"],
  ["a long random text", "'stexample'", `'${"Ab1".repeat(20)}=='`, "looks like a key"],
  ["a key that is fetched", "= account.id", "= account.listKeys().keys[0].value", "hands out a key"],
  ["a role that nobody knows", "'stexample'", "'8e3af657-a8ff-443c-a75c-2fe8c4bcb635'", "is not the role"],
])("%s is found", (_, from, to, message) => {
  expect(problemsWith("part.bicep", from, to).join("\n")).toMatch(new RegExp(message.replaceAll(".", "\\.")))
})

test.each([
  ["a module that does not exist", "'part.bicep'", "'parts.bicep'", "there is no module parts.bicep"],
  ["a module without its scope", "  scope: group\n", "", "is of resourceGroup scope and says not which"],
  ["a parameter that the module lacks", "password: password", "password: password\n    size: 1", "no parameter size"],
  ["a parameter that the module wants", "    location: group.location\n", "", "needs parameter location"],
  ["a parameter of the wrong type", "group.location", "true", "location is boolean, not string"],
  ["an output that the module lacks", "part.outputs.id", "part.outputs.name", "part has no output name"],
  ["a secret in an open parameter", "group.location", "password", "a secret goes into open parameter location"],
  ["a misspelt module property", "scope: group", "scope: group\n  dependOn: []", "dependOn is no property of a module"],
  ["a resource outside its scope", "resourceGroups@2025-04-01", "x@1", "is not listed"],
  ["the resource group of a subscription", "'westeurope'", "resourceGroup().location", "no resource group of its own"],
])("%s is found", (_, from, to, message) => {
  expect(problemsWith("main.bicep", from, to).join("\n")).toContain(message)
})

test("a resource that belongs into a resource group is found in a template of subscription scope", () => {
  const identity = "Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30"

  const problems = problemsWith("main.bicep", "Microsoft.Resources/resourceGroups@2025-04-01", identity)

  expect(problems.join("\n")).toContain("belongs into a module of resource group scope")
})

test.each([
  ["a parameter that the template lacks", "param password", "param passwords", "has no parameter passwords"],
  [
    "a parameter that is missing",
    "param password = readEnvironmentVariable('PASSWORD')",
    "",
    "needs parameter password",
  ],
  ["a value of the wrong type", "readEnvironmentVariable('PASSWORD')", "int('1')", "password is integer, not string"],
  ["another template", "'main.bicep'", "'other.bicep'", "uses no template of ours"],
])("%s is found in the parameter file", (_, from, to, message) => {
  expect(problemsWith("main.bicepparam", from, to).join("\n")).toContain(message)
})

test("a discriminated type without a listed discriminator is found", () => {
  const template = `
resource app 'Microsoft.Web/sites@2024-11-01' existing = {
  name: 'app'
}

resource policy 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'ftps'
  properties: {
    allow: false
  }
}
`
  expect(checkTemplates({ "a.bicep": template }).join()).toContain("name must be one of the listed literals")
  expect(checkTemplates({ "a.bicep": template.replace("ftps", "ftp") })).toEqual([])
})
