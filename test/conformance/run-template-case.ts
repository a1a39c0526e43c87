import { stringify } from "yaml"
import { z } from "zod"
import { readTaskFile } from "../../shared/task-file/read-task-file.ts"
import type { SecretReference } from "../../shared/task-file/task.ts"
import { mergeValues } from "../../shared/templates/merge-values.ts"
import { readSetValues } from "../../shared/templates/read-set-values.ts"
import { readValues } from "../../shared/templates/read-values.ts"
import { type RenderOptions, renderTemplate } from "../../shared/templates/render-template.ts"
import { shellQuote } from "../../shared/templates/shell-quote.ts"
import { stripComments } from "../../shared/templates/strip-comments.ts"
import { templateRoots } from "../../shared/templates/template-roots.ts"
import { GoMap } from "../../shared/templates/values/go-value.ts"
import { toGoValue } from "../../shared/templates/values/to-go-value.ts"

const Outcome = z.object({
  output: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  error: z.string().optional(),
})
/** One case of ACR's data set, as `conventions` in the file describes it. */
export const TemplateCase = z.object({
  id: z.string(),
  kind: z.enum([
    "steps",
    "build",
    "engine",
    "override",
    "set-parse",
    "registry-name",
    "shell-quote",
    "strip-comments",
    "secrets-mock",
  ]),
  template: z.string().default(""),
  values_yaml: z.string().optional(),
  values2_yaml: z.string().optional(),
  set: z.array(z.string()).optional(),
  run: z.record(z.string(), z.string()).optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  expect: Outcome,
})
export type TemplateCase = z.infer<typeof TemplateCase>
export type TemplateOutcome = z.infer<typeof Outcome>

/** Where we deliberately differ from ACR, as rules on the input: what we expect instead. */
export const templateRules: {
  rule: string
  reason: string
  /** What we expect of a case that the rule is about; `undefined`: the rule is not about it. */
  expects(input: TemplateCase): TemplateOutcome | { error: RegExp } | undefined
}[] = [
  {
    rule: "values-may-nest",
    reason: "maps in values are usable; in ACR one that nests fails every run, even unused",
    expects: (input) => {
      if (input.expect.error?.includes("json: unsupported type: map[interface {}]interface {}") !== true)
        return undefined
      return withoutNestingError(input)
    },
  },
  {
    rule: "scripts-keep-their-comments",
    reason: "comment-like lines inside block scalars survive: a shebang or a comment belongs to the script",
    expects: (input) => {
      const isText = input.kind === "steps" || input.kind === "strip-comments"
      if (!isText || typeof input.expect.output !== "string" || input.template.includes("{{")) return undefined
      return stripComments(input.template).text === withoutCommentLines(input.template)
        ? undefined
        : { output: stripComments(input.template).text }
    },
  },
  {
    rule: "yaml-in-our-words",
    reason: "what is wrong in a values file is said by our YAML parser, with line and column",
    expects: ({ expect }) =>
      expect.error?.includes("failed to deserialize values") === true
        ? { error: /failed to deserialize values/ }
        : undefined,
  },
  {
    rule: "vault-urls-are-checked",
    reason: "what is no URL of a Key Vault secret is told with its line; in ACR the run fails later, at the vault",
    expects: ({ kind, template, expect }) =>
      kind === "secrets-mock" && expect.error === undefined && /keyvault: (?!http|\{\{\.Values)/.test(template)
        ? { error: /keyvault is no URL of a Key Vault secret/ }
        : undefined,
  },
  {
    rule: "mistakes-of-secrets-together",
    reason: "all mistakes are told at once and without the stage that found them; identities are no secrets here",
    expects({ kind, expect }) {
      if (kind !== "secrets-mock" || expect.error === undefined) return undefined
      const core = expect.error.replace("failed to parse template to create task: ", "")
      return { error: new RegExp(core.replace(/,? or msi clientID.*$/, "").replace(/[.*+?^${}()|[\]\\]/g, "\\$&")) }
    },
  },
]

const now = () => new Date("2010-05-20T13:14:22Z")
const options: RenderOptions = { now, environment: { ACB_TEST_ENV: "envval" } }

/** Runs a case through our own code. */
export async function runTemplateCase(input: TemplateCase): Promise<TemplateOutcome> {
  switch (input.kind) {
    case "steps":
      return renderSteps(input)
    case "build":
      return renderBuild(input)
    case "engine":
      return render(input.template, input.data ?? {})
    case "override":
      return renderOverride(input)
    case "set-parse": {
      const read = readSetValues(input.set ?? [])
      if (!read.ok) return { error: read.problem }
      const plain = Object.fromEntries([...read.values.entries].toSorted(([left], [right]) => (left < right ? -1 : 1)))
      return { output: stringify(plain, { version: "1.1" }) }
    }
    case "registry-name":
      return { output: registryNameOf(input.template) }
    case "shell-quote":
      return { output: shellQuote(input.template) }
    case "strip-comments":
      return { output: stripComments(input.template).text }
    case "secrets-mock":
      return await resolveSecrets(input)
  }
}

function renderSteps(input: TemplateCase): TemplateOutcome {
  const values = valuesOf(input)
  if (!(values instanceof GoMap)) return { error: `error while loading exec steps: ${values.error}` }
  const text = stripComments(input.template).text
  const roots = templateRoots({ run: runOf(input.run ?? {}), values, secrets: {} })
  if (text.includes("secrets")) {
    const first = render(text, roots)
    if (first.error !== undefined)
      return {
        error: `failed to resolve secrets in the task with error: failed to render the template: ${first.error}`,
      }
  }
  const outcome = render(text, roots)
  if (outcome.error !== undefined) return { error: `error while rendering templates: ${outcome.error}` }
  return outcome.output === "" && text !== "" ? { error: "rendered template was empty" } : outcome
}

function renderBuild(input: TemplateCase): TemplateOutcome {
  const values = valuesOf(input)
  if (!(values instanceof GoMap)) return { error: values.error }
  const outcome = render(input.template, templateRoots({ run: runOf(input.run ?? {}), values, secrets: {} }))
  return outcome.error === undefined ? outcome : { error: `error while rendering templates: ${outcome.error}` }
}

function renderOverride(input: TemplateCase): TemplateOutcome {
  const values = readValues(input.values_yaml ?? "")
  const later = readValues(input.values2_yaml ?? "")
  if (!values.ok) return { error: values.problem.message }
  if (!later.ok) return { error: later.problem.message }
  return render(input.template, Object.fromEntries(mergeValues(values.values, later.values).entries))
}

/** The references that reading the file asks values for; without any, it asks for none. */
async function resolveSecrets({ template, data }: TemplateCase): Promise<TemplateOutcome> {
  const roots = (secrets: Readonly<Record<string, string>>) =>
    templateRoots({ run: { ID: String(data?.ID ?? "") }, values: mapFrom(data ?? {}), secrets })
  let asked: SecretReference[] = []
  const read = await readTaskFile(template, {
    render: (source, given) => renderTemplate(source, given, options),
    roots,
    loadAlias: async () => ({ ok: false, problem: "there are no files" }),
    async resolveSecrets(references) {
      asked = references
      return { ok: true, values: Object.fromEntries(references.map(({ id }) => [id, ""])) }
    },
    platform: "linux",
  })
  const ofSecrets = read.ok ? [] : read.problems.map(({ message }) => message).filter((one) => /secret/.test(one))
  if (ofSecrets.length > 0) return { error: ofSecrets.join("\n") }
  return { output: Object.fromEntries(asked.map(({ id, keyVault, clientId }) => [id, `${keyVault}-${clientId}`])) }
}

function render(template: string, roots: Record<string, unknown>): TemplateOutcome {
  const result = renderTemplate(template, roots, options)
  return result.ok ? { output: result.rendered.text } : { error: result.problem.message }
}

function valuesOf({ values_yaml, set }: TemplateCase): GoMap | { error: string } {
  const given = readSetValues(set ?? [])
  if (!given.ok) return { error: given.problem }
  const values = readValues(values_yaml ?? "")
  if (!values.ok) return { error: `failed to override values: ${values.problem.message}` }
  return mergeValues(values.values, given.values)
}

function runOf(run: Record<string, string>): Record<string, string> {
  const names =
    "ID Commit Repository Branch GitTag TriggeredBy Registry SharedVolume OS OSVersion Architecture TaskName"
  const known = Object.fromEntries(names.split(" ").map((name) => [name, run[name] ?? ""]))
  return { ...known, RegistryName: registryNameOf(run.Registry ?? ""), Date: "20100520-131422z" }
}

/** ACR's rule; the product itself takes the registry's resource name (`run-variables.ts`). */
function registryNameOf(registry: string): string {
  return registry.split(".")[0] ?? ""
}

function mapFrom(data: Record<string, unknown>): GoMap {
  const value = toGoValue(data)
  return value instanceof GoMap
    ? new GoMap("templating.Values", value.entries)
    : new GoMap("templating.Values", new Map())
}

/** What ACR's own way of deleting comments gives: every line that begins with `#`. */
function withoutCommentLines(text: string): string {
  return text.replace(/^[ \t]*#.*(?:\n|$)/gm, "")
}

/** A case whose nesting ACR refuses has no expected output; with nesting it renders, or fails for a reason of its own. */
function withoutNestingError(input: TemplateCase): TemplateOutcome | { error: RegExp } {
  const outcome = renderSteps(input)
  return outcome.error === undefined ? outcome : { error: /^error while rendering templates: / }
}
