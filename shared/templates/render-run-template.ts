import type { RunVariables } from "./run-variables.ts"

/** `problem` is one line for the user. */
export type RenderResult = { ok: true; text: string } | { ok: false; problem: string }

/**
 * Replaces `{{.Run.X}}` in image names (task-file 4). An unknown name renders empty, as Go's `missingkey=zero` does in ACR; white
 * space around the name and `{{-`, `-}}` are understood. Everything else that Go templates can do is a problem, never passed on
 * as text: the template engine of a later issue replaces this file.
 */
export function renderRunTemplate(text: string, run: RunVariables): RenderResult {
  let rendered = ""
  let position = 0
  for (;;) {
    const open = text.indexOf("{{", position)
    if (open < 0) break
    const close = text.indexOf("}}", open)
    if (close < 0) return { ok: false, problem: `"${text}" opens a template with {{ and never closes it.` }

    const action = text.slice(open + 2, close)
    const parsed = /^(-(?=\s))?\s*\.(Run|Build)\.([A-Za-z][A-Za-z0-9_]*)\s*((?<=\s)-)?$/.exec(action)
    if (parsed === null || (parsed[2] === "Build" && parsed[3] !== "ID")) {
      return { ok: false, problem: `{{${action}}} is not understood: only {{.Run.ID}} and the like can be used here.` }
    }
    const [, trimsBefore, , name = "", trimsAfter] = parsed
    const before = text.slice(position, open)
    rendered += trimsBefore === undefined ? before : before.trimEnd()
    rendered += Object.hasOwn(run, name) ? run[name as keyof RunVariables] : ""
    position = close + 2
    if (trimsAfter !== undefined) position += /^\s*/.exec(text.slice(position))?.[0].length ?? 0
  }
  rendered += text.slice(position)
  if (rendered === "" && text !== "") return { ok: false, problem: `"${text}" renders to an empty text.` }
  return { ok: true, text: rendered }
}
