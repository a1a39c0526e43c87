import { expect, test } from "vitest"
import { BUILD_NETWORK, ensureNetwork, networkArguments } from "../../../builder/engine/run-network.ts"
import { recordingSession } from "./recording-session.ts"

test("a network carries its run in its name and label, and what its task says of it", () => {
  expect(networkArguments({ name: "a", driver: "bridge", isIpv6: true }, { runId: "ca1" }, true)).toEqual([
    ...["network", "create", "--driver=bridge", "--ipv6", "--opt=isolate=true"],
    ...["--label=slipway.run=ca1", "slipway-run-ca1-a"],
  ])
  expect(networkArguments({ driver: "" }, { runId: "ca1" }, false)).toEqual([
    ...["network", "create", "--label=slipway.run=ca1", "slipway-run-ca1"],
  ])
})

test("a network of builds on podman has no name server, since they cannot reach the machine's", () => {
  expect(networkArguments(BUILD_NETWORK, { runId: "ca1" }, true)).toEqual([
    ...["network", "create", "--disable-dns", "--opt=isolate=true"],
    ...["--label=slipway.run=ca1", "slipway-run-ca1-build"],
  ])
})

test("steps that need one network at the same time have it made once", async () => {
  const { session, calls } = await recordingSession(() => ({ exitCode: 0 }))

  const names = await Promise.all([ensureNetwork(session), ensureNetwork(session), ensureNetwork(session)])

  expect(new Set(names)).toEqual(new Set(["slipway-run-ca1"]))
  expect(calls).toHaveLength(1)
})

test("an engine that knows no isolation makes a network of the run's own without", async () => {
  const { session, calls } = await recordingSession(({ args }) => ({
    exitCode: args.includes("--opt=isolate=true") ? 1 : 0,
  }))

  expect(await ensureNetwork(session, { name: "a" })).toBe("slipway-run-ca1-a")
  expect(calls).toHaveLength(2)
})

test("a network that could not be made is tried anew when it is next asked for", async () => {
  let isFull = true
  const { session } = await recordingSession(({ args }) =>
    isFull && args[0] === "network"
      ? { exitCode: 1, stderr: "Error: pools have been fully subnetted" }
      : { exitCode: 0 },
  )

  await expect(ensureNetwork(session)).rejects.toThrow("fully subnetted")
  isFull = false

  expect(await ensureNetwork(session)).toBe("slipway-run-ca1")
})
