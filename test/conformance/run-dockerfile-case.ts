// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are Dockerfile variables
import { isDeepStrictEqual } from "node:util"
import { z } from "zod"
import { readDockerfile } from "../../shared/dockerfile/read-dockerfile.ts"
import { imageName, imageReference } from "../../shared/registry/image-reference.ts"

const Reference = z.object({
  registry: z.string(),
  repository: z.string(),
  tag: z.string().default(""),
  digest: z.string().default(""),
})
/** One case of dockerfile-deps.json. */
export const DockerfileCase = z.object({
  id: z.string(),
  dockerfile: z.string(),
  build_args: z.array(z.string()).nullish(),
  tags: z.array(z.string()).nullish(),
  target: z.string().nullish(),
  expect: z.object({
    error: z.string().optional(),
    scan_error: z.string().optional(),
    dependencies: z
      .array(
        z.object({
          image: Reference.nullable(),
          "runtime-dependency": Reference.nullable(),
          "buildtime-dependency": z.array(Reference).nullable(),
        }),
      )
      .optional(),
  }),
})
export type DockerfileCase = z.infer<typeof DockerfileCase>
/** Names in full, `runtime` undefined where that is scratch; or the mistake. */
export type DockerfileOutcome =
  | { runtime: string | undefined; buildtime: string[]; images: string[] }
  | { problem: string }

/**
 * Where we deliberately differ from ACR's line scanner. Each rule is one difference between two readings of the same
 * input (`readAgain`): the scanner's, and with the rule an engine's. So a rule is about every input that the difference
 * changes the outcome of, and about no other. The order is that of reading: lines, words, variables, stages, names.
 */
export const dockerfileRules = [
  {
    rule: "continuations-and-heredocs",
    reason: "lines that continue an instruction and bodies of heredocs are no instructions",
  },
  { rule: "from-platform", reason: "`FROM --platform=` is understood (acr-builder#449, acr#697)" },
  {
    rule: "from-takes-one-or-three-words",
    reason: "engines refuse words after the stage name, so the build fails anyway",
  },
  {
    rule: "what-no-engine-builds",
    reason:
      "names that no stage may have, and instructions before the first FROM, fail the build: they are named before",
  },
  {
    rule: "build-argument-without-value",
    reason: "a build argument without a value counts as not given; it fails nothing",
  },
  {
    rule: "given-values-are-taken-as-they-are",
    reason: "who splits the words of a build takes the quotes away; quotes that are left belong to the value",
  },
  {
    rule: "arguments-end-with-their-stage",
    reason:
      "FROM sees what ARG declares before the first FROM: nothing undeclared, and an ARG in a stage is that stage's",
  },
  {
    rule: "arg-lines-as-engines-read-them",
    reason: "several names on an ARG line, the last definition, quotes with spaces and defaults of defaults count",
  },
  { rule: "platform-arguments", reason: "`TARGETARCH` and its like are defined by every engine" },
  {
    rule: "variables-as-engines-expand-them",
    reason: "`${V:-x}`, `${V:+x}`, `${V%p}` and quotes inside a word work, and what cannot be expanded is a mistake",
  },
  { rule: "names-without-case", reason: "engines compare stage names without case" },
  {
    rule: "target-must-exist",
    reason: "an unknown target fails the build; the scanner reports every stage of the file",
  },
  {
    rule: "copied-images-count",
    reason: "`COPY --from=image` and `RUN --mount=from=image` bring files of that image into the build",
  },
  {
    rule: "reachable-stages-only",
    reason: "a stage that the target does not need is never built, so its base is no dependency (BuildKit)",
  },
  {
    rule: "the-whole-file-is-read",
    reason:
      "engines read what stands below the target too, and take the last stage of its name; the scanner stops at the first",
  },
  {
    rule: "names-as-docker-reads-them",
    reason:
      "a first part with a port, or localhost, is a registry, and a port is no tag (distribution/reference); the scanner wants a dot",
  },
] as const
type Rule = (typeof dockerfileRules)[number]["rule"]

/** How outcomes are read before comparing; applies to all cases. */
export const dockerfileNameRules = {
  "hub-name":
    "Docker Hub is `docker.io`, not `registry.hub.docker.com`: one image has one name, however it was written",
  "scratch-is-no-image": "`scratch` is no image: it has no digest, cannot change and can start nothing",
  "one-image-once": "`alpine` and `alpine:latest` are one image: a runtime dependency is not a buildtime one as well",
  "any-order": "the scanner's order is random, so buildtime dependencies are compared sorted",
  "problems-in-our-words": "what ACR refuses must be a problem of ours, in the words that an engine has for it",
} as const

/** What our code says to one case, what is expected of it, and the rules when that is not what ACR says. */
export function runDockerfileCase(input: DockerfileCase) {
  const acr = acrOutcome(input)
  const names = dockerfileRules.map(({ rule }) => rule)
  const asScanner = readAgain(input, new Set())
  const asEngines = readAgain(input, new Set(names))
  // Where ACR is said to give what its scanner does not give, no rule excuses us from giving just that.
  const isDeviation = isSame(asScanner, acr) && !isSame(asEngines, acr)
  const expected = isSame(asScanner, acr) ? asEngines : acr
  const actual = ourOutcome(input)
  const areProblems = "problem" in expected && "problem" in actual
  const passed = areProblems
    ? expected === acr || actual.problem.includes(expected.problem)
    : isDeepStrictEqual(actual, expected)
  const rule = isDeviation ? rulesBetween(input, names).join(", ") : undefined
  const detail = passed ? "" : JSON.stringify({ actual, expected }, null, 1)
  return { passed, ...(rule !== undefined && { rule }), detail, actual, expected, acr }
}

/** The rules that change the outcome when one after the other comes into force. */
function rulesBetween(input: DockerfileCase, names: Rule[]): Rule[] {
  const after = (count: number) => readAgain(input, new Set(names.slice(0, count)))
  return names.filter((_, at) => !isSame(after(at), after(at + 1)))
}

function ourOutcome(input: DockerfileCase): DockerfileOutcome {
  const buildArguments = (input.build_args ?? []).flatMap((text) => {
    const equals = text.indexOf("=")
    return equals < 0 ? [] : [{ name: text.slice(0, equals), value: text.slice(equals + 1) }]
  })
  const images = (input.tags ?? []).map((tag) => imageReference(tag))
  if (images.includes(undefined)) return { problem: "invalid tag" }
  const target = input.target ?? undefined
  const result = readDockerfile(input.dockerfile, { buildArguments, target, platform: "linux/amd64" })
  if (!result.ok) return { problem: result.problems.map(({ line, message }) => `${line}: ${message}`).join("\n") }
  const { runtime, buildtime } = result.dependencies
  return {
    runtime: runtime === undefined ? undefined : imageName(runtime),
    buildtime: buildtime.map(imageName).toSorted(),
    images: images.flatMap((image) => (image === undefined ? [] : [imageName(image)])),
  }
}

function acrOutcome({ expect: { error, scan_error, dependencies } }: DockerfileCase): DockerfileOutcome {
  if (error !== undefined || scan_error !== undefined || dependencies === undefined)
    return { problem: error ?? scan_error ?? "" }
  const nameOf = ({ registry, repository, tag, digest }: z.infer<typeof Reference>) =>
    nameInFull(registry, repository, tag, digest)
  const [first] = dependencies
  const bases = [first?.["runtime-dependency"], ...(first?.["buildtime-dependency"] ?? [])].map((image) => {
    const name = image && nameOf(image)
    return name === SCRATCH ? undefined : (name ?? undefined)
  })
  const images = dependencies.flatMap(({ image }) => (image === null ? [] : [nameOf(image)]))
  return outcomeOf(
    bases[0],
    bases.slice(1).flatMap((name) => name ?? []),
    images,
  )
}

function isSame(left: DockerfileOutcome, right: DockerfileOutcome): boolean {
  return "problem" in left && "problem" in right ? true : isDeepStrictEqual(left, right)
}

const HUB = /^(?:(?:index\.|registry-1\.)?docker\.io|registry\.hub\.docker\.com)$/
const SCRATCH = "docker.io/library/scratch:latest"

function nameInFull(registry: string, repository: string, tag: string, digest: string): string {
  const inHub = repository.includes("/") ? repository : `library/${repository}`
  const name = HUB.test(registry) ? `docker.io/${inHub}` : `${registry}/${repository}`
  return `${name}${tag && `:${tag}`}${digest && `@${digest}`}`
}

function outcomeOf(runtime: string | undefined, buildtime: string[], images: string[]): DockerfileOutcome {
  return { runtime, buildtime: [...new Set(buildtime)].filter((name) => name !== runtime).toSorted(), images }
}

class ReadProblem extends Error {}

/** Instructions with the lines they begin on; `words` are cut at white space. */
type Line = { line: number; text: string; words: string[] }
type Stage = { at: number; line: number; name: string; base: string | Stage; copies: { line: number; from: string }[] }

/**
 * A second, simple reading that ours is compared with: ACR's line scanner (task-file 7.1) with the given differences.
 * Without any it is the scanner, with all of them an engine; everything is done by regular expressions on text.
 */
function readAgain(input: DockerfileCase, rules: ReadonlySet<Rule>): DockerfileOutcome {
  try {
    return createReading(input, (rule) => rules.has(rule)).read()
  } catch (error) {
    if (error instanceof ReadProblem) return { problem: error.message }
    throw error
  }
}

function createReading(input: DockerfileCase, on: (rule: Rule) => boolean) {
  const escaper = ESCAPE_DIRECTIVE.test(input.dockerfile) ? "`" : "\\"
  const given = new Map<string, string>()
  const variables = new Map<string, string>()
  const stages: Stage[] = []

  function read(): DockerfileOutcome {
    const images = (input.tags ?? []).map((tag) => {
      const name = nameOf(tag, on("names-as-docker-reads-them"))
      if (name === undefined) throw new ReadProblem("invalid tag")
      return name
    })
    takeArguments()
    const text = input.dockerfile.replace(/^\uFEFF/, "")
    const lines = on("continuations-and-heredocs") ? joinedLines(text, escaper) : plainLines(text)
    if (!lines.some(({ words }) => words[0]?.toUpperCase() === "FROM")) throw new ReadProblem("1: no FROM instruction")
    for (const line of lines) {
      const keyword = line.words[0]?.toUpperCase()
      if (keyword === "ARG") readArg(line)
      else if (keyword === "FROM") readFrom(line)
      else if (stages.length > 0) readCopies(line, keyword)
      else if (on("what-no-engine-builds")) throw new ReadProblem(`${line.line}: no build stage in current context`)
      const isTarget = keyword === "FROM" && input.target && isSameName(stages.at(-1)?.name, input.target)
      if (isTarget && !on("the-whole-file-is-read")) break
    }
    const wanted = input.target ? stageNamed(input.target) : stages.at(-1)
    if (wanted === undefined && on("target-must-exist"))
      throw new ReadProblem(`target stage "${input.target}" could not be found`)
    return result(wanted ?? stages.at(-1), images)
  }

  function takeArguments() {
    for (const text of input.build_args ?? []) {
      const [, name, value] = /^([^=]*)=(.*)$/s.exec(text) ?? []
      if (name !== undefined && value !== undefined)
        given.set(name, on("given-values-are-taken-as-they-are") ? value : withoutQuotes(value))
      else if (!on("build-argument-without-value")) throw new ReadProblem(`${text} has no value`)
    }
    if (!on("arguments-end-with-their-stage")) for (const [name, value] of given) variables.set(name, value)
    if (!on("platform-arguments")) return
    for (const side of ["BUILD", "TARGET"])
      for (const [what, value] of Object.entries({ PLATFORM: "linux/amd64", OS: "linux", ARCH: "amd64", VARIANT: "" }))
        variables.set(side + what, given.get(side + what) ?? value)
  }

  function readArg({ line, text, words }: Line) {
    if (stages.length > 0 && on("arguments-end-with-their-stage")) return
    if (words.length < 2) throw new ReadProblem(`${line}: ARG requires at least one argument`)
    const isEngines = on("arg-lines-as-engines-read-them")
    const assignments = isEngines ? quotedWordsOf(text.replace(/^\s*\S+\s/, ""), escaper) : words.slice(1, 2)
    for (const assignment of assignments) {
      const [, name = "", equals, word = ""] = /^([^=]*)(=?)(.*)$/s.exec(assignment) ?? []
      const value = isEngines ? asEnginesOrNothing(word) : withoutQuotes(word)
      const isFree = isEngines || !variables.has(name)
      if (given.has(name)) variables.set(name, given.get(name) ?? "")
      else if (equals === "=" && value !== undefined && isFree) variables.set(name, value)
    }
  }

  /** Engines complain about a default that makes no sense where it is used. */
  function asEnginesOrNothing(word: string): string | undefined {
    try {
      return expandAsEngines(word, variables, escaper)
    } catch (error) {
      if (error instanceof ReadProblem) return undefined
      throw error
    }
  }

  function readFrom({ line, words }: Line) {
    const flags = on("from-platform")
      ? Math.max(
          words.slice(1).findIndex((word) => !word.startsWith("--")),
          0,
        )
      : 0
    const [image, as, name, ...more] = words.slice(1 + flags)
    const isLong = more.length > 0 && on("from-takes-one-or-three-words")
    if (image === undefined || (as !== undefined && (!/^as$/i.test(as) || name === undefined)) || isLong)
      throw new ReadProblem(`${line}: FROM requires either one or three arguments`)
    const unknown = words.slice(1, 1 + flags).find((flag) => !flag.startsWith("--platform="))
    if (unknown !== undefined) throw new ReadProblem(`${line}: unknown flag: ${unknown}`)
    if (name !== undefined && on("what-no-engine-builds") && !/^[a-z][a-z0-9_.-]*$/i.test(name))
      throw new ReadProblem(`${line}: invalid name for build stage`)
    const base = on("variables-as-engines-expand-them")
      ? expandAsEngines(image, variables, escaper, line)
      : expandAsScanner(withoutQuotes(image), variables)
    stages.push({ at: stages.length, line, name: name ?? "", base: stageNamed(base) ?? base, copies: [] })
  }

  /** `COPY --from` and `RUN --mount=from` are looked at among the flags only. */
  function readCopies({ line, text }: Line, keyword: string | undefined) {
    const [flags = ""] = /^(?:--(?:"[^"]*"|'[^']*'|\S)+\s*)*/.exec(text.trim().replace(/^\S+\s*/, "")) ?? []
    const from = keyword === "COPY" ? /(?:^|\s)--from=(\S+)/g : keyword === "RUN" ? /[=,]from=([^,\s]+)/gi : undefined
    if (from === undefined) return
    for (const [, name = ""] of flags.replace(/["']/g, "").matchAll(from)) {
      if (name.includes("$") && on("copied-images-count"))
        throw new ReadProblem(`${line}: 'from' doesn't support variable expansion`)
      stages.at(-1)?.copies.push({ line, from: name })
    }
  }

  function result(wanted: Stage | undefined, images: string[]): DockerfileOutcome {
    const sources = new Map(stages.map((stage) => [stage, [...copiedInto(stage)]]))
    // Engines, as the scanner, look at every name, also in stages that they do not build.
    const names = new Map(stages.map((stage) => [stage, imagesOf(stage, sources.get(stage) ?? [])]))
    const needed = new Set(on("reachable-stages-only") && wanted !== undefined ? [wanted] : stages)
    for (const stage of needed)
      for (const source of [stage.base, ...(sources.get(stage) ?? [])])
        if (typeof source === "object" && "at" in source) needed.add(source)
    let root = wanted
    while (typeof root?.base === "object") root = root.base
    const runtime = root === undefined ? undefined : imageOf(String(root.base), root.line)
    return outcomeOf(
      runtime,
      [...needed].flatMap((stage) => names.get(stage) ?? []),
      images,
    )
  }

  /** Numbers count stages; a name is the last stage of that name in the file, which must stand above. */
  function* copiedInto(stage: Stage): Generator<Stage | { line: number; from: string }> {
    for (const { line, from } of stage.copies) {
      const isNumber = /^\d+$/.test(from)
      const source = isNumber ? stages[Number(from)] : stageNamed(from)
      if (source !== undefined && source.at < stage.at) yield source
      else if (!on("copied-images-count")) continue
      else if (source !== undefined) throw new ReadProblem(`${line}: cannot copy from stage "${from}"`)
      else if (isNumber) throw new ReadProblem(`${line}: invalid stage index ${from}`)
      else yield { line, from }
    }
  }

  function imagesOf(stage: Stage, sources: (Stage | { line: number; from: string })[]): string[] {
    const base = typeof stage.base === "string" ? (imageOf(stage.base, stage.line) ?? []) : []
    return [
      base,
      ...sources.map((source) => ("from" in source ? (imageOf(source.from, source.line) ?? []) : [])),
    ].flat()
  }

  /** Undefined for scratch. */
  function imageOf(text: string, line: number): string | undefined {
    const isDockers = on("names-as-docker-reads-them")
    const name = nameOf(text, isDockers)
    if (name === undefined)
      throw new ReadProblem(
        `${line}: ${text === "" ? "base name should not be blank" : `invalid image name "${text}"`}`,
      )
    return (isDockers ? text === "scratch" : name === SCRATCH) ? undefined : name
  }

  function stageNamed(name: string): Stage | undefined {
    return stages.findLast((stage) => isSameName(stage.name, name))
  }

  function isSameName(left = "", right = ""): boolean {
    return left !== "" && (on("names-without-case") ? left.toLowerCase() === right.toLowerCase() : left === right)
  }

  return { read }
}

const ESCAPE_DIRECTIVE =
  /^\uFEFF?(?:[ \t]*#[ \t]*(?:syntax|check)[ \t]*=.*\r?\n)*[ \t]*#[ \t]*escape[ \t]*=[ \t]*`[ \t]*\r?(?:\n|$)/i

function plainLines(dockerfile: string): Line[] {
  return dockerfile
    .split("\n")
    .map((text, at) => ({ line: at + 1, text, words: wordsOf(text) }))
    .filter(({ words }) => words[0]?.startsWith("#") === false)
}

function joinedLines(dockerfile: string, escaper: string): Line[] {
  const rest = dockerfile.split(/\r?\n/)
  const count = rest.length
  const goesOn = escaper === "`" ? /(?<!`)`[ \t]*$/ : /(?<!\\)\\[ \t]*$/
  const isNothing = (text: string) => /^\s*(?:#|$)/.test(text)
  const lines: Line[] = []
  while (rest.length > 0) {
    const line = count - rest.length + 1
    let text = rest.shift() ?? ""
    if (isNothing(text)) continue
    while (goesOn.test(text)) {
      const next = rest.find((one) => !isNothing(one))
      rest.splice(0, next === undefined ? rest.length : rest.indexOf(next) + 1)
      text = text.replace(goesOn, "") + (next ?? "")
    }
    if (isNothing(text)) continue
    lines.push({ line, text, words: wordsOf(text) })
    for (const { end, isTabbed } of heredocsOf(text, escaper)) {
      const at = rest.findIndex((body) => (isTabbed ? body.replace(/^\t+/, "") : body) === end)
      if (at < 0) throw new ReadProblem(`${line}: unterminated heredoc ${end}`)
      rest.splice(0, at + 1)
    }
  }
  return lines
}

function heredocsOf(text: string, escaper: string): { end: string; isTabbed: boolean }[] {
  const [, body = ""] = /^\s*(?:ONBUILD\s+)?(?:RUN|COPY|ADD)\s+(?!\[)(.*)$/is.exec(text) ?? []
  return quotedWordsOf(body, escaper).flatMap((word) => {
    const [, dash, quoted = ""] = /^\d*<<(-?)([^<]+)$/.exec(word) ?? []
    const end = quoted.replace(inQuotes(escaper), (_, escaped, single, double) => escaped ?? single ?? double)
    return end === "" ? [] : [{ end, isTabbed: dash === "-" }]
  })
}

/** One escaped character, or what stands in one pair of quotes. */
function inQuotes(escaper: string): RegExp {
  const e = escaper === "`" ? "`" : "\\\\"
  return new RegExp(`${e}(.)|'([^']*)'|"((?:${e}.|[^"])*)"`, "gs")
}

/** Words with their quotes, in which white space does not cut. */
function quotedWordsOf(text: string, escaper: string): string[] {
  return text.match(new RegExp(`(?:${inQuotes(escaper).source}|\\S)+`, "gs")) ?? []
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "")
}

/** Go's `strings.Trim` of double, then of single quotes. */
function withoutQuotes(text: string): string {
  return text.replace(/^"+|"+$/g, "").replace(/^'+|'+$/g, "")
}

/** Go's `os.Expand`: what stands in braces is a name as it is. */
function expandAsScanner(word: string, variables: ReadonlyMap<string, string>): string {
  return word.replace(/\$(?:\{([^}]*)\}|([A-Za-z_]\w*|[\d*#$@!?-])|\{)/g, (_, braced, plain) => {
    return variables.get(braced ?? plain ?? "") ?? ""
  })
}

/** Quotes and escapes first, their text hidden from what follows, then the variables. */
function expandAsEngines(word: string, variables: ReadonlyMap<string, string>, escaper: string, line = 0): string {
  const e = escaper === "`" ? "`" : "\\\\"
  const inDouble = new RegExp(`${e}(["$${e}])`, "g")
  const text = word.replace(inQuotes(escaper), (_, escaped, single, double) => {
    if (double === undefined) return hide(escaped ?? single)
    return hide(
      expandVariables(
        double.replace(inDouble, (_all: string, one: string) => hide(one)),
        variables,
        line,
      ),
    )
  })
  if (/["']/.test(text)) throw new ReadProblem(`${line}: unclosed`)
  return show(expandVariables(text, variables, line))
}

/** The innermost `${}` first, until none is left; what came in by one is hidden. */
function expandVariables(word: string, variables: ReadonlyMap<string, string>, line: number): string {
  const innermost = /\$\{([A-Za-z_]\w*|\d+)(?:(:?[-+?]|##?|%%?|\/\/?)([^${}]*))?\}|\$([A-Za-z_]\w*|\d+)/
  let text = word
  for (let match = innermost.exec(text); match !== null; match = innermost.exec(text)) {
    const [all, braced, operator = "", operand = "", plain = ""] = match
    const name = braced ?? plain
    const value = substituted(variables.get(name), operator, operand)
    if (value === undefined) throw new ReadProblem(`${line}: ${name}: ${show(operand)}`)
    text = text.replace(all, () => value)
  }
  if (text.includes("${")) throw new ReadProblem(`${line}: `)
  return text
}

/** Undefined: the variable must be set and is not. */
function substituted(value: string | undefined, operator: string, operand: string): string | undefined {
  const isSet = value !== undefined && !(operator.startsWith(":") && value === "")
  if (operator.endsWith("-")) return isSet ? hide(value) : operand
  if (operator.endsWith("+")) return isSet ? operand : ""
  if (operator.endsWith("?") && !isSet) return undefined
  const text = hide(value ?? "")
  if (!/^[#%/]/.test(operator)) return text
  const [pattern = "", replacement = ""] = operator.startsWith("/") ? operand.split(/\/(.*)/s) : [operand]
  const isLongest = operator.length === 2 || operator.startsWith("/")
  const source = [...pattern]
    .map((one) => (one === "*" ? (isLongest ? ".*" : ".*?") : one === "?" ? "." : hide(one)))
    .join("")
  if (pattern === "") return text
  if (operator.startsWith("/"))
    return text.replace(new RegExp(source, operator === "//" ? "gsu" : "su"), () => replacement)
  if (operator.startsWith("#")) return text.replace(new RegExp(`^${source}`, "su"), "")
  const whole = new RegExp(`^${source}$`, "su")
  const cuts = Array.from({ length: (value ?? "").length + 1 }, (_, at) => at)
  const cut = (isLongest ? cuts : cuts.toReversed()).find((at) => whole.test(hide((value ?? "").slice(at))))
  return cut === undefined ? text : hide((value ?? "").slice(0, cut))
}

/** Moves characters to a private plane, where no regular expression of this file looks, and back. */
function hide(text: string): string {
  return text.replace(/./gsu, (one) => {
    const code = one.codePointAt(0) ?? 0
    return code > 0xffff ? one : String.fromCodePoint(code + 0xf0000)
  })
}

function show(text: string): string {
  return text.replace(/[\u{f0000}-\u{fffff}]/gu, (one) => String.fromCodePoint((one.codePointAt(0) ?? 0) - 0xf0000))
}

/** distribution/reference: docker's reading with its defaults, or the scanner's `Parse` and its own idea of a registry. */
function nameOf(text: string, isDockers: boolean): string | undefined {
  const [, name = "", tag = "", digest = ""] =
    /^([^@]*?)(?::(\w[\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}))?$/.exec(text) ?? []
  const [, first = "", rest = ""] = /^(?:([a-z\d]+(?:(?:\.|-+)[a-z\d]+)*(?::\d+)?)\/)?(.+)$/i.exec(name) ?? []
  const isHost = isDockers ? /[.:A-Z]|^localhost$/.test(first) : first.includes(".")
  // The scanner takes any first part for a host when it checks the letters.
  const path = first === "" || isHost || !isDockers ? rest : `${first}/${rest}`
  if (!/^[a-z\d]+(?:(?:[._/]|__|-+)[a-z\d]+)*$/.test(path)) return undefined
  const standard = digest === "" && tag === "" && (isDockers || !text.includes(":")) ? "latest" : tag
  if (isHost) return nameInFull(first, rest, standard, digest)
  const inHub = isDockers || first !== "" ? (isDockers ? path : `${first}/${rest}`) : `library/${rest}`
  return nameInFull("docker.io", inHub, standard, digest)
}
