import { readFile, realpath, stat } from "node:fs/promises"
import { quoteName } from "../context/context-error.ts"
import { RunFailure } from "../failures/run-failure.ts"

/** No Dockerfile is this large, and reading one that is would fill memory. */
const MAX_BYTES = 4 * 1024 * 1024

/** The Dockerfile of a build step: its absolute path and its text. `shown`: how the user named it. Errors: RunFailure when it is not a file of the context. */
export async function findDockerfile(
  folder: string,
  dockerFilePath: string,
  shown = dockerFilePath,
): Promise<{ path: string; text: string }> {
  const name = shown === "" ? "Dockerfile" : shown
  const parts = (dockerFilePath === "" ? "Dockerfile" : dockerFilePath)
    .split("/")
    .filter((part) => part !== "" && part !== ".")
  if (parts.includes("..") || dockerFilePath.includes("\0")) {
    throw new RunFailure("Failed", `The Dockerfile ${quoteName(name)} is outside the source code.`)
  }
  const path = `${folder}/${parts.join("/")}`
  const facts = await stat(path).catch(() => undefined)
  if (!facts?.isFile())
    throw new RunFailure("Failed", `The Dockerfile ${quoteName(name)} was not found in the source code.`)
  // The links of an archive stay inside it; this holds even if that rule is ever lost.
  if (!(await realpath(path)).startsWith(`${await realpath(folder)}/`)) {
    throw new RunFailure("Failed", `The Dockerfile ${quoteName(name)} is outside the source code.`)
  }
  if (facts.size > MAX_BYTES)
    throw new RunFailure("Failed", `The Dockerfile ${quoteName(name)} is larger than ${MAX_BYTES} bytes.`)
  return { path, text: await readFile(path, "utf8") }
}
