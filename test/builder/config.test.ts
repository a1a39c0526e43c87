import { expect, it } from "vitest"
import { readBuilderConfig } from "../../builder/config.ts"

const ENV = {
  SLIPWAY_RUN_URL: "https://127.0.0.1:8443/builders/v1/reg/ca1/",
  SLIPWAY_RUN_TOKEN: "very-secret-token",
  SLIPWAY_WORK_DIR: "/var/tmp/x",
}

it("takes the token out of the environment", () => {
  const env: Record<string, string | undefined> = { ...ENV }

  const config = readBuilderConfig(env)

  expect(config).toMatchObject({ runToken: "very-secret-token", runUrl: ENV.SLIPWAY_RUN_URL.slice(0, -1) })
  expect(JSON.stringify([env, config.environment])).not.toContain("very-secret-token")
})

it("takes the token out of an environment that is not usable, and lists every mistake without a value", () => {
  const env: Record<string, string | undefined> = { ...ENV, SLIPWAY_WORK_DIR: "relative", SLIPWAY_ENGINE: "{not json" }

  expect(() => readBuilderConfig(env)).toThrow(/SLIPWAY_WORK_DIR.*SLIPWAY_ENGINE/)
  expect(env.SLIPWAY_RUN_TOKEN).toBeUndefined()
})

it("reads the engine that the probe chose", () => {
  const engine = { dialect: "podman", command: "/usr/bin/podman", version: "4.3", env: {}, cache: "none", reason: "x" }

  expect(readBuilderConfig({ ...ENV, SLIPWAY_ENGINE: JSON.stringify(engine) }).engine).toEqual(engine)
})
