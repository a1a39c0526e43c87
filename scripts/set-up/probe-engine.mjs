import { readFileSync } from "node:fs"
import path from "node:path"
import { findPrograms } from "./programs.mjs"
import { run } from "./run.mjs"
import { tarOf } from "./tar.mjs"

const TIMEOUT_MS = 20_000

/** @typedef {{ kind: "docker" | "podman", command: string, detail: string }} AnsweringEngine */

/**
 * The engine that answers, that is, has just run a container: Docker with buildx first, then Podman. A version that is
 * printed says nothing. The image is made here, so no registry is needed.
 *
 * @param {string} root of the repository
 * @returns {{ engine: AnsweringEngine | undefined, reasons: string[] }} reasons: why the others do not count
 */
export function probeEngine(root) {
  const reasons = []
  for (const kind of /** @type {const} */ (["docker", "podman"])) {
    const commands = findPrograms(kind)
    if (commands.length === 0) reasons.push(`${kind}: not installed`)
    for (const command of commands) {
      const reason = (kind === "docker" ? buildxProblem(command) : undefined) ?? runProblem(command, root)
      if (reason === undefined) return { engine: { kind, command, detail: versionOf(command) }, reasons }
      reasons.push(`${command}: ${reason}`)
    }
  }
  return { engine: undefined, reasons }
}

/**
 * Podman also comes under docker's name, with a `buildx` that is not BuildKit.
 *
 * @param {string} command
 */
function buildxProblem(command) {
  if (!versionOf(command).startsWith("Docker version")) return "it is not Docker's own"
  const server = run(command, ["version", "--format", "{{.Server.Version}}"], { timeoutMs: TIMEOUT_MS })
  if (!server.isOk) return lastLine(server.stderr)
  return run(command, ["buildx", "version"], { timeoutMs: TIMEOUT_MS }).isOk
    ? undefined
    : `engine ${server.stdout.trim()} has no buildx`
}

/**
 * @param {string} command
 * @param {string} root
 */
function runProblem(command, root) {
  const architecture = process.arch === "arm64" ? "arm64" : "amd64"
  const program = readFileSync(path.join(root, "examples", "hello", `hello-${architecture}`))
  const image = `localhost/slipway-set-up:${process.pid}`
  const files = tarOf([
    { name: "hello", mode: 0o755, content: program },
    { name: "message.txt", mode: 0o644, content: Buffer.from("it runs\n") },
  ])
  const imported = run(command, ["import", "--change", 'CMD ["/hello"]', "-", image], {
    input: files,
    timeoutMs: TIMEOUT_MS,
  })
  if (!imported.isOk) return lastLine(imported.stderr)
  const ran = run(command, ["run", "--rm", image], { timeoutMs: TIMEOUT_MS })
  run(command, ["rmi", "-f", image], { timeoutMs: TIMEOUT_MS })
  return ran.isOk && ran.stdout === "it runs\n" ? undefined : lastLine(ran.stderr)
}

/** @param {string} command */
function versionOf(command) {
  return run(command, ["--version"]).stdout.trim()
}

/** @param {string} text */
function lastLine(text) {
  return text.trim().split("\n").at(-1) ?? ""
}
