import { describe } from "vitest"
import { testSteps } from "./steps-on.ts"

describe("steps on podman", () => testSteps("podman"))
