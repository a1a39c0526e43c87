import type { ImageReference } from "../registry/image-reference.ts"

/** Where a stage's files come from. `index` counts stages from 0. */
export type Source =
  | { type: "image"; reference: ImageReference }
  | { type: "stage"; index: number }
  | { type: "scratch" }

/** One `FROM` and what follows it. */
export type Stage = {
  index: number
  /** Lower case; stages without `AS` have none. */
  name?: string | undefined
  /** The name as written: podman's `--target` and `FROM` tell case apart. */
  spelling?: string | undefined
  line: number
  /** As `--platform=` says, expanded. */
  platform?: string | undefined
  base: Source
  /** `COPY --from=` and `RUN --mount=from=`, in order. */
  uses: Source[]
}
