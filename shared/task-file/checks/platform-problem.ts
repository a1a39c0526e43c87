import { didYouMean } from "../text/nearest-name.ts"

/** Architectures whose programs an engine here can run, by emulation too, and the names that docker takes for them. */
const ARCHITECTURES = ["amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64"]
const OTHER_NAMES = ["x86_64", "x86-64", "aarch64", "armhf", "armel", "i386", "x86"]
const KNOWN = [...ARCHITECTURES, ...OTHER_NAMES]
const SHOWN = ["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386"]

/** Why no build can run for a `--platform` (`os`, `architecture` or `os/architecture[/variant]`, any case); undefined when one can. */
export function platformProblem(platform: string): string | undefined {
  const [first = "", ...others] = platform.toLowerCase().split("/")
  const hasOs = others.length > 0 || !KNOWN.includes(first)
  const os = hasOs ? first : "linux"
  const architecture = hasOs ? others[0] : first
  if (os === "windows") {
    return `--platform ${platform} needs a Windows builder, and all builders are Linux: write ${SHOWN[0]}, or leave it out.`
  }
  if (os === "linux" && (architecture === undefined || KNOWN.includes(architecture))) return undefined
  const hint = didYouMean(architecture ?? os, ARCHITECTURES)
  return `--platform ${platform}: no builder runs its programs; write one like ${SHOWN.join(", ")}.${hint}`
}
