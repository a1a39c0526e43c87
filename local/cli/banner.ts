import path from "node:path"
import type { EngineChoice } from "../../builder/engine/engine.ts"
import { duration, paint } from "./terminal.ts"

export type BannerFacts = {
  url: string
  registry: string
  dataFolder: string
  readyMs: number
  host: string
  stop: string
}

/** What somebody who has just started the stack needs next. */
export function banner(facts: BannerFacts): string {
  const envFile = path.relative(process.cwd(), path.join(facts.dataFolder, "env.sh"))
  // A name without a slash is looked up in PATH by `.` (POSIX, "dot"); one that leads far up reads better absolute.
  const file = envFile.startsWith("..") ? path.join(facts.dataFolder, "env.sh") : `./${envFile}`.replace("././", "./")
  return `
${paint("Slipway is ready", "green")} after ${duration(facts.readyMs)}.

  URL        ${paint(facts.url, "bold")}
  Registry   ${paint(facts.registry, "bold")}
  Sign in    . ${file}        az, curl and Node then know this stack
${openLine(facts)}
Try, in a shell that has signed in:
  az acr build -r slipway -t hello:v1 examples/hello
  az acr task list-runs -r slipway -o table
  az acr task logs -r slipway

${paint(facts.stop, "dim")}
`
}

function openLine({ host }: BannerFacts): string {
  if (host === "127.0.0.1") return ""
  const text = `Listens on ${host}: whoever reaches this machine reaches the URL's and the registry's port. URLs in answers stay localhost.`
  return `\n  ${paint(text, "yellow")}\n`
}

/** One line about the engine, once it is known. */
export function engineLine(engine: Pick<EngineChoice, "reason"> | undefined): string {
  if (engine === undefined) {
    return paint(
      "No container engine answers: builds will fail. npm run set-up installs one; the logs say what was tried.",
      "yellow",
    )
  }
  return `Engine: ${engine.reason}`
}
