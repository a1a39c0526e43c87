/**
 * A root file system with one static program, `/probe`, that writes `slipway` and a line feed and exits 0. All that a
 * container needs to prove that an engine can run one, on any machine and without a registry.
 *
 * amd64: mov eax,1; mov edi,eax; lea rsi,[rip+text]; mov edx,8; syscall; mov eax,60; xor edi,edi; syscall; text: "slipway\n"
 * arm64: mov x0,#1; adr x1,text; mov x2,#8; mov x8,#64; svc 0; mov x0,#0; mov x8,#93; svc 0; text: "slipway\n"
 */
const PROGRAMS: Record<string, string> = {
  amd64:
    "f0VMRgIBAQAAAAAAAAAAAAIAPgABAAAAeABAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAEAAOAABAAAAAAAAAAEAAAAFAAAAAAAAAAAAAAAAAEAAAAAAAAAAQAAAAAAAngAAAAAAAACeAAAAAAAAAAAQAAAAAAAAuAEAAACJx0iNNRAAAAC6CAAAAA8FuDwAAAAx/w8Fc2xpcHdheQo=",
  arm64:
    "f0VMRgIBAQAAAAAAAAAAAAIAtwABAAAAeABAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAEAAOAABAAAAAAAAAAEAAAAFAAAAAAAAAAAAAAAAAEAAAAAAAAAAQAAAAAAAoAAAAAAAAACgAAAAAAAAAAAAAQAAAAAAIACA0uEAABACAYDSCAiA0gEAANQAAIDSqAuA0gEAANRzbGlwd2F5Cg==",
}

/** What the program prints. */
export const PROBE_ANSWER = "slipway"

/** The file system as a tar archive; undefined for an architecture that we have no program for. */
export function probeImage(architecture: string): Buffer | undefined {
  const program = PROGRAMS[architecture]
  if (program === undefined) return undefined
  const content = Buffer.from(program, "base64")
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
