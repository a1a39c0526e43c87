import { ARCHITECTURES, normalizePlatform } from "../../registry/normalize-platform.ts"
import { didYouMean } from "../text/nearest-name.ts"

const SHOWN = ["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386"]

/** Why no build can run for a `--platform` (`os`, `architecture` or `os/architecture[/variant]`, any case); undefined when one can. */
export function platformProblem(platform: string): string | undefined {
  const [os, architecture = ""] = normalizePlatform(platform).split("/")
  if (os === "windows") {
    return `--platform ${platform} needs a Windows builder, and all builders are Linux: write ${SHOWN[0]}, or leave it out.`
  }
  if (os === "linux" && ARCHITECTURES.includes(architecture)) return undefined
  const hint = didYouMean(architecture, ARCHITECTURES)
  return `--platform ${platform}: no builder runs its programs; write one like ${SHOWN.join(", ")}.${hint}`
}
