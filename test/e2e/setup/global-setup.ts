import type { TestProject } from "vitest/node"
import { startTestStack } from "./test-stack.ts"

/** One stack for the suites that do no harm to it; those that kill parts start their own. */
export async function setup(project: TestProject) {
  const stack = await startTestStack()
  project.provide("stackEnv", stack.env)
  return () => stack.stop()
}

declare module "vitest" {
  interface ProvidedContext {
    stackEnv: Record<string, string>
  }
}
