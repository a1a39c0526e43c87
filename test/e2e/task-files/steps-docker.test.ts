import { describe } from "vitest"
import { testSteps } from "./steps-on.ts"

describe("steps on docker", () => testSteps("docker"))
