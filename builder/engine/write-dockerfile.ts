import { copyFile, realpath, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { BuildPlan } from "./bake-definition.ts"
import { isBelow } from "./read-build-file.ts"
import { isReservedArgument, withReservedArguments } from "./reserved-arguments.ts"

export type WrittenDockerfile = { dockerfilePath: string; ignoreFile: string | undefined }

/**
 * podman gets the very text that was checked, in a file of ours: it hands a file that is called `*.in` to cpp, which includes
 * any file of the host. Reserved arguments, which never become environment, are written into it. What is to be ignored
 * stands beside the file it was made from, under that one's name.
 */
export async function writeDockerfile(
  folder: string,
  number: number,
  plan: BuildPlan,
  text: string,
): Promise<WrittenDockerfile> {
  const dockerfilePath = join(folder, `build-${number}.Dockerfile`)
  await rm(dockerfilePath, { force: true })
  const reserved = plan.buildArguments.filter(({ name }) => isReservedArgument(name))
  await writeFile(dockerfilePath, withReservedArguments(text, reserved), { mode: 0o600 })
  for (const ending of ["containerignore", "dockerignore"]) {
    const path = await realpath(`${plan.dockerfilePath}.${ending}`).catch(() => undefined)
    if (path === undefined) continue
    // A link out of the context would let podman read a file of the host.
    if (isBelow(plan.contextFolder, plan.dockerfilePath) && !isBelow(await realpath(plan.contextFolder), path)) continue
    const ignoreFile = `${dockerfilePath}.${ending}`
    await copyFile(path, ignoreFile)
    return { dockerfilePath, ignoreFile }
  }
  return { dockerfilePath, ignoreFile: undefined }
}
