import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"
import { interleaveLanes } from "./test/e2e/setup/lanes.ts"

class LaneSequencer extends BaseSequencer {
  override async sort(specs: TestSpecification[]): Promise<TestSpecification[]> {
    return interleaveLanes(await super.sort(specs))
  }
}

// unit: fast, no processes. contract: one suite on the fake and on the real store, host and broker, in-process on port 0.
// e2e: the whole stack, real engine, real registry, real az. Most of the time these wait, so more of them run than there are cores.
export default defineConfig({
  test: {
    sequence: { sequencer: LaneSequencer },
    projects: [
      {
        test: {
          name: "unit",
          sequence: { groupOrder: 0 },
          include: ["test/**/*.test.ts"],
          exclude: ["test/contracts/**", "test/e2e/**"],
          testTimeout: 20_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "contract",
          sequence: { groupOrder: 1 },
          include: ["test/contracts/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: "e2e",
          sequence: { groupOrder: 2 },
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/e2e/setup/global-setup.ts"],
          setupFiles: ["test/e2e/setup/wait-for-lane.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 6,
        },
      },
    ],
  },
})
