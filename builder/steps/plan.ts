import type { SecretVolume, TaskNetwork } from "../../shared/task-file/task.ts"
import type { PlannedStep } from "./step-deps.ts"

/** What a run will do, whether a request or a task file said it. */
export type Plan = { steps: PlannedStep[]; networks: TaskNetwork[]; volumes: SecretVolume[] }
