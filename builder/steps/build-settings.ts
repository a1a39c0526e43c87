import { randomUUID } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { optionFields } from "../../shared/task-file/commands/option-fields.ts"
import type { BuildCommand } from "../../shared/task-file/commands/read-build-command.ts"
import type { BuildSettings } from "../engine/engine.ts"
import { RunFailure } from "../failures/run-failure.ts"
import { hostPath } from "./host-path.ts"
import { privateFolder, readRunFile } from "./read-run-file.ts"
import type { PlannedBuild, StepDeps } from "./step-deps.ts"
import { missingRight } from "./step-rights.ts"

/** What an option of docker build would do, and why it does not here. */
const REFUSED: Record<string, string> = {
  "add-host": "entries of a hosts file cannot be given to a build here",
  allow: "it lifts what isolates a build from the machine",
  attest: "attestations are not made",
  builder: "the engine is chosen by the operator",
  call: "a build step builds",
  "cgroup-parent": "it would take the build out of the run's limits",
  check: "a build step builds",
  "metadata-file": "digests are reported with the run",
  output: "an image is what a build step makes; copy files out of it with a cmd step",
  policy: "a file of the machine that builds is named",
  push: "a push step pushes",
  sbom: "attestations are not made",
  "security-opt": "it changes how the build is isolated",
  ssh: "there is no SSH agent",
}
/** Of no meaning to BuildKit, or always so here. */
const IGNORED = new Set([
  ...[
    "compress",
    "cpu-period",
    "cpu-quota",
    "cpu-shares",
    "cpuset-cpus",
    "cpuset-mems",
    "debug",
    "disable-content-trust",
  ],
  ...["force-rm", "isolation", "load", "memory", "memory-swap", "provenance", "rm", "stream"],
])

/**
 * The rarer options of a build step in the words of the engine driver. Files that options name are those of the step. Errors: RunFailure
 * that lists every option that cannot be had.
 */
export async function buildSettings(
  command: BuildCommand,
  step: PlannedBuild,
  { places, rights, log }: Pick<StepDeps, "places" | "rights" | "log">,
): Promise<BuildSettings> {
  const given = [
    ...command.others.map(({ name }) => name),
    ...(command.hosts.length > 0 ? ["add-host"] : []),
    ...(command.outputs.length > 0 ? ["output"] : []),
    ...(command.ssh.length > 0 ? ["ssh"] : []),
    ...(command.isPushed ? ["push"] : []),
  ].filter((name) => !IGNORED.has(name))
  const problems = given.flatMap((name) =>
    REFUSED[name] === undefined ? [] : [`--${name} is not supported: ${REFUSED[name]}.`],
  )
  if (problems.length > 0) throw new RunFailure("Failed", problems.join(" "))
  const without = withoutEffect(command)
  if (without.length > 0)
    log.say(`WARNING: ${without.map((name) => `--${name}`).join(", ")}: without effect on a build here.`)
  const filter = command.others
    .filter(({ name }) => name === "no-cache-filter")
    .flatMap(({ value }) => value.split(","))
  return {
    network: networkOf(command.network, rights),
    secrets: await Promise.all(command.secrets.map((text) => secretOf(text, step, places))),
    contexts: await Promise.all(
      command.contexts.map(async ({ name, value }) => ({ name, value: await contextOf(value, step, places) })),
    ),
    noCacheFilter: filter,
    shmSize: command.shmSize === "" ? undefined : command.shmSize,
    ulimits: command.ulimits,
    cacheFrom: command.cacheFrom.flatMap(cacheImage),
  }
}

/** What was asked for and is not done; what is done anyway is not told. */
function withoutEffect(command: BuildCommand): string[] {
  const silent = new Set(["force-rm", "rm", "load", "stream", "debug", "compress"])
  return [
    ...command.others
      .map(({ name }) => name)
      .filter((name) => (IGNORED.has(name) || name === "annotation") && !silent.has(name)),
    ...(command.isSquashed ? ["squash"] : []),
    ...(command.memory === "" ? [] : ["memory"]),
    ...(command.cacheTo.length === 0 ? [] : ["cache-to"]),
  ]
}

function networkOf(network: string, rights: StepDeps["rights"]): BuildSettings["network"] {
  if (network === "" || network === "default" || network === "bridge") return undefined
  if (network === "none") return network
  if (network !== "host")
    throw new RunFailure("Failed", `--network ${network} is not supported by BuildKit: none, host or default are`)
  if (rights.has("host-network")) return network
  throw new RunFailure(
    "Failed",
    `--network host asks for the network of the machine that builds; ${missingRight("host-network")}`,
  )
}

/** `id=…,src=…` names a file of the step, `id=…,env=…` a variable of it. */
async function secretOf(
  text: string,
  step: PlannedBuild,
  places: StepDeps["places"],
): Promise<{ id: string; file: string }> {
  const fields = new Map(optionFields(text).map(({ name, value = "" }) => [name, value]))
  const source = fields.get("src") ?? fields.get("source")
  const variable = fields.get("env") ?? (fields.get("type") === "env" ? fields.get("id") : undefined)
  const id = fields.get("id") ?? source?.split("/").at(-1) ?? variable ?? ""
  if (!/^[\w.-]+$/.test(id))
    throw new RunFailure("Failed", `--secret ${text} has no id: write id=name,src=path or id=name,env=NAME`)
  const folder = await privateFolder(places)
  const file = `${folder}/secret-${randomUUID()}`
  if (source !== undefined) {
    // A copy: an engine opens the path again, and takes a comma in it for the next field.
    await writeFile(file, await readRunFile(source, step, places), { mode: 0o600 })
    return { id, file }
  }
  const entry = step.env.find((one) => one.startsWith(`${variable ?? id}=`))
  if (entry === undefined)
    throw new RunFailure("Failed", `--secret ${text}: the step has no variable ${variable ?? id}`)
  await writeFile(file, entry.slice(entry.indexOf("=") + 1), { mode: 0o600 })
  return { id, file }
}

async function contextOf(value: string, step: PlannedBuild, places: StepDeps["places"]): Promise<string> {
  if (/^(?:docker-image|https?):\/\//.test(value)) return value
  return await hostPath(value, step, places)
}

/** `type=registry,ref=…`, or an image name alone; other kinds of cache are not ours to read. */
function cacheImage(text: string): string[] {
  if (!text.includes("=")) return [text]
  const fields = new Map(optionFields(text).map(({ name, value = "" }) => [name, value]))
  const reference = fields.get("ref")
  return fields.get("type") === "registry" && reference !== undefined ? [reference] : []
}
