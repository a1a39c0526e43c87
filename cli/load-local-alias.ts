import { readFile } from "node:fs/promises"
import { guardedGet, readBody } from "../builder/context/guarded-request.ts"
import { hostPath } from "../builder/steps/host-path.ts"
import { decodeTaskFile, MAX_TASK_FILE_BYTES } from "../shared/task-file/decode-task-file.ts"
import type { TaskFileInput } from "../shared/task-file/task-file-input.ts"

const TIMEOUT_MS = 10_000

/** Loads files of `alias.src` for who reads a task file on this machine: from the workspace, or from any URL that the machine reaches. */
export function createAliasLoader(workspace: string): TaskFileInput["loadAlias"] {
  return async (source) => {
    try {
      const bytes = /^https?:\/\//i.test(source) ? await download(source) : await readFile(await pathOf(source))
      const decoded = decodeTaskFile(bytes)
      return decoded.ok ? decoded : { ok: false, problem: "it is too large, or no text in UTF-8." }
    } catch (error) {
      return { ok: false, problem: error instanceof Error ? error.message : String(error) }
    }
  }

  function pathOf(source: string): Promise<string> {
    const places = { workspace, home: "", volumes: "", temporary: "" }
    return hostPath(source, { workingDirectory: "", volumeMounts: [] }, places)
  }
}

async function download(source: string): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const { answer } = await guardedGet(new URL(source), { rules: { allowedHosts: ["*"] }, signal })
  if (answer.statusCode === 200) return await readBody(answer, MAX_TASK_FILE_BYTES)
  answer.destroy()
  throw new Error(`the server answered ${answer.statusCode}.`)
}
