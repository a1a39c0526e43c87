import { z } from "zod"

/** Build-time argument, or value of a task file. That of a secret one is masked in the log and never stored in clear. */
export const Argument = z.object({ name: z.string(), value: z.string(), isSecret: z.boolean() })
export type Argument = z.infer<typeof Argument>

/**
 * One image, built and pushed: what a DockerBuildRequest asks for. Image names are as the user wrote them, `{{.Run.*}}` unrendered.
 */
export const BuildWork = z.object({
  type: z.literal("build"),
  /** Path of the Dockerfile below the context's root. */
  dockerFilePath: z.string(),
  imageNames: z.array(z.string()),
  isPushed: z.boolean(),
  target: z.string().optional(),
  arguments: z.array(Argument),
  noCache: z.boolean(),
})
export type BuildWork = z.infer<typeof BuildWork>

/** A file of the context, or one that came with the request. */
const TaskText = z.union([z.object({ path: z.string() }), z.object({ text: z.string() })])

/** A task file and the values that its templates see (task-file 4). */
export const TaskWork = z.object({
  type: z.literal("task"),
  file: TaskText,
  valuesFile: TaskText.optional(),
  /** They win over the file. */
  values: z.array(Argument),
})
export type TaskWork = z.infer<typeof TaskWork>

/** What a run does, in the words of its request. The builder makes steps of it. */
export const RunWork = z.discriminatedUnion("type", [BuildWork, TaskWork])
export type RunWork = z.infer<typeof RunWork>

/** Of a location: what `takeSecrets` took out of it. */
export const SourceSecrets = z.object({
  login: z.object({ userName: z.string(), password: z.string() }).optional(),
  query: z.string().optional(),
})
/** Sources that are neither ours nor uploaded: the location without its secrets, and the secrets. */
export const RemoteSource = z.object({ type: z.literal("remote"), location: z.string(), secrets: SourceSecrets })

/** What steps may do beyond their own container; the operator's choice (`SLIPWAY_STEP_RIGHTS`). */
export const STEP_RIGHTS = ["socket", "privileged", "host-network"] as const
export const StepRight = z.enum(STEP_RIGHTS)
export type StepRight = z.infer<typeof StepRight>
