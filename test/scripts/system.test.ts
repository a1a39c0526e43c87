import { describe, expect, test } from "vitest"
import { parseOsRelease, supportedSystem } from "../../scripts/set-up/system.mjs"

const DEBIAN = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
`

describe("os-release", () => {
  test("values come without their quotes and escapes, whatever the kind of quote", () => {
    expect(parseOsRelease(DEBIAN)).toMatchObject({ ID: "debian", VERSION_CODENAME: "bookworm", VERSION_ID: "12" })
    expect(parseOsRelease(`NAME='One "two"'\nVERSION="a \\"b\\" \\$c"`)).toEqual({
      NAME: 'One "two"',
      VERSION: 'a "b" $c',
    })
  })

  test("comments, blank lines and what is no assignment are passed over", () => {
    expect(parseOsRelease("# ID=wrong\n\nnonsense\nID=debian\n")).toEqual({ ID: "debian" })
  })
})

describe("a system is known", () => {
  test.each([
    ["debian", "bookworm"],
    ["debian", "trixie"],
    ["ubuntu", "jammy"],
    ["ubuntu", "noble"],
  ])("%s %s", (id, codename) => {
    const system = supportedSystem({ ID: id, VERSION_CODENAME: codename, PRETTY_NAME: "A system" })

    expect(system).toEqual({ id, codename, name: "A system" })
  })

  test.each([
    ["debian", "bullseye"],
    ["ubuntu", "plucky"],
    ["fedora", ""],
    ["linuxmint", "noble"],
  ])("but not %s %s", (id, codename) => {
    expect(supportedSystem({ ID: id, VERSION_CODENAME: codename })).toBeUndefined()
  })

  test("but not one that says nothing about itself", () => {
    expect(supportedSystem({})).toBeUndefined()
  })
})
