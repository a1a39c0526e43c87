import { describe } from "vitest"
import { testWholeRuns } from "./whole-runs-on.ts"

describe("whole runs on podman", () => testWholeRuns("podman"))
