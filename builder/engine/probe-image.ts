import { PROBE_PROGRAMS } from "./probe-programs.ts"

/**
 * A root file system with one static program, `/probe`, as a tar archive: all that a container needs to prove that an engine can run one.
 * Undefined for an architecture that we have no program for.
 */
export function probeImage(architecture: string): Buffer | undefined {
  const content = PROBE_PROGRAMS[architecture]
  if (content === undefined) return undefined
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512)
  return Buffer.concat([header("probe", content.length), content, padding, Buffer.alloc(1024)])
}

/** One entry of a ustar archive: an executable file of root. */
function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(512)
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, "0")}\0`
  block.write(name, 0)
  block.write(octal(0o755, 8) + octal(0, 8) + octal(0, 8) + octal(size, 12) + octal(0, 12), 100)
  block.write(`${" ".repeat(8)}0`, 148)
  block.write("ustar\u000000", 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148)
  return block
}
