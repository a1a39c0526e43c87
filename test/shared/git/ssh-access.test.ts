import { execFileSync } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { readPrivateKey } from "../../../shared/git/read-private-key.ts"
import { readSshAccess, sshSettingsOf } from "../../../shared/git/ssh-access.ts"

let folder: string
let key: string
const HOSTS = "git.test ssh-ed25519 AAAA\n"

/** A key as ssh-keygen writes it. */
async function generated(name: string, passphrase = "", ...options: string[]): Promise<string> {
  const file = path.join(folder, name)
  execFileSync("ssh-keygen", ["-q", "-t", "rsa", "-b", "1024", "-N", passphrase, "-f", file, ...options])
  return await readFile(file, "utf8")
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "ssh-access-"))
  key = await generated("key")
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe("readPrivateKey", () => {
  test("reads every form that ssh reads, and gives it the line ends that ssh wants", async () => {
    const pem = await generated("pem", "", "-m", "PEM")
    const pkcs8 = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" })

    for (const text of [key, pem, String(pkcs8)]) {
      for (const given of [text, text.trim(), text.replaceAll("\n", "\r\n"), text.trim().replaceAll("\n", "\\n")])
        expect(readPrivateKey(given)).toEqual({ ok: true, key: text })
    }
  })

  test("refuses what is none, with what to give", async () => {
    const problem = /give the whole text from -----BEGIN to -----END/
    const publicHalf = await readFile(path.join(folder, "key.pub"), "utf8")

    expect(readPrivateKey(publicHalf)).toMatchObject({ problem: expect.stringMatching(/public half.*give the whole/) })
    for (const text of ["", "/keys/id", key.slice(0, 200), `${key}${key}`.slice(5)])
      expect(readPrivateKey(text)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) })
  })

  test.each([["OPENSSH"], ["PEM"], ["PKCS8"]])("refuses a key of the form %s that has a passphrase", async (form) => {
    const options = form === "OPENSSH" ? [] : ["-m", form]

    const read = readPrivateKey(await generated(`locked-${form}`, "sesame", ...options))

    expect(read).toMatchObject({ ok: false, problem: expect.stringContaining("ssh-keygen -p") })
  })
})

describe("readSshAccess", () => {
  test("reads texts and files, each time anew", async () => {
    const file = path.join(folder, "hosts")
    const settings = { key, knownHostsFile: file }
    await writeFile(file, HOSTS)
    const first = await readSshAccess(settings)
    await writeFile(file, `${HOSTS}${HOSTS}`)

    expect(first).toEqual({ privateKey: key, knownHosts: HOSTS })
    expect(await readSshAccess(settings)).toEqual({ privateKey: key, knownHosts: `${HOSTS}${HOSTS}` })
    expect(await readSshAccess({ keyFile: path.join(folder, "key"), knownHosts: HOSTS.trim() })).toEqual(first)
  })

  test.each([
    [{}, /no SSH key: .*SLIPWAY_SSH_KEY or SLIPWAY_SSH_KEY_FILE/],
    [{ keyFile: "/absent" }, /^the file of SLIPWAY_SSH_KEY_FILE cannot be read \(ENOENT\)/],
    [{ key: "x" }, /^SLIPWAY_SSH_KEY is no private key/],
    [{ knownHosts: HOSTS }, /no SSH key/],
  ])("says what is missing of %j", async (settings, problem) => {
    expect(await readSshAccess(settings)).toEqual({ problem: expect.stringMatching(problem) })
  })

  test.each([undefined, "", "# nobody\n"])("wants hosts beside the key, which %j names none of", async (knownHosts) => {
    expect(await readSshAccess({ key, knownHosts })).toEqual({
      problem: expect.stringMatching(/shown to no host: .*SLIPWAY_SSH_KNOWN_HOSTS/),
    })
  })

  test("takes an empty variable for one that is not set", () => {
    expect(sshSettingsOf({ SLIPWAY_SSH_KEY: "", SLIPWAY_SSH_KEY_FILE: "/k" })).toEqual({
      ...{ key: undefined, keyFile: "/k", knownHosts: undefined, knownHostsFile: undefined },
    })
  })
})
