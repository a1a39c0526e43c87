import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { ContextError } from "../../../builder/context/context-error.ts"
import { checkedAddresses, isHostAllowed, type NetworkRules } from "../../../builder/context/guarded-connect.ts"
import { guardedGet, guardedRequest, readBody } from "../../../builder/context/guarded-request.ts"
import { isPrivateAddress } from "../../../builder/context/private-address.ts"

describe("isPrivateAddress", () => {
  test.each([
    ["0.0.0.0", "this host"],
    ["10.1.2.3", "private"],
    ["100.64.0.1", "carrier-grade NAT"],
    ["100.127.255.255", "carrier-grade NAT"],
    ["127.0.0.1", "loopback"],
    ["127.255.0.9", "loopback"],
    ["168.63.129.16", "Azure's host"],
    ["169.254.169.254", "metadata"],
    ["172.16.0.1", "private"],
    ["172.31.255.255", "private"],
    ["192.168.1.1", "private"],
    ["192.0.0.8", "protocol assignments"],
    ["198.18.0.1", "benchmarks"],
    ["224.0.0.1", "multicast"],
    ["255.255.255.255", "broadcast"],
    ["::", "unspecified"],
    ["::1", "loopback"],
    ["::7f00:1", "IPv4-compatible"],
    ["::ffff:127.0.0.1", "IPv4-mapped"],
    ["::ffff:8.8.8.8", "IPv4-mapped"],
    ["64:ff9b::7f00:1", "loopback by NAT64"],
    ["64:ff9b::a9fe:a9fe", "metadata by NAT64"],
    ["64:ff9b:1::1", "local NAT64"],
    ["2001::1", "Teredo"],
    ["2002:7f00:1::", "6to4"],
    ["fc00::1", "unique local"],
    ["fd12:3456::1", "unique local"],
    ["fe80::1", "link local"],
    ["fe80::1%eth0", "link local with a zone"],
    ["ff02::1", "multicast"],
    ["example.com", "no address"],
    ["", "no address"],
  ])("%s is (%s)", (address) => {
    expect(isPrivateAddress(address)).toBe(true)
  })

  test.each(["8.8.8.8", "100.63.0.1", "100.128.0.1", "172.15.0.1", "172.32.0.1", "168.63.129.17", "192.0.1.1"])(
    "%s is not",
    (address) => expect(isPrivateAddress(address)).toBe(false),
  )
  test.each(["2606:4700::1111", "2001:db8::1", "64:ff9b::808:808", "2003::1"])("%s is not", (address) =>
    expect(isPrivateAddress(address)).toBe(false),
  )
})

describe("isHostAllowed", () => {
  test.each([
    ["build.corp", 443, ["build.corp"], true],
    ["BUILD.corp", 8443, ["build.CORP"], true],
    ["build.corp", 8443, ["build.corp:8443"], true],
    ["build.corp", 443, ["build.corp:8443"], false],
    ["a.build.corp", 443, ["build.corp"], false],
    ["build.corp.evil.io", 443, ["build.corp"], false],
    ["[::1]", 80, ["[::1]:80"], true],
    ["[::1]", 80, ["::1"], true],
    ["[::1]", 80, ["[::1]"], true],
    ["127.0.0.1", 80, [], false],
  ])("%s:%i with %j: %s", (host, port, allowedHosts, isAllowed) => {
    expect(isHostAllowed(host, port, { allowedHosts })).toBe(isAllowed)
  })
})

describe("checkedAddresses", () => {
  const answering = (...addresses: string[]): NetworkRules => ({
    allowedHosts: ["open.corp"],
    resolve: async () => addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
  })

  test("gives what the name service said, when all of it is public", async () => {
    const addresses = await checkedAddresses("a.io", 443, answering("8.8.8.8", "2606:4700::1111"))

    expect(addresses.map(({ address }) => address)).toEqual(["8.8.8.8", "2606:4700::1111"])
  })

  test("refuses a host of which any address is private", async () => {
    const refusal = checkedAddresses("a.io", 443, answering("8.8.8.8", "10.0.0.1"))

    await expect(refusal).rejects.toBeInstanceOf(ContextError)
    await expect(refusal).rejects.toThrow(/"a\.io" leads to the private address 10\.0\.0\.1.*allow it as "a\.io:443"/)
  })

  test("lets a host through that the operator named, wherever it leads", async () => {
    expect(await checkedAddresses("open.corp", 443, answering("10.0.0.1"))).toHaveLength(1)
  })

  test("says when there is no such host", async () => {
    await expect(checkedAddresses("a.io", 443, answering())).rejects.toThrow(/"a\.io" was not found/)
  })

  test.each(["127.0.0.1", "[::1]", "169.254.169.254"])("refuses %s without asking anybody", async (host) => {
    const rules: NetworkRules = {
      allowedHosts: [],
      resolve: () => Promise.reject(new Error("asked")),
    }

    await expect(checkedAddresses(host, 80, rules)).rejects.toThrow(/is a private address/)
  })
})

describe("guardedRequest", () => {
  let port: number
  let answer: (url: string) => { status: number; location?: string }
  const server = createServer((request, response) => {
    const { status, location } = answer(request.url ?? "")
    seen.push(`${request.headers.host} ${request.url} ${request.headers.authorization ?? "-"}`)
    response.writeHead(status, location === undefined ? {} : { location }).end("body")
  })
  const seen: string[] = []

  beforeEach(async () => {
    seen.length = 0
    answer = () => ({ status: 200 })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    port = (server.address() as AddressInfo).port
  })
  afterEach(() => new Promise((resolve) => server.close(resolve)))

  test.each(["http://2130706433", "http://0x7f.1", "http://0177.0.0.1", "http://[::ffff:7f00:1]"])(
    "%s is loopback however it is written",
    async (host) => {
      const url = new URL(`${host}:${port}/`)

      await expect(guardedRequest(url, { rules: { allowedHosts: [] } })).rejects.toThrow(/private address/)
      expect(seen).toEqual([])
    },
  )

  test("connects to the address that was checked, whatever the name service says next (DNS rebinding)", async () => {
    const answers = ["127.0.0.1", "10.255.255.1", "10.255.255.1"]
    const resolve = async () => [{ address: answers.shift() ?? "", family: 4 }]
    const rules = { allowedHosts: [`a.test:${port}`], resolve }

    const response = await guardedRequest(new URL(`http://a.test:${port}/x`), { rules })

    expect((await readBody(response, 100)).toString()).toBe("body")
    expect(answers).toHaveLength(2)
    expect(seen).toEqual([`a.test:${port} /x -`])
  })

  test("checks every redirect again", async () => {
    answer = () => ({ status: 302, location: "http://169.254.169.254/latest" })

    const following = guardedGet(new URL(`http://127.0.0.1:${port}/`), { rules: { allowedHosts: ["127.0.0.1"] } })

    await expect(following).rejects.toThrow(/"169\.254\.169\.254" is a private address/)
  })

  test("follows five redirects and no more", async () => {
    answer = (url) => (url === "/5" ? { status: 200 } : { status: 307, location: `/${Number(url.slice(1)) + 1}` })
    const rules = { allowedHosts: ["127.0.0.1"] }

    const { url } = await guardedGet(new URL(`http://127.0.0.1:${port}/0`), { rules })
    answer = (path) => ({ status: 307, location: `/${Number(path.slice(1)) + 1}` })

    expect(url.pathname).toBe("/5")
    await expect(guardedGet(new URL(`http://127.0.0.1:${port}/0`), { rules })).rejects.toThrow(/more than 5 times/)
  })

  test.each(["file:///etc/passwd", "gopher://x/", "ftp://x/y"])("a redirect to %s is refused", async (location) => {
    answer = () => ({ status: 301, location })

    const following = guardedGet(new URL(`http://127.0.0.1:${port}/`), { rules: { allowedHosts: ["127.0.0.1"] } })

    await expect(following).rejects.toBeInstanceOf(ContextError)
  })

  test("headers are decided for each host anew", async () => {
    const other = `localhost.test:${port}`
    answer = (url) => (url === "/a" ? { status: 302, location: `http://${other}/b` } : { status: 200 })
    const rules = {
      allowedHosts: ["127.0.0.1", other],
      resolve: async () => [{ address: "127.0.0.1", family: 4 }],
    }
    const start = new URL(`http://127.0.0.1:${port}/a`)

    await guardedGet(start, {
      rules,
      headersFor: (url): Record<string, string> => (url.origin === start.origin ? { authorization: "secret" } : {}),
    })

    expect(seen).toEqual([`127.0.0.1:${port} /a secret`, `${other} /b -`])
  })
})
