import type { StepRight } from "../../shared/builders/run-work.ts"
import { imageReference } from "../../shared/registry/image-reference.ts"
import type { RunCommand } from "../../shared/task-file/commands/read-run-command.ts"
import type { CmdStep } from "../../shared/task-file/task.ts"
import { RunFailure } from "../failures/run-failure.ts"

/** What does all of its work through the engine's socket: `az acr pack build` runs it (az-cli 7). */
const PACK = { registry: "mcr.microsoft.com", repository: "oryx/pack" }

/**
 * Holds what a step wants against what the operator allows steps (`SLIPWAY_STEP_RIGHTS`). Errors: RunFailure that names the setting.
 */
export function checkPrivileges(
  { isPrivileged }: Pick<CmdStep, "isPrivileged">,
  { image, privileges, socket }: Pick<RunCommand, "image" | "privileges" | "socket">,
  network: string,
  rights: ReadonlySet<StepRight>,
): void {
  if (isPrivileged && !rights.has("privileged")) {
    throw refused("privileged", "`privileged: true` gives a step all rights over the machine that builds")
  }
  if (network === "host" && !rights.has("host-network"))
    throw refused("host-network", "the network of the machine that builds is asked for")
  if (socket !== undefined && !rights.has("socket")) throw refused("socket", "the engine's socket is asked for")
  // Told before the image is fetched, which takes long and helps nobody.
  if (isPack(image) && !rights.has("socket")) throw refused("socket", "pack builds with the engine's socket")
  const further = privileges.find(({ option }) => option !== "--network")
  if (further !== undefined && !rights.has("privileged")) {
    throw refused("privileged", `${further.option} is not allowed: ${further.reason}`)
  }
}

/** The program that builds with buildpacks, of whatever version. */
function isPack(image: string): boolean {
  const reference = imageReference(image)
  return reference?.registry === PACK.registry && reference.repository === PACK.repository
}

/** The words for a right that is missing. */
export function missingRight(right: StepRight): string {
  return `the operator can allow it with SLIPWAY_STEP_RIGHTS=${right}`
}

function refused(right: StepRight, what: string): RunFailure {
  return new RunFailure("Failed", `${what}; ${missingRight(right)}`)
}
