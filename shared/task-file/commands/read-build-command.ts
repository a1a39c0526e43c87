import { imageReference } from "../../registry/image-reference.ts"
import { BUILD_OPTIONS, type BuildOption } from "./build-options.ts"
import { type ScannedOption, scanOptions } from "./scan-options.ts"

/** What a build text asks for. Lists keep their order; of what counts once the last one counts. Empty texts: not given. */
export type BuildCommand = {
  /** Folder, repository, archive or artifact; `.` when none is named. */
  context: string
  /** Place of the context among the words; undefined when none is named. */
  contextIndex: number | undefined
  /** Path of the Dockerfile; empty: the context's `Dockerfile`. */
  file: string
  tags: string[]
  target: string
  /** `value` undefined: `--build-arg NAME`, which takes the value from the step's environment. */
  buildArguments: { name: string; value: string | undefined }[]
  labels: { name: string; value: string }[]
  platforms: string[]
  isCacheOff: boolean
  isPulling: boolean
  isQuiet: boolean
  isSquashed: boolean
  isPushed: boolean
  network: string
  progress: string
  hosts: string[]
  /** As written: `id=…,src=…`, `type=registry,ref=…` and the like. */
  secrets: string[]
  ssh: string[]
  cacheFrom: string[]
  cacheTo: string[]
  outputs: string[]
  contexts: { name: string; value: string }[]
  ulimits: string[]
  shmSize: string
  memory: string
  /** Every other option, as it was given: what it means is the engine's to know. */
  others: { name: BuildOption; value: string }[]
}
export type ReadBuildCommand = { ok: true; command: BuildCommand } | { ok: false; problems: string[] }

/**
 * Reads the words behind `docker build` (task-file 3.2). Unlike acb's scanner it takes options in all of docker's forms; the context
 * is the one word that is no option, wherever it stands. Unknown options, a second context, `-` (there is no standard input) and tags
 * that are no image names are problems, all of them told.
 */
export function readBuildCommand(words: readonly string[]): ReadBuildCommand {
  const { options, positionals, problems } = scanOptions(words, BUILD_OPTIONS, {
    command: "docker build",
    isInterspersed: true,
  })
  const valuesOf = (name: BuildOption) => options.filter((option) => option.name === name).map(({ value }) => value)
  const lastOf = (name: BuildOption) => valuesOf(name).at(-1) ?? ""
  const isOn = (name: BuildOption) => options.findLast((option) => option.name === name)?.isOn ?? false

  const [context, ...further] = positionals
  if (further.length > 0) {
    const contexts = positionals.map(({ word }) => word).join(", ")
    problems.push(
      `"docker build" requires exactly 1 argument, the context; here are ${contexts}. Quote what belongs together.`,
    )
  }
  if (context?.word === "-")
    problems.push("the context - is the standard input, which a run does not have: name a folder or URL.")
  if (context?.word === "") problems.push("the context is empty: name a folder or URL.")
  for (const tag of valuesOf("tag")) {
    if (imageReference(tag) === undefined)
      problems.push(`invalid argument "${tag}" for -t, --tag: invalid reference format.`)
  }
  const buildArguments = valuesOf("build-arg").map(argumentOf)
  if (buildArguments.some(({ name }) => name === ""))
    problems.push("a --build-arg has no name: write --build-arg NAME=value.")
  const contexts = valuesOf("build-context").map(pairOf)
  if (contexts.some(({ name, value }) => name === "" || value === "")) {
    problems.push("a --build-context has no name or value: write --build-context name=path.")
  }
  if (problems.length > 0) return { ok: false, problems }

  return {
    ok: true,
    command: {
      context: context?.word ?? ".",
      contextIndex: context?.index,
      file: lastOf("file"),
      tags: valuesOf("tag"),
      target: lastOf("target"),
      buildArguments,
      labels: valuesOf("label").map(pairOf),
      platforms: valuesOf("platform").flatMap((value) => value.split(",").map((platform) => platform.trim())),
      isCacheOff: isOn("no-cache"),
      isPulling: isOn("pull"),
      isQuiet: isOn("quiet"),
      isSquashed: isOn("squash"),
      isPushed: isOn("push"),
      network: lastOf("network"),
      progress: lastOf("progress"),
      hosts: valuesOf("add-host"),
      secrets: valuesOf("secret"),
      ssh: valuesOf("ssh"),
      cacheFrom: valuesOf("cache-from"),
      cacheTo: valuesOf("cache-to"),
      outputs: valuesOf("output"),
      contexts,
      ulimits: valuesOf("ulimit"),
      shmSize: lastOf("shm-size"),
      memory: lastOf("memory"),
      others: options.filter(isOther).map(({ name, value }) => ({ name, value })),
    },
  }
}

const FIELDS = new Set<BuildOption>([
  "add-host",
  "build-arg",
  "build-context",
  "cache-from",
  "cache-to",
  "file",
  "label",
  "memory",
  "network",
  "no-cache",
  "output",
  "platform",
  "progress",
  "pull",
  "push",
  "quiet",
  "secret",
  "shm-size",
  "squash",
  "ssh",
  "tag",
  "target",
  "ulimit",
])

function isOther({ name }: ScannedOption<BuildOption>): boolean {
  return !FIELDS.has(name)
}

function argumentOf(text: string): { name: string; value: string | undefined } {
  const equals = text.indexOf("=")
  return equals < 0 ? { name: text, value: undefined } : { name: text.slice(0, equals), value: text.slice(equals + 1) }
}

function pairOf(text: string): { name: string; value: string } {
  const { name, value = "" } = argumentOf(text)
  return { name, value }
}
