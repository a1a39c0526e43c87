import { imageReference } from "../../registry/image-reference.ts"
import { type ContainerMount, readMountOption, readVolumeOption, workspacePath } from "./read-container-mount.ts"
import { verdictOn } from "./run-option-rules.ts"
import { RUN_OPTIONS, type RunOption } from "./run-options.ts"
import { type ScannedOption, scanOptions } from "./scan-options.ts"

/** What a `cmd` text asks for, checked. */
export type RunCommand = {
  /** In order, by long name; without `volume`, `mount` and `env-file`. A flag's value is `true` or `false`. */
  options: { name: RunOption; value: string }[]
  mounts: ContainerMount[]
  /** Paths below /workspace, cleaned, links not followed. */
  envFiles: string[]
  image: string
  arguments: string[]
  /** What only a privileged step may, which is the operator's to allow; `reason` is a part of a sentence. */
  privileges: { option: string; reason: string }[]
  /** Where the engine's socket is to be in the container; the operator's to allow. */
  socket: { target: string; isReadOnly: boolean } | undefined
}
export type ReadRunCommand = { ok: true; command: RunCommand } | { ok: false; problems: string[] }

/**
 * Reads the words behind `docker run` (task-file 3.1): options, then the image, then what goes to its program, untouched. Refused is
 * what reaches the machine that builds or other runs: paths outside of /workspace, other containers, files of the machine. Of a wrong
 * text every mistake is told, with its reason.
 */
export function readRunCommand(words: readonly string[]): ReadRunCommand {
  const { options, positionals, problems } = scanOptions(words, RUN_OPTIONS, {
    command: "docker run",
    isInterspersed: false,
  })
  const command: RunCommand = {
    options: [],
    mounts: [],
    envFiles: [],
    image: positionals[0]?.word ?? "",
    arguments: positionals.slice(1).map(({ word }) => word),
    privileges: [],
    socket: undefined,
  }
  for (const option of options) takeOption(option, command, problems)
  if (command.image !== "" && imageReference(command.image) === undefined) {
    problems.push(`"${command.image}" is no image name: write [registry/]repository[:tag], in lower case.`)
  }
  // Behind an unknown option nothing is sure, so its lack is no second mistake.
  if (command.image === "" && problems.length === 0)
    problems.push("the step names no image: write the image, then its arguments.")
  return problems.length > 0 ? { ok: false, problems } : { ok: true, command }
}

function takeOption(option: ScannedOption<RunOption>, command: RunCommand, problems: string[]): void {
  const { name, value } = option
  const verdict = verdictOn(option)
  if (verdict?.rule === "never") {
    problems.push(`--${name} is not allowed: ${verdict.reason}.`)
    return
  }
  if (verdict !== undefined) command.privileges.push({ option: `--${name}`, reason: verdict.reason })
  if (name === "volume" || name === "mount") {
    const read = name === "volume" ? readVolumeOption(value) : readMountOption(value)
    if (!read.ok) problems.push(read.problem)
    else if ("socket" in read) command.socket = read.socket
    else command.mounts.push(read.mount)
    return
  }
  if (name === "env-file") {
    const path = workspacePath(value)
    if (path === undefined)
      problems.push(`--env-file ${value} is a file of the machine that builds; name one below /workspace.`)
    else command.envFiles.push(path)
    return
  }
  command.options.push({ name, value: option.isOn ? value : "false" })
}
