import { writeFileSync } from "node:fs"
import path from "node:path"
import { expect, test } from "vitest"
import { localRegistry } from "../../cli/local-registry.ts"
import { makeStackState } from "../../local/make-stack-state.ts"
import { processStartTime } from "../../local/supervisor/process-info.ts"
import { writeSupervisorFile } from "../../local/supervisor/supervisor-file.ts"
import { folderWith } from "./test-command.ts"

const extra = JSON.stringify([
  { name: "plainreg", loginServer: "p.io:5001", isInsecure: true },
  { name: "otherreg", loginServer: "o.io", userName: "me", password: "word" },
])

/** A data folder on which this very process counts as the stack that runs. */
async function runningStack() {
  const dataFolder = folderWith({ "run/x": "" })
  const stack = await makeStackState({ dataFolder, host: "127.0.0.1", frontPort: 8443, registryPort: 5055 })
  writeFileSync(path.join(dataFolder, "stack.json"), JSON.stringify(stack))
  writeSupervisorFile(dataFolder, {
    ...{ v: 1, pid: process.pid, pidStartTime: processStartTime(process.pid) ?? "", startedAt: "", state: "ready" },
    ...{ url: "", registry: "", parts: [] },
  })
  return stack
}

test("the registry of the stack that runs is a run's own, with its login and authorities", async () => {
  const stack = await runningStack()

  const found = await localRegistry(undefined, { SLIPWAY_DATA: stack.dataFolder })

  const { name, userName, password } = stack.registry
  expect(found).toEqual({
    registry: { registry: "127.0.0.1:5055", registryName: name },
    logins: [{ loginServer: "127.0.0.1:5055", userName, password }],
    insecureRegistries: [],
    caFile: path.join(stack.dataFolder, "ca", "bundle.pem"),
  })
})

test("a registry that is named wins, and keeps the name that the settings give it", async () => {
  const environment = { SLIPWAY_DATA: folderWith({}), SLIPWAY_EXTRA_REGISTRIES: extra }

  const found = await localRegistry("o.io", environment)

  expect(found).toEqual({
    registry: { registry: "o.io", registryName: "otherreg" },
    logins: [{ loginServer: "o.io", userName: "me", password: "word" }],
    insecureRegistries: ["p.io:5001"],
    caFile: undefined,
  })
})

test("without a stack and a name there is a host that cannot exist", async () => {
  const found = await localRegistry(undefined, { SLIPWAY_DATA: folderWith({}) })

  expect(found.registry).toEqual({ registry: "registry.example", registryName: undefined })
})
