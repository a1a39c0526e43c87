import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import { type ArmClient, createArmClient } from "../setup/arm-client.ts"
import { pushBaseImage, stackRegistry } from "../setup/base-image.ts"
import { tarball } from "../setup/contexts.ts"
import { readStack, type TestStack } from "../setup/test-stack.ts"

let stack: TestStack
let arm: ArmClient
let base: string

beforeAll(async () => {
  stack = await readStack(inject("stackEnv"))
  arm = await createArmClient(stack)
  base = (await pushBaseImage(await stackRegistry(stack), "base/busybox", "1")).image
})
afterAll(() => arm.close())

/**
 * Each build opens a door (a web server with its secret) and tries all others': addresses of its network, the host's paths,
 * credentials and services, a cache mount of the same name.
 */
function dockerfile(me: number): string {
  const { frontPort, hostPort, registry } = stack.state
  const secret = `secret-of-${me}-of-four`
  return [
    `FROM ${base}`,
    "ARG ROUND",
    `RUN --mount=type=cache,id=shared,target=/c echo ${secret} > /c/of-${me} && ls /c`,
    `RUN mkdir -p /www 2>/dev/null; busybox mkdir -p /www && echo ${secret} > /www/index.html && busybox httpd -p 8099 -h /www`,
    [
      `RUN echo "$ROUND" && busybox httpd -p 8099 -h /www;`,
      "own=$(busybox ip -4 addr show eth0 2>/dev/null | busybox awk '/inet /{sub(/\\/.*/,\"\",$2);print $2}');",
      'net=$(echo "$own" | busybox cut -d. -f1-3);',
      'echo "I am $own";',
      // The shell is PID 1 here and inherits the web server: it waits for those it started, not for all.
      "for round in 1 2 3 4; do pids=; for last in 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do",
      '  other="$net.$last"; if [ "$other" != "$own" ]; then',
      `    ( (echo "GET / HTTP/1.0"; echo) | busybox nc -w 1 "$other" 8099 2>/dev/null | busybox grep secret-of && echo "REACHED $other" ) &`,
      '    pids="$pids $!"; fi; done; wait $pids; done;',
      `for door in "$net.1:${hostPort}" "$net.1:${frontPort}" "$net.1:${registry.port}" "127.0.0.1:${hostPort}"; do`,
      '  busybox nc -w 1 $(echo "$door" | busybox tr : " ") </dev/null >/dev/null 2>&1 && echo "REACHED host $door"; done;',
      `ls ${stack.state.dataFolder} 2>/dev/null && echo "REACHED paths";`,
      "busybox env | busybox grep -iE 'token|password|sas|sig=' && echo 'REACHED credentials';",
      "busybox find / -xdev -name config.json 2>/dev/null | busybox grep -v proc && echo 'REACHED a login';",
      "true",
    ].join(" "),
    "",
  ].join("\n")
}

describe("four builds at once", () => {
  it("all succeed, and none reaches another's address, paths, credentials or the host's services", async () => {
    const builds = await Promise.all(
      [1, 2, 3, 4].map((me) => {
        const archive = tarball([["Dockerfile", dockerfile(me)]])
        const round = { name: "ROUND", value: String(Date.now()) }
        return arm.build("slipway", archive, { imageNames: [`isolated/app${me}:v1`], arguments: [round] })
      }),
    )

    for (const { run, log } of builds) {
      expect(run.status, log.text).toBe("Succeeded")
      // BuildKit prints each step's text as well; what a step printed is behind a number and a time.
      const printed = log.text.split(/\r?\n/).filter((line) => /^#\d+ \d+\.\d+ /.test(line) || !line.startsWith("#"))
      expect(printed.filter((line) => /^(#\d+ [\d.]+ )?REACHED /.test(line))).toEqual([])
      expect(log.text).toMatch(/I am \d+\./)
    }
  })

  it("of one tag each push what they built", async () => {
    const builds = await Promise.all(
      [1, 2, 3, 4].map((me) => {
        const archive = tarball([["Dockerfile", `FROM ${base}\nRUN echo build-${me} > /me\n`]])
        return arm.build("slipway", archive, { imageNames: ["isolated/same:latest", `isolated/same:only-${me}`] })
      }),
    )

    const digests = builds.map(({ run, log }) => {
      expect(run.status, log.text).toBe("Succeeded")
      return new Set(run.outputImages.map((image: { digest: string }) => image.digest))
    })
    expect(digests.map(({ size }) => size)).toEqual([1, 1, 1, 1])
    expect(new Set(digests.flatMap((set) => [...set])).size).toBe(4)
  })
})
