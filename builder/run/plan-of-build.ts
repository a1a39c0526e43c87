import type { RunSpec } from "../../shared/builders/run-spec.ts"
import type { BuildWork } from "../../shared/builders/run-work.ts"
import type { RunVariables } from "../../shared/templates/run-variables.ts"
import { RunFailure } from "../failures/run-failure.ts"
import { type RenderName, targetImageOf } from "../images/image-name.ts"
import type { Plan } from "../steps/plan.ts"
import type { PlannedStep } from "../steps/step-deps.ts"

/** A request for one image as a task of a build and a push (contracts, "Builders"). Errors: RunFailure for a name that cannot be used. */
export async function planOfBuild(
  spec: Pick<RunSpec, "timeoutSeconds">,
  work: BuildWork,
  variables: RunVariables,
): Promise<Plan> {
  const { imageNames } = work
  // Most names are plain: the template engine is large, and a builder starts for one run.
  const isPlain = !imageNames.some((name) => name.includes("{{"))
  const render = isPlain ? plainName : (await import("../images/render-name.ts")).renderName
  // All names are checked before anything is built: a mistake in the last one should not cost a whole build.
  const names = new Set(imageNames.map((name) => targetOf(name, variables, render)))
  const common = {
    timeoutSeconds: spec.timeoutSeconds,
    ...{ startDelaySeconds: 0, retries: 0, retryDelaySeconds: 0, retryOnErrors: [], repeat: 0, isErrorIgnored: false },
    ...{ env: [], workingDirectory: "", isWorkingDirectoryOverrideDisabled: false, network: "", volumeMounts: [] },
    ...{ isPrivileged: false, user: "", isolation: "", cpus: "", ports: [], expose: [] },
  }
  const build: PlannedStep = {
    ...common,
    ...{ type: "build", id: "build", after: [], cache: undefined },
    build: {
      ...{
        context: ".",
        contextIndex: undefined,
        file: work.dockerFilePath,
        tags: [...names],
        target: work.target ?? "",
      },
      buildArguments: work.arguments.map(({ name, value }) => ({ name, value })),
      ...{ labels: [], platforms: [], isCacheOff: work.noCache, isPulling: true, isQuiet: false, isSquashed: false },
      ...{ isPushed: false, network: "", progress: "", hosts: [], secrets: [], ssh: [], cacheFrom: [], cacheTo: [] },
      ...{ outputs: [], contexts: [], ulimits: [], shmSize: "", memory: "", others: [] },
    },
  }
  const push: PlannedStep = { ...common, type: "push", id: "push", after: ["build"], images: [...names] }
  return { steps: work.isPushed ? [build, push] : [build], networks: [], volumes: [] }
}

const plainName: RenderName = (text) => ({ ok: true, text })

function targetOf(name: string, variables: RunVariables, render: RenderName): string {
  const result = targetImageOf(name, variables, render)
  if (result.ok) return result.image.fullName
  throw new RunFailure("Failed", result.problem)
}
