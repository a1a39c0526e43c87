import type { EngineChoice } from "../engine/engine.ts"

const CACHES: Record<EngineChoice["cache"], string> = {
  registry: "layer cache in the registry",
  inline: "layer cache only inside the pushed image (this engine can no other)",
  none: "no layer cache beyond this machine",
}

/** Which engine builds, with which cache, and why, for the first line of every run log and the started event. */
export function engineText({ cache, reason }: EngineChoice, isCacheEnabled: boolean): string {
  const caching = isCacheEnabled ? CACHES[cache] : "layer cache switched off"
  return `${reason}; ${caching}`.replace(/\s+/g, " ").trim().slice(0, 512)
}
