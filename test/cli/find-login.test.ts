import { chmodSync } from "node:fs"
import path from "node:path"
import { describe, expect, test } from "vitest"
import { findLogin } from "../../cli/find-login.ts"
import { folderWith } from "./test-command.ts"

const auth = (text: string) => ({ auth: Buffer.from(text).toString("base64") })

function homeWith(config: object): { HOME: string } {
  return { HOME: folderWith({ ".docker/config.json": JSON.stringify(config) }) }
}

describe("the user's own login", () => {
  test("is found in docker's file, whatever form the registry's name has there", async () => {
    const home = homeWith({ auths: { "https://r.io/v1/": auth("me:pass:word"), "other.io": auth("you:x") } })

    const found = await findLogin("r.io", home)

    expect(found).toEqual({ ok: true, login: { loginServer: "r.io", userName: "me", password: "pass:word" } })
  })

  test.each([["docker.io"], ["index.docker.io"]])("for Docker Hub is found as %s", async (name) => {
    const home = homeWith({ auths: { "https://index.docker.io/v1/": auth("me:word") } })

    const found = await findLogin(name, home)

    expect(found).toMatchObject({ ok: true, login: { loginServer: name, userName: "me" } })
  })

  test("is found in podman's file when docker has none", async () => {
    const run = folderWith({ "containers/auth.json": JSON.stringify({ auths: { "r.io:5000": auth("me:word") } }) })

    const found = await findLogin("r.io:5000", { HOME: "/nowhere", XDG_RUNTIME_DIR: run })

    expect(found).toMatchObject({ ok: true, login: { password: "word" } })
  })

  test("comes from the credential helper of the registry, before the one for all", async () => {
    const script = '#!/bin/sh\nread -r host\necho "{\\"Username\\":\\"me\\",\\"Secret\\":\\"of-$host\\"}"\n'
    const bin = folderWith({ "docker-credential-mine": script })
    chmodSync(path.join(bin, "docker-credential-mine"), 0o755)
    const home = homeWith({ auths: { "r.io": {} }, credHelpers: { "r.io": "mine" }, credsStore: "not-there" })

    const found = await findLogin("r.io", { ...home, PATH: `${bin}:/usr/bin:/bin` })
    const other = await findLogin("x.io", { ...home, PATH: `${bin}:/usr/bin:/bin` })

    expect(found).toMatchObject({ ok: true, login: { userName: "me", password: "of-r.io" } })
    expect(other).toEqual({ ok: false, problem: "there is no login for x.io: docker login x.io" })
  })

  test("that is a token for docker alone is refused with the fix", async () => {
    const home = homeWith({ auths: { "r.io": auth("<token>:x") } })

    const found = await findLogin("r.io", home)

    expect(found).toMatchObject({ ok: false, problem: expect.stringContaining("log in with a password") })
  })

  test("cannot be found in a file of another kind", async () => {
    const home = { HOME: folderWith({ ".docker/config.json": "[" }) }

    const found = await findLogin("r.io", home)

    expect(found).toMatchObject({ ok: false, problem: expect.stringContaining("no file of registry logins") })
  })
})
