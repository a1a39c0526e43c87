import { open } from "node:fs/promises"
import { decodeTaskFile, MAX_TASK_FILE_BYTES } from "../../shared/task-file/decode-task-file.ts"
import { problemLine } from "../../shared/task-file/text/problem-line.ts"
import { quoteName } from "../context/context-error.ts"
import { RunFailure } from "../failures/run-failure.ts"
import { hostPath } from "../steps/host-path.ts"
import type { RunPlaces } from "../steps/step-deps.ts"

/** A text of a request, or a file of the workspace that has it. */
export type GivenText = { path: string } | { text: string }

/** `what` names it in messages. Errors: RunFailure when there is no such file in the workspace, or it is no text of a task file's size. */
export async function readGivenText(given: GivenText, what: string, places: RunPlaces): Promise<string> {
  if ("text" in given) return given.text
  const path = await pathOf(given.path, places).catch((error) => {
    throw new RunFailure("Failed", `The ${what} ${quoteName(given.path)} was not found in the source code.`, {
      cause: error,
    })
  })
  return await textIn(path, given.path, what)
}

/** A text that another text names. Errors: RunFailure; where there is no such file, it says why. */
export async function readNamedText(name: string, what: string, places: RunPlaces): Promise<string> {
  return await textIn(await pathOf(name, places), name, what)
}

function pathOf(name: string, places: RunPlaces): Promise<string> {
  return hostPath(name, { workingDirectory: "", volumeMounts: [] }, places)
}

async function textIn(path: string, shown: string, what: string): Promise<string> {
  const decoded = decodeTaskFile(await readStart(path, what))
  if (decoded.ok) return decoded.text
  const [problem] = decoded.problems
  throw new RunFailure("Failed", problem === undefined ? `The ${what} cannot be read.` : problemLine(shown, problem))
}

/** As much of a file as shows that it is too large. */
async function readStart(path: string, what: string): Promise<Buffer> {
  const file = await open(path)
  try {
    if (!(await file.stat()).isFile()) throw new RunFailure("Failed", `The ${what} is no file.`)
    const buffer = Buffer.alloc(MAX_TASK_FILE_BYTES + 1)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
