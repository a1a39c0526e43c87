import { createMasker } from "../shared/secrets/mask.ts"
import type { Task } from "../shared/task-file/task.ts"
import type { TaskInputs } from "./read-inputs.ts"

/** Shorter ones (`on`, `8080`, `admin`) stand in any text, and masking them would ruin it. */
const MIN_FILE_LENGTH = 8

/** Hides secret values, those of `secrets`, and the files of secret volumes, from what is shown. */
export function openMasker(
  { values }: Pick<TaskInputs, "values">,
  task: Task | undefined,
  secretValues: readonly string[],
): (text: string) => string {
  const files = (task?.volumes ?? []).flatMap((volume) => volume.files)
  const contents = files
    .map(({ content }) => Buffer.from(content).toString("utf8"))
    .flatMap((text) => [text, text.trim()])
    .filter((text) => text.length >= MIN_FILE_LENGTH)
  return createMasker([
    ...values.flatMap(({ value, isSecret }) => (isSecret ? [value] : [])),
    ...secretValues,
    ...contents,
  ]).mask
}
