import path from "node:path"
import { STEP_RIGHTS, StepRight } from "../shared/builders/run-work.ts"
import { type SshSettings, sshSettingsOf } from "../shared/git/ssh-access.ts"
import { didYouMean } from "../shared/task-file/text/nearest-name.ts"
import type { CommandWorld } from "./command-world.ts"
import { type CommandLine, INPUT_OPTIONS } from "./read-command-line.ts"

export const EXEC_OPTIONS = {
  ...INPUT_OPTIONS,
  "dry-run": { kind: "flag" },
  insecure: { kind: "value" },
  "known-hosts": { kind: "value" },
  login: { kind: "value" },
  rights: { kind: "value" },
  "ssh-key": { kind: "value" },
  timeout: { kind: "value" },
} as const

const DEFAULT_TIMEOUT_SECONDS = 3600
/** What a timer can hold. */
const MAX_TIMEOUT_SECONDS = 2_147_483

/**
 * What `exec` knows beside its inputs; `problems` has every mistake in it. Rights that are not named are those of `SLIPWAY_STEP_RIGHTS`,
 * as for builders.
 */
export function execOptions(
  line: CommandLine<keyof typeof EXEC_OPTIONS>,
  { environment, folder }: Pick<CommandWorld, "environment" | "folder">,
) {
  const problems: string[] = []
  const given = line.lastOf("timeout")
  const timeoutSeconds = given === undefined ? DEFAULT_TIMEOUT_SECONDS : Number(given)
  if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < 1 || timeoutSeconds > MAX_TIMEOUT_SECONDS)
    problems.push(`--timeout ${given} is no number of seconds from 1 to ${MAX_TIMEOUT_SECONDS}.`)
  const named = line.valuesOf("rights")
  const words = (named.length > 0 ? named.join(",") : (environment.SLIPWAY_STEP_RIGHTS ?? "")).split(",")
  const rights: StepRight[] = []
  for (const word of words.map((text) => text.trim()).filter((text) => text !== "")) {
    const right = StepRight.safeParse(word)
    if (right.success) rights.push(right.data)
    else problems.push(`${word} is no right: ${STEP_RIGHTS.join(", ")} are.${didYouMean(word, STEP_RIGHTS)}`)
  }
  const options = { timeoutSeconds, rights, isDry: line.isOn("dry-run") }
  return {
    options,
    ssh: sshOf(line, environment, folder),
    logins: line.valuesOf("login"),
    insecureRegistries: line.valuesOf("insecure"),
    problems,
  }
}

/** Files that are named win over the settings, which are those of the service. */
function sshOf(
  line: CommandLine<keyof typeof EXEC_OPTIONS>,
  environment: CommandWorld["environment"],
  folder: string,
): SshSettings {
  const keyFile = line.lastOf("ssh-key")
  const knownHostsFile = line.lastOf("known-hosts")
  return {
    ...sshSettingsOf(environment),
    ...(keyFile === undefined ? {} : { key: undefined, keyFile: path.resolve(folder, keyFile) }),
    ...(knownHostsFile === undefined
      ? {}
      : { knownHosts: undefined, knownHostsFile: path.resolve(folder, knownHostsFile) }),
  }
}
