/** Names that docker takes for an architecture, and what images call it (containerd, platforms/database.go). */
const OTHER_NAMES: Record<string, string> = {
  ...{ x86_64: "amd64", "x86-64": "amd64", aarch64: "arm64", i386: "386", x86: "386" },
  ...{ armhf: "arm/v7", armel: "arm/v6" },
}

/** Architectures whose programs an engine can run, by emulation too. */
export const ARCHITECTURES = ["amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64"]

/**
 * A platform as people name it (`os`, `architecture` or `os/architecture[/variant]`, in any case), as images have it:
 * `os/architecture[/variant]`. An operating system alone means amd64, an architecture alone linux.
 */
export function normalizePlatform(text: string): string {
  const [first = "", ...others] = text.toLowerCase().split("/")
  const isArchitecture = others.length === 0 && (ARCHITECTURES.includes(first) || Object.hasOwn(OTHER_NAMES, first))
  const [os, architecture = "amd64", ...variant] = isArchitecture ? ["linux", first] : [first, ...others]
  return [os, OTHER_NAMES[architecture] ?? architecture, ...variant].join("/")
}
