import { findProgram } from "../builder/engine/client-environment.ts"
import { runCommand } from "../local/cli/run-command.ts"
import { readEnvironment } from "../local/config.ts"
import type { RegistryLogin } from "../shared/builders/run-spec.ts"
import { timed } from "./statistics.ts"

/** Runs the task file `acr-task.yaml` of a folder to its end; seconds. Errors: acb's last line. */
export type Acb = { exec(folder: string, login: RegistryLogin): Promise<number> }

/**
 * ACR's own runner where it is installed: `SLIPWAY_BENCH_ACB`, else `acb` on the search path. It is a peer and no more: its builds
 * want the images `docker` and `acb` in the engine, and the engine's socket at `/var/run/docker.sock` (task-file 3.1, 7.1).
 */
export async function findAcb(
  env: Record<string, string>,
  { SLIPWAY_BENCH_ACB: given = "", PATH = "" }: Record<string, string | undefined> = readEnvironment(),
): Promise<Acb | undefined> {
  const command = given === "" ? await findProgram("acb", PATH.split(":")) : given
  if (command === undefined) return undefined
  return {
    async exec(folder, login) {
      const args = acbArguments(folder, login)
      let answer = { code: 1, stderr: "" }
      const ms = await timed(async () => {
        answer = await runCommand(command, args, { env: { PATH, ...env }, cwd: folder })
      })
      if (answer.code === 0) return ms / 1000
      throw new Error(answer.stderr.trimEnd().split("\n").at(-1) || `it ended with exit code ${answer.code}`)
    },
  }
}

/** The working folder is the home volume, where secret volumes and relative paths are looked for (task-file 3.1, 7.5). */
export function acbArguments(folder: string, { loginServer, userName, password }: RegistryLogin): string[] {
  const credential = {
    ...{ registry: loginServer, username: userName, userNameProviderType: "opaque" },
    ...{ password, passwordProviderType: "opaque" },
  }
  return [
    ...["exec", "-f", "acr-task.yaml", "--homevol", folder, "-r", loginServer, "--id", "ca1"],
    ...["--credential", JSON.stringify(credential)],
  ]
}
