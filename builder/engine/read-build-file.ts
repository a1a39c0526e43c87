import { readFile, realpath } from "node:fs/promises"
import { relative } from "node:path"
import { readDockerfile } from "../../shared/dockerfile/read-dockerfile.ts"
import { readInstructions } from "../../shared/dockerfile/read-instructions.ts"
import { imageName } from "../../shared/registry/image-reference.ts"
import type { BuildOptions } from "./engine.ts"
import { EngineError } from "./engine-error.ts"

/**
 * `bases`: names of the images that the build needs, as far as the file can be read without the engine; `target`: the stage
 * that is asked for, spelt as in the file.
 */
export type CheckedDockerfile = { text: string; bases: string[]; target: string | undefined }

/**
 * Reads the Dockerfile before any engine does. A file without FROM never reaches one: it ends dockerd 26.1 with a panic,
 * and all builds of all runs with it. A link out of the context is refused: error messages quote the file.
 */
export async function checkDockerfile(options: BuildOptions): Promise<CheckedDockerfile> {
  const { contextFolder, dockerfilePath, platforms, buildArguments, target } = options
  const [platform = "linux/amd64"] = platforms
  const shown = isBelow(contextFolder, dockerfilePath) ? relative(contextFolder, dockerfilePath) : dockerfilePath
  const [context, path] = await Promise.all([realpath(contextFolder), realpath(dockerfilePath)]).catch((error) => {
    throw new EngineError("DockerfileInvalid", `there is no Dockerfile ${shown}`, error)
  })
  if (isBelow(contextFolder, dockerfilePath) && !isBelow(context, path)) {
    throw new EngineError("DockerfileInvalid", `the Dockerfile ${shown} is a link that leads out of the context`)
  }
  const text = await readFile(path, "utf8").catch((error) => {
    throw new EngineError("DockerfileInvalid", `the Dockerfile ${shown} cannot be read`, error)
  })
  if (!readInstructions(text).instructions.some(({ keyword }) => keyword === "FROM")) {
    throw new EngineError(
      "DockerfileInvalid",
      `the Dockerfile ${shown} has no FROM instruction: there is nothing to build`,
    )
  }
  const dockerfile = readDockerfile(text, { platform, buildArguments, target })
  const wanted = target === "" ? undefined : target
  if (!dockerfile.ok) return { text, bases: [], target: wanted }
  const { runtime, buildtime } = dockerfile.dependencies
  return {
    text,
    bases: [...(runtime === undefined ? [] : [runtime]), ...buildtime].map(imageName),
    target: wanted && dockerfile.stages.findLast(({ name }) => name === wanted.toLowerCase())?.spelling,
  }
}

/** True for what lies in the folder, by name alone. */
export function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== "" && way !== ".." && !way.startsWith("../")
}
