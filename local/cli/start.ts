import { readCleanEnvironment, readEnvironment } from "../config.ts"
import { stackDeps } from "../stack-deps.ts"
import { startStack } from "./start-stack.ts"

process.exit(
  await startStack(process.argv.slice(2), { ...stackDeps, env: readEnvironment(), cleanEnv: readCleanEnvironment() }),
)
