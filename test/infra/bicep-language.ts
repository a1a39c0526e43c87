/** Functions of the Bicep language and what they return; `any` where that depends on the arguments. */
const BY_RESULT = {
  string:
    "base64 base64ToString concat dataUri dataUriToString dateTimeAdd extensionResourceId format guid join newGuid padLeft " +
    "readEnvironmentVariable replace resourceId string subscriptionResourceId substring tenantResourceId toLower toUpper " +
    "trim uniqueString uri uriComponent uriComponentToString utcNow loadTextContent",
  integer: "indexOf int lastIndexOf length",
  boolean: "bool contains empty endsWith startsWith",
  array: "array filter flatten items map objectKeys range sort split",
  object: "deployer deployment environment groupBy managementGroup resourceGroup subscription tenant toObject",
  any: "any coalesce first intersection json last loadJsonContent max min reduce skip take union",
}

export const FUNCTIONS: ReadonlyMap<string, string> = new Map(
  Object.entries(BY_RESULT).flatMap(([result, names]) => names.split(" ").map((name) => [name, result] as const)),
)

/** Functions that the compiler allows in one place only. */
export const DEFAULTS_ONLY: ReadonlySet<string> = new Set(["newGuid", "utcNow"])
export const PARAMETER_FILES_ONLY: ReadonlySet<string> = new Set(["readEnvironmentVariable"])

export const DECORATORS: ReadonlySet<string> = new Set(
  "allowed batchSize description export maxLength maxValue metadata minLength minValue onlyIfNotExists secure".split(
    " ",
  ),
)

/** Types that a template of subscription scope may hold itself; all others belong into a resource group. */
export const SUBSCRIPTION_TYPES: ReadonlySet<string> = new Set([
  "Microsoft.Resources/resourceGroups",
  "Microsoft.Authorization/roleAssignments",
  "Microsoft.Authorization/roleDefinitions",
])

/** The JSON type of a parameter or output type as written. */
export function jsonType(written: string): string | undefined {
  if (written.endsWith("[]")) return "array"
  if (written.startsWith("'")) return "string"
  const known: Record<string, string> = {
    string: "string",
    int: "integer",
    bool: "boolean",
    object: "object",
    array: "array",
  }
  return known[written.replace(/\?$/, "")]
}
