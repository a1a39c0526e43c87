/**
 * The smallest static program of each processor, by images' words for it: an ELF header, one segment, and two system calls that write
 * `slipway` and a line feed and exit with 0. All that is needed to prove that programs of it run, on any machine and without a registry.
 */
export const PROBE_PROGRAMS: Readonly<Record<string, Buffer>> = Object.fromEntries(
  Object.entries({
    // mov eax,1; mov edi,eax; lea rsi,[rip+text]; mov edx,8; syscall; mov eax,60; xor edi,edi; syscall; text: "slipway\n"
    amd64:
      "f0VMRgIBAQAAAAAAAAAAAAIAPgABAAAAeABAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAEAAOAABAAAAAAAAAAEAAAAFAAAAAAAAAAAAAAAAAEAAAAAAAAAAQAAAAAAAngAAAAAAAACeAAAAAAAAAAAQAAAAAAAAuAEAAACJx0iNNRAAAAC6CAAAAA8FuDwAAAAx/w8Fc2xpcHdheQo=",
    // mov eax,4; mov ebx,1; mov ecx,text; mov edx,8; int 0x80; mov eax,1; xor ebx,ebx; int 0x80; text: "slipway\n"
    "386":
      "f0VMRgEBAQAAAAAAAAAAAAIAAwABAAAAVABAADQAAAAAAAAAAAAAADQAIAABAAAAAAAAAAEAAAAAAAAAAABAAAAAQAB7AAAAewAAAAUAAAAAEAAAuAQAAAC7AQAAALlzAEAAuggAAADNgLgBAAAAMdvNgHNsaXB3YXkK",
    // mov x0,#1; adr x1,text; mov x2,#8; mov x8,#64; svc 0; mov x0,#0; mov x8,#93; svc 0; text: "slipway\n"
    arm64:
      "f0VMRgIBAQAAAAAAAAAAAAIAtwABAAAAeABAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAEAAOAABAAAAAAAAAAEAAAAFAAAAAAAAAAAAAAAAAEAAAAAAAAAAQAAAAAAAoAAAAAAAAACgAAAAAAAAAAAQAAAAAAAAIACA0uEAABACAYDSCAiA0gEAANQAAIDSqAuA0gEAANRzbGlwd2F5Cg==",
    // mov r7,#4; mov r0,#1; add r1,pc,text; mov r2,#8; svc 0; mov r7,#1; mov r0,#0; svc 0; text: "slipway\n"
    arm: "f0VMRgEBAQAAAAAAAAAAAAIAKAABAAAAVABAADQAAAAAAAAAAAIABTQAIAABAAAAAAAAAAEAAAAAAAAAAABAAAAAQAB8AAAAfAAAAAUAAAAAEAAABHCg4wEAoOMQEI/iCCCg4wAAAO8BcKDjAACg4wAAAO9zbGlwd2F5Cg==",
    // li a0,1; auipc a1,0; addi a1,text; li a2,8; li a7,64; ecall; li a0,0; li a7,93; ecall; text: "slipway\n"
    riscv64:
      "f0VMRgIBAQAAAAAAAAAAAAIA8wABAAAAeABAAAAAAABAAAAAAAAAAAAAAAAAAAAABAAAAEAAOAABAAAAAAAAAAEAAAAFAAAAAAAAAAAAAAAAAEAAAAAAAAAAQAAAAAAApAAAAAAAAACkAAAAAAAAAAAQAAAAAAAAEwUQAJcFAACThQUCEwaAAJMIAARzAAAAEwUAAJMI0AVzAAAAc2xpcHdheQo=",
    // li 3,1; bcl 20,31,$+4; mflr 4; addi 4,text; li 5,8; li 0,4; sc; li 3,0; li 0,1; sc; text: "slipway\n"
    ppc64le:
      "f0VMRgIBAQAAAAAAAAAAAAIAFQABAAAAeABAAAAAAABAAAAAAAAAAAAAAAAAAAAAAgAAAEAAOAABAAAAAAAAAAEAAAAFAAAAAAAAAAAAAAAAAEAAAAAAAAAAQAAAAAAAqAAAAAAAAACoAAAAAAAAAAAQAAAAAAAAAQBgOAUAn0KmAoh8IACEOAgAoDgEAAA4AgAARAAAYDgBAAA4AgAARHNsaXB3YXkK",
    // lghi 2,1; larl 3,text; lghi 4,8; lghi 1,4; svc 0; lghi 2,0; lghi 1,1; svc 0; text: "slipway\n"
    s390x:
      "f0VMRgICAQAAAAAAAAAAAAACABYAAAABAAAAAABAAHgAAAAAAAAAQAAAAAAAAAAAAAAAAABAADgAAQAAAAAAAAAAAAEAAAAFAAAAAAAAAAAAAAAAAEAAAAAAAAAAQAAAAAAAAAAAAJ4AAAAAAAAAngAAAAAAABAApykAAcAwAAAADadJAAinGQAECgCnKQAApxkAAQoAc2xpcHdheQo=",
  }).map(([architecture, program]) => [architecture, Buffer.from(program, "base64")]),
)

/** What each of them prints. */
export const PROBE_ANSWER = "slipway"
