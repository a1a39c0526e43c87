/** Processors that a test has a program for, in images' words. */
export type TinyArchitecture = "386" | "arm" | "arm64"

const ORIGIN = 0x400000

/**
 * The smallest static Linux program of an architecture that says a line and ends with 0: an ELF header, one segment, and two system
 * calls, `write` and `exit`. So a test has a program of a processor that the machine is not, without a compiler for it.
 */
export function tinyProgram(architecture: TinyArchitecture, line: string): Buffer {
  const text = Buffer.from(`${line}\n`)
  const headerBytes = architecture === "arm64" ? 64 + 56 : 52 + 32
  const code = CODE[architecture](text.length, ORIGIN + headerBytes)
  const body = Buffer.concat([code, text])
  const header = architecture === "arm64" ? header64(body.length) : header32(architecture, body.length)
  return Buffer.concat([header, body])
}

const CODE: Record<TinyArchitecture, (length: number, at: number) => Buffer> = {
  // mov x0,1; adr x1,text; mov x2,length; mov x8,write; svc; mov x0,0; mov x8,exit; svc
  arm64: (length) =>
    words(0xd2800020, 0x100000e1, 0xd2800002 + length * 32, 0xd2800808, 0xd4000001, 0xd2800000, 0xd2800ba8, 0xd4000001),
  // mov r7,write; mov r0,1; add r1,pc,text; mov r2,length; svc; mov r7,exit; mov r0,0; svc
  arm: (length) =>
    words(0xe3a07004, 0xe3a00001, 0xe28f1010, 0xe3a02000 + length, 0xef000000, 0xe3a07001, 0xe3a00000, 0xef000000),
  // mov eax,write; mov ebx,1; mov ecx,text; mov edx,length; int 0x80; mov eax,exit; xor ebx,ebx; int 0x80
  "386": (length, at) => {
    const code = Buffer.from("b804000000bb01000000b900000000ba00000000cd80b80100000031dbcd80", "hex")
    code.writeUInt32LE(at + code.length, 11)
    code.writeUInt32LE(length, 16)
    return code
  },
}

function words(...instructions: number[]): Buffer {
  const code = Buffer.alloc(instructions.length * 4)
  for (const [index, instruction] of instructions.entries()) code.writeUInt32LE(instruction, index * 4)
  return code
}

function header64(bytes: number): Buffer {
  const header = Buffer.alloc(120)
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  header.writeUInt16LE(2, 16)
  header.writeUInt16LE(183, 18)
  header.writeUInt32LE(1, 20)
  header.writeBigUInt64LE(BigInt(ORIGIN + 120), 24)
  header.writeBigUInt64LE(64n, 32)
  header.writeUInt16LE(64, 52)
  header.writeUInt16LE(56, 54)
  header.writeUInt16LE(1, 56)
  header.writeUInt32LE(1, 64)
  header.writeUInt32LE(5, 68)
  header.writeBigUInt64LE(BigInt(ORIGIN), 80)
  header.writeBigUInt64LE(BigInt(ORIGIN), 88)
  header.writeBigUInt64LE(BigInt(120 + bytes), 96)
  header.writeBigUInt64LE(BigInt(120 + bytes), 104)
  header.writeBigUInt64LE(0x1000n, 112)
  return header
}

function header32(architecture: "386" | "arm", bytes: number): Buffer {
  const header = Buffer.alloc(84)
  header.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1])
  header.writeUInt16LE(2, 16)
  header.writeUInt16LE(architecture === "arm" ? 40 : 3, 18)
  header.writeUInt32LE(1, 20)
  header.writeUInt32LE(ORIGIN + 84, 24)
  header.writeUInt32LE(52, 28)
  // The second version of ARM's binary interface has no programs left.
  header.writeUInt32LE(architecture === "arm" ? 0x05000200 : 0, 36)
  header.writeUInt16LE(52, 40)
  header.writeUInt16LE(32, 42)
  header.writeUInt16LE(1, 44)
  const segment = [1, 0, ORIGIN, ORIGIN, 84 + bytes, 84 + bytes, 5, 0x1000]
  for (const [index, value] of segment.entries()) header.writeUInt32LE(value, 52 + index * 4)
  return header
}
