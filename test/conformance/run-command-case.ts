// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell texts
import { posix } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { z } from "zod"
import { targetImageOf } from "../../builder/images/image-name.ts"
import { renderName } from "../../builder/images/render-name.ts"
import { readSourceLocation } from "../../shared/contexts/read-source-location.ts"
import { imageReference } from "../../shared/registry/image-reference.ts"
import { readBuildText } from "../../shared/task-file/commands/read-build-text.ts"
import { readRunCommand } from "../../shared/task-file/commands/read-run-command.ts"
import { resolveWorkingDirectory } from "../../shared/task-file/commands/resolve-working-directory.ts"
import { splitWords } from "../../shared/task-file/commands/split-words.ts"
import { readTaskFile } from "../../shared/task-file/read-task-file.ts"
import type { TaskStep } from "../../shared/task-file/task.ts"
import { runVariablesOf } from "../../shared/templates/run-variables.ts"
import { dockerBuildWords } from "./docker-build-words.ts"
import { inputOf } from "./run-task-case.ts"

const Kind = z.enum(["build-cmd", "replace-context", "git-subdir", "workdir", "run-args", "prefix-tags", "image-name"])
/** One case of commands.json. */
export const CommandCase = z.object({
  id: z.string(),
  kind: Kind,
  input: z.array(z.string()),
  expect: z.record(z.string(), z.unknown()),
})
export type CommandCase = z.infer<typeof CommandCase>
export type CommandOutcome = Record<string, unknown>

type Rule = {
  rule: string
  reason: string
  kinds: CommandCase["kind"][]
  /** True for every input that the rule speaks of, not only for those of the file. */
  applies(input: string[]): boolean
  expected(input: string[], acr: CommandOutcome): CommandOutcome
}

const PROBLEM = { kind: "problem" }
const SHELL = { kind: "shell" }
const withoutQuoted = (text: string) => text.replace(/'[^']*'/g, "''")
const needsShell = (text: string) =>
  /[|&;<>()$`*?[]|(?:^|\s)[~#]|\n\s*\S/.test(withoutQuoted(text)) || /^[A-Za-z_]\w*=/.test(text.trim())
const isRemote = (context: string) => /^(?:https?:\/\/|git@|ssh:\/\/|git:\/\/|github\.com\/|oci:\/\/)/i.test(context)

/** Where we deliberately differ from ACR, by what the input looks like; the first that applies counts. */
export const commandRules: Rule[] = [
  {
    rule: "a-shell-reads-what-needs-one",
    reason:
      "operators, variables and globs are evaluated by a shell, and its words are read: nothing is guessed from the text",
    kinds: ["build-cmd", "replace-context", "image-name"],
    applies: ([text = ""]) => needsShell(text),
    expected: () => SHELL,
  },
  {
    rule: "there-is-no-standard-input",
    reason: "the context `-` reads the standard input, which a run does not have",
    kinds: ["build-cmd", "replace-context"],
    applies: ([text = ""]) => contextsOf(text).includes("-"),
    expected: () => PROBLEM,
  },
  {
    rule: "one-context",
    reason: "docker build takes one context; ACR guesses which of several words it is",
    kinds: ["build-cmd", "replace-context"],
    applies: ([text = ""]) => contextsOf(text).length > 1,
    expected: () => PROBLEM,
  },
  {
    rule: "tags-are-image-names",
    reason: "docker refuses a tag that is no image name; it is told before anything runs",
    kinds: ["build-cmd", "replace-context", "prefix-tags"],
    applies: ([text = ""]) => dockerBuildWords(text).tags.some((tag) => imageReference(tag) === undefined),
    expected: () => PROBLEM,
  },
  {
    rule: "a-run-has-a-registry",
    reason: "every run belongs to a registry, so a name without one has one to go to; ACR's runner alone has none",
    kinds: ["prefix-tags"],
    applies: ([text = "", registry = ""]) => registry === "" && !tagsOf(text).every(hasHost),
    expected: () => PROBLEM,
  },
  {
    rule: "a-host-is-a-registry",
    reason:
      "a first part that looks like a host is a registry, as docker has it, and `library/` is none; ACR goes by a list of registries that it knows",
    kinds: ["prefix-tags"],
    applies: ([text = "", registry = "", ...known]) =>
      tagsOf(text).some((tag) => {
        const isKnown = known.some((one) => one !== "" && tag.startsWith(`${one}/`))
        return tag.startsWith("library/") || isKnown !== (hasHost(tag) && registry !== "")
      }),
    expected: ([text = "", registry = ""]) => ({
      tags: tagsOf(text).map((tag) => inFull(hasHost(tag) ? tag : `${registry}/${tag}`)),
    }),
  },
  {
    rule: "docker-reads-build-texts",
    reason: "quotes group, `--x=v` is `--x v`, and flags without a value take no word (task-file 3.2; acr#871)",
    kinds: ["build-cmd", "replace-context"],
    applies: ([text = ""]) =>
      /['"\\]|--[a-z-]+=|(?:^|\s)(?:-q|--(?:no-cache|pull|quiet|rm|force-rm|squash|compress|load|push))\s+[^-\s]/.test(
        text,
      ),
    expected: ([text = "", replacement = ""], acr) =>
      "output" in acr ? { output: replaced(text, replacement) } : dockerOutcome(text),
  },
  {
    rule: "any-repository-has-folders",
    reason: "the folder behind the colon counts for every form of repository, not for http(s) alone (task-file 7.4)",
    kinds: ["git-subdir"],
    applies: ([text = ""]) => /^(?:git@|ssh:\/\/|github\.com\/)/.test(text),
    expected: ([text = ""]) => ({ subdir: /#[^:]*:(.+)$/.exec(text)?.[1] ?? "." }),
  },
  {
    rule: "no-git-protocol",
    reason: "git:// neither encrypts nor proves what it brings (triggers, Security: https and ssh only)",
    kinds: ["git-subdir"],
    applies: ([text = ""]) => /^git:\/\//i.test(text),
    expected: () => PROBLEM,
  },
  {
    rule: "the-workspace-is-not-left",
    reason: "a relative working directory stays below /workspace",
    kinds: ["workdir"],
    applies: ([text = ""]) => !text.startsWith("/") && posix.normalize(text || ".").startsWith(".."),
    expected: () => PROBLEM,
  },
  {
    rule: "options-come-before-the-image",
    reason: "options of docker run may stand before the image, which is the first word behind them",
    kinds: ["image-name"],
    applies: ([text = ""]) => text.trim().startsWith("-"),
    expected: ([text = ""]) => ({
      image:
        /^(?:\s*(?:--?[a-z-]+=\S+|--?(?:rm|d|it?|t|init|privileged|detach|P|read-only)|--?[a-z-]+\s+\S+))*\s*(\S+)/.exec(
          text,
        )?.[1] ?? "",
    }),
  },
]

/** How outcomes are read before comparing; applies to all cases. */
export const commandNameRules = {
  "run-by-meaning":
    "`run-args`: our step is written in acb's words and must give its text: a step has the same name, mounts, environment and options, though our engine is run without a shell, without the socket and with a home of the run",
  "names-come-as-a-list":
    "`prefix-tags`: az gives image names as a list, so names are compared, `:latest` is said, and no text is rewritten",
} as const

/** What our code says to one case, what is expected of it, and the rule when that is not what ACR says. */
export async function runCommandCase({ kind, input, expect }: CommandCase) {
  const acr: CommandOutcome =
    kind === "prefix-tags" ? { tags: z.array(z.string()).parse(expect.tags).map(inFull) } : expect
  const rule = commandRules.find((one) => one.kinds.includes(kind) && one.applies(input))
  const expected = rule?.expected(input, acr) ?? acr
  const actual = await ours(kind, input)
  const passed = isDeepStrictEqual(actual, expected)
  const detail = passed ? "" : JSON.stringify({ actual, expected }, null, 1)
  return { passed, ...(rule !== undefined && { rule: rule.rule }), detail, actual, expected, acr }
}

async function ours(kind: CommandCase["kind"], [first = "", second = ""]: string[]): Promise<CommandOutcome> {
  switch (kind) {
    case "build-cmd":
      return buildOutcome(first)
    case "replace-context": {
      const read = readBuildText(first)
      if (read.kind === "shell") return SHELL
      if (!read.result.ok) return PROBLEM
      const { contextIndex } = read.result.command
      return { output: (contextIndex === undefined ? read.words : read.words.with(contextIndex, second)).join(" ") }
    }
    case "git-subdir": {
      const read = readSourceLocation(first, "build")
      return read.ok && read.location.type === "git" ? { subdir: read.location.folder || "." } : PROBLEM
    }
    case "workdir": {
      const workdir = resolveWorkingDirectory(first)
      return workdir === undefined ? PROBLEM : { workdir }
    }
    case "prefix-tags": {
      const read = readBuildText(first.replace(/^build /, ""))
      if (read.kind === "shell" || !read.result.ok) return PROBLEM
      const images = read.result.command.tags.map((tag) => targetImageOf(tag, runOf(second), renderName))
      if (images.some(({ ok }) => !ok)) return PROBLEM
      return { tags: images.flatMap((one) => (one.ok ? [one.image.fullName] : [])) }
    }
    case "image-name": {
      const split = splitWords(first)
      if (split.kind === "shell") return SHELL
      const read = readRunCommand(split.words)
      return { image: read.ok ? read.command.image : "" }
    }
    case "run-args":
      return { argv: ["/bin/sh", "-c", acbTextOf(await stepOf(second), first)] }
  }
}

/** A run whose registry has this login server. */
function runOf(loginServer: string) {
  const platform = { os: "linux", architecture: "amd64" }
  return runVariablesOf({ runId: "ca1", registryName: "", loginServer, createdAt: "2010-05-20T13:14:22Z", platform })
}

function tagsOf(text: string): string[] {
  return dockerBuildWords(text.replace(/^build /, "")).tags
}

function hasHost(tag: string): boolean {
  return /^(?:[^/]*[.:][^/]*|localhost)\//.test(tag)
}

function inFull(tag: string): string {
  return /:[^/]*$/.test(tag) ? tag : `${tag}:latest`
}

function buildOutcome(text: string): CommandOutcome {
  const read = readBuildText(text)
  if (read.kind === "shell") return SHELL
  if (!read.result.ok) return PROBLEM
  const { buildArguments, context, contextIndex, file, tags, target } = read.result.command
  const location = readSourceLocation(context, "build")
  const isLocal = location.ok && location.location.type === "folder"
  return {
    build_args: buildArguments.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`)),
    context,
    context_is_local: isLocal,
    dockerfile: file,
    ...(!isLocal && contextIndex !== undefined && { rewritten: read.words.with(contextIndex, ".").join(" ") }),
    tags,
    target,
  }
}

function dockerOutcome(text: string): CommandOutcome {
  const { words, tags, buildArguments, file, target, contexts } = dockerBuildWords(text)
  const [index] = contexts
  const context = index === undefined ? "." : (words[index] ?? "")
  return {
    build_args: buildArguments,
    context,
    context_is_local: !isRemote(context),
    dockerfile: file,
    ...(isRemote(context) && { rewritten: replaced(text, ".") }),
    tags,
    target,
  }
}

function replaced(text: string, replacement: string): string {
  const { words, contexts } = dockerBuildWords(text)
  const [index] = contexts
  return (index === undefined ? words : words.with(index, replacement)).join(" ")
}

function contextsOf(text: string): string[] {
  const { words, contexts } = dockerBuildWords(text)
  return contexts.map((index) => words[index] ?? "")
}

/** The step as a task file of one step gives it, without a network of the task's own. */
async function stepOf(yaml: string): Promise<TaskStep> {
  const mounts = [...yaml.matchAll(/\bname: (\w+), mountPath/g)].map(
    ([, name]) => `- {name: ${name}, secret: {f: aGk=}}\n`,
  )
  const volumes = mounts.length === 0 ? "" : `volumes:\n${[...new Set(mounts)].join("")}`
  const text = `${volumes}networks:\n- name: other\nsteps:\n-\n${yaml.replace(/^(?=.)/gm, "  ")}`
  const result = await readTaskFile(
    text,
    inputOf({ id: "", task: text, run: {}, expect: { found_version: "", alias_enabled: false } }),
  )
  if (!result.ok || result.task.steps[0] === undefined) throw new Error(JSON.stringify(result))
  return result.task.steps[0]
}

/** A step in the words of acb (task-file 3.1). */
function acbTextOf(step: TaskStep, workspace: string): string {
  const isCmd = step.type === "cmd"
  const words = [
    "docker run",
    ...(isCmd && step.isKept ? [] : ["--rm"]),
    ...(isCmd && step.isDetached ? ["--detach"] : []),
    ...step.ports.map((port) => `-p ${port}`),
    ...step.expose.map((port) => `--expose ${port}`),
    ...(step.isPrivileged ? ["--privileged"] : []),
    ...(step.user === "" ? [] : [`--user ${step.user}`]),
    ...(step.network === "" ? [] : [`--network ${step.network}`]),
    ...(step.isolation === "" ? [] : [`--isolation ${step.isolation}`]),
    ...(step.cpus === "" ? [] : [`--cpus ${step.cpus}`]),
    ...(isCmd && step.entryPoint !== "" ? [`--entrypoint ${step.entryPoint}`] : []),
    `--name ${step.id}`,
    `--volume ${workspace}:/workspace`,
    "--volume /var/run/docker.sock:/var/run/docker.sock",
    "--volume home:/acb/home",
    ...step.volumeMounts.map(({ name, mountPath }) => `--volume ${name}:${mountPath}`),
    "--env HOME=/acb/home",
    ...step.env.map((entry) => `--env ${entry}`),
    ...(step.isWorkingDirectoryOverrideDisabled ? [] : [`--workdir ${resolveWorkingDirectory(step.workingDirectory)}`]),
    step.type === "cmd" ? step.cmd : step.type === "build" ? `docker build ${step.build}` : step.images.join(" "),
  ]
  return words.join(" ")
}
