import path from "node:path"
import { run } from "./run.mjs"

/**
 * Starts the private Docker Engine in a throw-away folder, builds examples/hello, runs it and stops the engine again: with
 * the part of the stack itself, on the Node that npm has just installed.
 *
 * @param {string} root of the repository
 * @returns {string | undefined} why it does not work
 */
export function tryPrivateDocker(root) {
  const node = path.join(root, "node_modules", ".bin", "node")
  const script = path.join(root, "local", "engine", "try-engine.ts")
  const result = run(node, ["--disable-warning=ExperimentalWarning", script], { cwd: root, timeoutMs: 60_000 })
  if (result.isOk) return undefined
  return result.stderr.trim().split("\n").at(-1) ?? "it ended without a word"
}
