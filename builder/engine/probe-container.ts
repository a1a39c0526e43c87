import { randomBytes } from "node:crypto"
import type { ProbeCall } from "./probe-engine.ts"
import { probeImage } from "./probe-image.ts"
import { PROBE_ANSWER } from "./probe-programs.ts"

/** Imports a tiny image, runs it, removes it. Undefined when it printed what it should; else why not. */
export async function probeContainer(
  call: ProbeCall,
  command: string,
  env: Record<string, string>,
  architecture: string,
): Promise<string | undefined> {
  const input = probeImage(architecture)
  if (input === undefined) return `there is no probe for ${architecture}`
  const image = `localhost/slipway/probe:${randomBytes(6).toString("hex")}`
  const imported = await call(command, ["import", "-", image], { env, input })
  if (!imported.isSuccess) return imported.why
  try {
    const { isSuccess, stdout, why } = await call(command, ["run", "--rm", "--pull=never", image, "/probe"], { env })
    if (!isSuccess) return why
    return stdout.includes(PROBE_ANSWER) ? undefined : "its container printed nothing"
  } finally {
    await call(command, ["rmi", "--force", image], { env })
  }
}
