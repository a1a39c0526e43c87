import { realpath } from "node:fs/promises"
import { posix } from "node:path"
import { resolveWorkingDirectory, WORKSPACE } from "../../shared/task-file/commands/resolve-working-directory.ts"
import type { TaskStep } from "../../shared/task-file/task.ts"
import { RunFailure } from "../failures/run-failure.ts"
import type { RunPlaces } from "./step-deps.ts"

/** Where steps find logins and keep what they have no better place for (task-file 3.1). */
export const STEP_HOME = "/acb/home"

export type Located = Pick<TaskStep, "workingDirectory" | "volumeMounts">

/** A step's working directory as its containers see it. Errors: RunFailure when it leaves the workspace. */
export function workingDirectoryOf({ workingDirectory }: Located): string {
  const path = resolveWorkingDirectory(workingDirectory)
  if (path !== undefined) return path
  throw new RunFailure("Failed", `the working directory "${workingDirectory}" leaves ${WORKSPACE}: use a path below it`)
}

/**
 * The file or folder of this machine that a path means in a step: below its workspace, its home or one of its volumes. Links are
 * followed, and must not lead out: whoever wrote into the workspace is not trusted with the machine. Errors: RunFailure, also when
 * there is no such file.
 */
export async function hostPath(text: string, step: Located, places: RunPlaces): Promise<string> {
  const path = posix.resolve(workingDirectoryOf(step), text)
  const roots = [
    ...step.volumeMounts.map(({ name, mountPath }) => ({
      inside: posix.normalize(mountPath),
      root: `${places.volumes}/${name}`,
    })),
    { inside: WORKSPACE, root: places.workspace },
    { inside: STEP_HOME, root: places.home },
  ]
  const place = roots
    .map(({ inside, root }) => ({ inside: inside.replace(/(?<=.)\/$/, ""), root }))
    .filter(({ inside }) => path === inside || path.startsWith(`${inside}/`))
    .toSorted((a, b) => b.inside.length - a.inside.length)[0]
  if (place === undefined) {
    throw new RunFailure("Failed", `"${text}" is no path of the run: use one below ${WORKSPACE}`)
  }
  const root = await realpath(place.root)
  const found = await realpath(`${root}${path.slice(place.inside.length)}`).catch(() => undefined)
  if (found === undefined) throw new RunFailure("Failed", `there is no "${text}" in ${place.inside}`)
  if (found === root || found.startsWith(`${root}/`)) return found
  throw new RunFailure("Failed", `"${text}" is a link that leads out of ${place.inside}`)
}
