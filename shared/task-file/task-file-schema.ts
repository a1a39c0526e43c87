import { z } from "zod"
import { AliasSection } from "./aliases/alias-section.ts"
import { CACHE_VALUES, TASK_VERSIONS } from "./task.ts"
import { goNames } from "./yaml/go-names.ts"

const text = (description: string) => z.string().optional().describe(description)
const texts = (description: string) => z.array(z.string()).optional().describe(description)
const flag = (description: string) => z.boolean().optional().meta({ description, default: false })
const whole = (description: string, standard: number) => z.int().optional().meta({ description, default: standard })

export const NetworkEntry = z
  .strictObject({
    name: text("Name of the network, as steps name it in `network`."),
    driver: text("Driver of the network; the engine's own when there is none."),
    ipv6: flag("The network has IPv6."),
    skipCreation: flag("The network is there already: it is neither made nor removed."),
    isDefault: flag("Steps without `network` join it. The last one wins."),
  })
  .describe("A network of the run.")

export const SecretEntry = z
  .strictObject({
    id: text("Name in templates: `{{.Secrets.<id>}}`. Unique, no white space."),
    keyvault: text("URL of a Key Vault secret: `https://<vault>.vault.azure.net/secrets/<name>[/<version>]`."),
    clientID: text("Client id (a GUID) of the managed identity that reads the secret; the system's own without it."),
  })
  .describe("A secret of a vault, for templates.")

export const VolumeEntry = z
  .strictObject({
    name: text("Name of the volume: letters, digits, `-` and `_`. Unique."),
    secret: z
      .record(z.string(), z.string())
      .optional()
      .describe("Files of the volume: name (letters, digits, `-`, `_`, `.`) and content in base64."),
  })
  .describe("A volume of secret files, for the `volumeMounts` of steps.")

export const MountEntry = z
  .strictObject({
    name: text("Name of one of the task's `volumes`."),
    mountPath: text("Where its files are in the container. Unique in the step."),
  })
  .describe("A volume in a step's container.")

export const StepEntry = z
  .strictObject({
    id: text(
      "Name of the step, its container and its host name; `acb_step_<index>` without one. Unique, no white space.",
    ),
    cmd: text("Runs a container: docker run's options, the image, and its arguments."),
    build: text("Builds an image: docker build's options and the context."),
    push: texts("Pushes these images; `:latest` is meant where there is neither tag nor digest."),
    when: texts(
      "Ids of steps above that must have succeeded; `-` alone: start at once. Without it: the previous step of the file.",
    ),
    timeout: z
      .int()
      .optional()
      .describe("Seconds for all attempts and repeats together; the task's `stepTimeout` by default."),
    startDelay: whole("Seconds to wait before the step.", 0),
    retries: whole("Further attempts after a failure.", 0),
    retryDelay: whole("Seconds between attempts.", 5),
    retryOnErrors: texts("When given, only an attempt whose output holds one of these texts is tried again."),
    repeat: whole("Further rounds of the step, each with its own retries.", 0),
    ignoreErrors: flag("The step counts as successful whatever happens."),
    detach: flag("The step is done once its container has started; it runs on until the end of the run."),
    keep: flag("The container stays until the end of the run."),
    pull: flag("The image is pulled before the container runs."),
    env: texts("Environment of the step: `NAME=value`."),
    workingDirectory: text("Working directory: relative to /workspace, or absolute. The task's by default."),
    disableWorkingDirectoryOverride: flag("The container keeps its image's own working directory."),
    entryPoint: text("Entry point instead of the image's."),
    user: text("User name or id in the container."),
    network: text("Network of the container."),
    isolation: text("Isolation of the container; only Windows knows other than `default`."),
    cpus: text("CPUs that the container may use, as in `1.5`."),
    privileged: flag("The container has extended privileges, if the operator allows that."),
    ports: texts("Ports to publish: `host:container`."),
    expose: texts("Ports to expose."),
    volumeMounts: z.array(MountEntry).optional().describe("Volumes of the task in this step's container."),
    cache: z
      .string()
      .optional()
      .meta({ description: "Build cache in the registry. Upper and lower case are one.", enum: [...CACHE_VALUES] }),
    exitedWith: z.array(z.int()).optional().describe("Read, and without effect, as in ACR."),
    exitedWithout: z.array(z.int()).optional().describe("Read, and without effect, as in ACR."),
    cmdDownloadRetries: whole(
      "Further attempts to pull the image of `cmd`. Without effect: pulls are always tried again.",
      0,
    ),
    cmdDownloadRetryDelay: whole("Seconds between those attempts. Without effect.", 0),
  })
  .meta({
    description: "A step: exactly one of `cmd`, `build` and `push`.",
    oneOf: [{ required: ["cmd"] }, { required: ["build"] }, { required: ["push"] }],
  })

/** The shape of a task file (task-file 2, 3), the only place that says which keys there are. Checks of values are `checks/`. */
export const TaskFile = z
  .strictObject({
    version: z
      .string()
      .optional()
      .meta({
        description: "Version of the format; v1.1.0 has aliases.",
        enum: [...TASK_VERSIONS],
        default: "v1.0.0",
      }),
    alias: AliasSection.optional(),
    steps: z.array(StepEntry).optional().describe("The steps, in order."),
    stepTimeout: whole("Seconds that a step may take that says nothing else.", 600),
    workingDirectory: text("Working directory of steps that name none."),
    env: texts("Environment of every step: `NAME=value`; commas separate several. A step's own values win."),
    secrets: z.array(SecretEntry).optional().describe("Secrets for templates."),
    networks: z.array(NetworkEntry).optional().describe("Networks of the run; without any it has one of its own."),
    volumes: z.array(VolumeEntry).optional().describe("Volumes of secret files."),
  })
  .meta({ description: "A task file of Azure Container Registry Tasks.", patternProperties: { "^x-": {} } })

export type TaskFile = z.infer<typeof TaskFile>
export type StepEntry = z.infer<typeof StepEntry>

goNames.add(TaskFile, { name: "graph.Task" })
goNames.add(StepEntry, { name: "graph.Step" })
goNames.add(NetworkEntry, { name: "graph.Network" })
goNames.add(SecretEntry, { name: "secretmgmt.Secret" })
goNames.add(VolumeEntry, { name: "volume.Volume" })
goNames.add(MountEntry, { name: "volume.Mount" })
