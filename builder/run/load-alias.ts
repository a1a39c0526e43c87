import { secretTexts, takeSecrets, withSecretQuery } from "../../shared/contexts/take-secrets.ts"
import { decodeTaskFile, MAX_TASK_FILE_BYTES } from "../../shared/task-file/decode-task-file.ts"
import type { TaskFileInput } from "../../shared/task-file/task-file-input.ts"
import { basic } from "../context/download-archive.ts"
import type { NetworkRules } from "../context/guarded-connect.ts"
import { guardedGet, readBody } from "../context/guarded-request.ts"
import type { RunPlaces } from "../steps/step-deps.ts"
import { readNamedText } from "./read-given-text.ts"

const TIMEOUT_MS = 10_000

type AliasDeps = {
  places: RunPlaces
  rules: NetworkRules
  ca?: string | undefined
  /** Hides what the URLs of alias files hold. */
  addSecrets(secrets: readonly string[]): void
  signal?: AbortSignal | undefined
}

/** Loads files of `alias.src` (task-file 5): from the workspace, or from a URL by the same rules as any source. Problems do not name it. */
export function createAliasLoader({ places, rules, ca, addSecrets, signal }: AliasDeps): TaskFileInput["loadAlias"] {
  return async (source) => {
    try {
      if (!/^https?:\/\//i.test(source)) return { ok: true, text: await readNamedText(source, "alias file", places) }
      const timeout = AbortSignal.timeout(TIMEOUT_MS)
      const stop = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
      const { location, secrets } = takeSecrets({ type: "archive", url: source })
      const { login } = secrets
      addSecrets(secretTexts(secrets))
      const url = new URL(withSecretQuery(location.url, secrets))
      if (url.protocol === "http:" && (login !== undefined || secrets.query !== undefined))
        return { ok: false, problem: "its secret would be shown to everybody by plain http://; use https://." }
      const headersFor = (to: URL): Record<string, string> =>
        login !== undefined && to.origin === url.origin ? { authorization: basic(login) } : {}
      const { answer } = await guardedGet(url, { rules, ca, signal: stop, headersFor })
      if (answer.statusCode !== 200) {
        answer.destroy()
        return { ok: false, problem: `the server answered ${answer.statusCode}.` }
      }
      const decoded = decodeTaskFile(await readBody(answer, MAX_TASK_FILE_BYTES))
      return decoded.ok ? decoded : { ok: false, problem: "it is no text in UTF-8." }
    } catch (error) {
      signal?.throwIfAborted()
      return { ok: false, problem: error instanceof Error ? error.message : String(error) }
    }
  }
}
