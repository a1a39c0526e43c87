import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import path from "node:path"
import { describe, expect, test } from "vitest"
import { envScript } from "../../../local/env-script.ts"
import { makeStackState } from "../../../local/make-stack-state.ts"
import type { StackState } from "../../../local/stack-state.ts"
import { temporaryFolder } from "../supervisor/test-processes.ts"

const shells = ["dash", "bash", "zsh"].filter((shell) => spawnSync(shell, ["-c", ":"]).status === 0)

/** A data folder with env.sh, and a PATH with a fake az or with none. */
async function setUp(options: { hasAz?: boolean; folderName?: string } = {}) {
  const folder = path.join(temporaryFolder(), options.folderName ?? "data")
  const bin = path.join(folder, "bin")
  mkdirSync(bin, { recursive: true })
  const start = { dataFolder: folder, host: "127.0.0.1", frontPort: 8443, registryPort: 5001 }
  const stack = await makeStackState(start)
  const write = (changed: StackState = stack) => writeFileSync(path.join(folder, "env.sh"), envScript(changed))
  write()
  writeFileSync(path.join(folder, "az-secret"), `${stack.principals[0]?.secret}\n`)
  for (const tool of ["cat", "mkdir", "rm", "grep", "tail", "env", "sh"]) {
    symlinkSync(execFileSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim(), path.join(bin, tool))
  }
  if (options.hasAz !== false) {
    symlinkSync(path.join(import.meta.dirname, "fixtures/az.sh"), path.join(bin, "az"))
  }
  const calls = path.join(folder, "calls")
  return {
    folder,
    stack,
    write,
    calls: () => (existsSync(calls) ? readFileSync(calls, "utf8").trimEnd().split("\n") : []),
    source(shell: string, text: string, env: Record<string, string> = {}) {
      const found = execFileSync("sh", ["-c", `command -v ${shell}`], { encoding: "utf8" }).trim()
      const result = spawnSync(found, ["-c", text, "shell", "first", "second"], {
        env: { PATH: bin, HOME: folder, AZ_CALLS: calls, FILE: path.join(folder, "env.sh"), ...env },
        encoding: "utf8",
      })
      return { ...result, lines: result.stdout.trimEnd().split("\n") }
    },
  }
}

describe.each(shells)("env.sh in %s", (shell) => {
  test("signs az in to the stack the first time, and does nothing the second", async () => {
    const { stack, source, calls } = await setUp()

    const { status, stdout, stderr } = source(shell, '. "$FILE" && . "$FILE" && . "$FILE"')

    const [admin] = stack.principals
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" })
    expect(stderr).toBe("slipway: az is signed in to https://localhost:8443\n")
    expect(calls()).toHaveLength(3)
    expect(calls()[0]).toContain("az cloud register -n Slipway --endpoint-resource-manager https://localhost:8443 ")
    expect(calls()[1]).toBe("az cloud set -n Slipway")
    expect(calls()[2]).toBe(
      `az login --service-principal -u ${admin?.id} -p content:${admin?.secret} -t ${stack.tenantId} -o none`,
    )
  })

  test("a stack at another address is signed in to again, its cloud updated", async () => {
    const { stack, source, calls, write } = await setUp()
    source(shell, '. "$FILE"')

    write({ ...stack, frontPort: 9443 })
    const { status } = source(shell, '. "$FILE"')

    expect(status).toBe(0)
    expect(
      calls()
        .slice(3)
        .map((call) => call.split(" ").slice(0, 3).join(" ")),
    ).toEqual(["az cloud register", "az cloud update", "az cloud set", "az login --service-principal"])
    expect(calls()[4]).toContain("https://localhost:9443/adfs")
  })

  test("sets what az, curl and Node need, and adds to the proxy exceptions that are there", async () => {
    const { folder, source } = await setUp()
    const show =
      'echo "$SLIPWAY_URL $SLIPWAY_REGISTRY|$AZURE_CONFIG_DIR|$REQUESTS_CA_BUNDLE|$SSL_CERT_FILE|$NODE_EXTRA_CA_CERTS|$NO_PROXY|$no_proxy"'

    const { lines } = source(shell, `. "$FILE"; . "$FILE"; ${show}`, { NO_PROXY: "corp.example,localhost" })

    const bundle = `${folder}/ca/bundle.pem`
    expect(lines[0]?.split("|")).toEqual([
      "https://localhost:8443 127.0.0.1:5001",
      `${folder}/az`,
      bundle,
      bundle,
      `${folder}/ca/ca.pem`,
      "corp.example,localhost,127.0.0.1",
      "corp.example,localhost,127.0.0.1",
    ])
  })

  test("leaves the shell as it was: positional parameters, own certificates, strict mode, no helpers", async () => {
    const { source } = await setUp()
    const own = { SSL_CERT_FILE: "/own/roots.pem" }

    const { status, lines } = source(shell, 'set -eu; . "$FILE"; . "$FILE"; echo "$1 $2 $SSL_CERT_FILE"; set', own)

    expect(status).toBe(0)
    expect(lines[0]).toBe("first second /own/roots.pem")
    expect(lines.filter((line) => line.startsWith("_slipway"))).toEqual([])
  })

  test("says in one line that az could not sign in and what to do, and tries again the next time", async () => {
    const { source, calls } = await setUp()

    const failed = source(shell, '. "$FILE"; echo "status $?"', { AZ_FAILS: "yes" })
    const later = source(shell, '. "$FILE"; echo "status $?"')

    expect(failed.lines).toEqual(["status 1"])
    expect(failed.stderr).toBe(
      "slipway: az could not sign in (ERROR: no connection): see that the stack runs (npm start), then source this file again\n",
    )
    expect(later.lines).toEqual(["status 0"])
    expect(calls().filter((call) => call.startsWith("az login"))).toHaveLength(2)
  })

  test("without az it says once how to do without, and sets the rest", async () => {
    const { source } = await setUp({ hasAz: false })

    const { lines, stderr } = source(shell, '. "$FILE"; . "$FILE"; echo "$? $SLIPWAY_URL"')

    expect(lines).toEqual(["0 https://localhost:8443"])
    expect(stderr.match(/az is not installed/g)).toHaveLength(1)
    expect(stderr).toContain("SLIPWAY_TOKEN=$(npm run -s token)")
  })

  test("a data folder with blanks and quotes in its name works", async () => {
    const { folder, source, calls } = await setUp({ folderName: "it's a $HOME" })

    const { status, lines } = source(shell, '. "$FILE" && echo "$AZURE_CONFIG_DIR"')

    expect({ status, lines }).toEqual({ status: 0, lines: [`${folder}/az`] })
    expect(calls().at(-1)).toContain("content:")
  })
})

test("env.sh holds no secret", async () => {
  const { folder, stack } = await setUp()

  const text = readFileSync(path.join(folder, "env.sh"), "utf8")

  for (const { secret } of stack.principals) expect(text).not.toContain(secret)
})
