import { describe, expect, test } from "vitest"
import { gitRemote, submoduleUrl } from "../../../builder/context/git-remote.ts"

describe("gitRemote", () => {
  test.each([
    ["https://h/r.git", { protocol: "https", host: "h", port: 443, origin: "https://h" }],
    ["https://h:8443/r", { protocol: "https", host: "h", port: 8443, origin: "https://h:8443" }],
    ["http://h/r.git", { protocol: "http", host: "h", port: 80, origin: "http://h" }],
    ["https://[::1]:1/r.git", { protocol: "https", host: "[::1]", port: 1, origin: "https://[::1]:1" }],
    ["ssh://git@h:2222/r.git", { protocol: "ssh", host: "h", port: 2222, origin: undefined }],
    ["git@h.io:team/r.git", { protocol: "ssh", host: "h.io", port: 22, origin: undefined }],
    ["me@h.io:r", { protocol: "ssh", host: "h.io", port: 22, origin: undefined }],
  ])("%s leads there", (url, remote) => {
    expect(gitRemote(url)).toEqual(remote)
  })

  test.each([
    "file:///etc",
    "/etc",
    "../x",
    "git://h/r",
    "ext::sh -c id",
    "-oProxyCommand=x@h:y",
    "git@-oProxyCommand=x:y",
    "ssh://-oProxyCommand=x/y",
    "ssh://-x@h/y",
    "https://h/a b",
    "h:path",
    "git@h::ext",
    "",
  ])("%j leads nowhere", (url) => {
    expect(gitRemote(url)).toBeUndefined()
  })
})

describe("submoduleUrl", () => {
  test.each([
    ["https://h/a/b.git", "../c.git", "https://h/a/c.git"],
    ["https://h/a/b.git/", "../../c.git", "https://h/c.git"],
    ["https://h/a/b.git", "./c", "https://h/a/b.git/c"],
    ["https://h/a/b.git", "./../c", "https://h/a/c"],
    ["git@h:a/b.git", "../c.git", "git@h:a/c.git"],
    ["git@h:b.git", "../c.git", "git@h:c.git"],
    ["ssh://git@h/a/b", "../c", "ssh://git@h/a/c"],
    ["https://h/a/b.git", "https://other/c.git", "https://other/c.git"],
    ["https://h/a/b.git", "/etc", "/etc"],
  ])("of %s, %s is %s", (parent, url, absolute) => {
    expect(submoduleUrl(parent, url)).toBe(absolute)
  })

  test.each([
    ["https://h/b.git", "../../c.git"],
    ["git@h:b.git", "../../c.git"],
    ["https://h/a/b.git", ".."],
  ])("of %s, %s leads above its host", (parent, url) => {
    expect(() => submoduleUrl(parent, url)).toThrow(/above its host/)
  })
})
