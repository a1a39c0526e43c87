import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { createAliasLoader } from "../../../builder/run/load-alias.ts"
import { makeCertificate } from "../context/git-server.ts"

function loader(ca?: string) {
  const hidden: string[] = []
  const load = createAliasLoader({
    places: { workspace: "/nowhere", home: "/nowhere", volumes: "/nowhere", temporary: "/nowhere" },
    rules: { allowedHosts: ["h.example", "127.0.0.1"] },
    ca,
    addSecrets: (secrets) => hidden.push(...secrets),
  })
  return { load, hidden }
}

test.each([
  "http://user:hunter2@h.example/a.yaml",
  "http://h.example/a.yaml?token=hunter2",
  "http://hunter2@h.example/a.yaml",
])("%s is not asked for: its secret would go in clear", async (source) => {
  const { load, hidden } = loader()

  const loaded = await load(source)

  expect(loaded).toEqual({ ok: false, problem: expect.stringContaining("use https://") })
  expect(JSON.stringify(loaded)).not.toContain("hunter2")
  expect(hidden).toContain("hunter2")
})

test("a private file is asked for with its login and token, which are hidden and go nowhere else", async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-alias-"))
  const { ca, tls } = await makeCertificate(folder)
  const seen: string[] = []
  const elsewhere = createServer(tls, ({ url, headers }, response) => {
    seen.push(`${url} ${headers.authorization ?? "-"}`)
    response.end("x: y\n")
  })
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve))
  const server = createServer(tls, ({ url, headers }, response) => {
    seen.push(`${url} ${headers.authorization ?? "-"}`)
    response.writeHead(302, { location: `https://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/b.yaml` }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(async () => {
    for (const one of [server, elsewhere]) {
      one.closeAllConnections()
      one.close()
    }
    await rm(folder, { recursive: true, force: true })
  })
  const { load, hidden } = loader(ca)

  const loaded = await load(`https://me:hunter2@127.0.0.1:${(server.address() as AddressInfo).port}/a.yaml?token=t0ken`)

  expect(loaded).toEqual({ ok: true, text: "x: y\n" })
  expect(seen).toEqual([`/a.yaml?token=t0ken Basic ${Buffer.from("me:hunter2").toString("base64")}`, "/b.yaml -"])
  expect(hidden).toEqual(expect.arrayContaining(["hunter2", "t0ken"]))
})
