import type { TestProject } from "vitest/node"
import { chooseEngine } from "../../../local/engine/engine-choice.ts"
import { startTestStack } from "./test-stack.ts"

/** One stack for the suites that do no harm to it; those that kill parts start their own. */
export async function setup(project: TestProject) {
  const stack = await startTestStack()
  project.provide("stackEnv", stack.env)
  // The engine suites drive the stack's docker and the machine's podman without a stack around them.
  const engines = await Promise.all(
    (["auto", "podman"] as const).map((kind) => chooseEngine(stack.state, { kind, environment: process.env })),
  )
  process.env.SLIPWAY_TEST_ENGINES = JSON.stringify(engines)
  return () => stack.stop()
}

declare module "vitest" {
  interface ProvidedContext {
    stackEnv: Record<string, string>
  }
}
