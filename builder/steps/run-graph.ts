/** A step of a graph; `after` names those that must have succeeded before it starts. */
export type GraphStep = { id: string; after: readonly string[] }

/**
 * Runs steps as soon as everything they stand on has succeeded, all that can at the same time (task-file 6). The first failure aborts the
 * signal that the others run with; nothing starts any more, and when all that ran has ended, that first failure is thrown. Ids are
 * unique and `after` names earlier ones, as a task file that was read has them.
 */
export async function runGraph<Step extends GraphStep>(
  steps: readonly Step[],
  run: (step: Step, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const stopper = new AbortController()
  const all = AbortSignal.any([signal, stopper.signal])
  const ended = new Map<string, Promise<boolean>>()
  let failure: { error: unknown } | undefined

  for (const step of steps) {
    const parents = step.after.map((id) => ended.get(id) ?? Promise.resolve(false))
    ended.set(
      step.id,
      Promise.all(parents).then(async (successes) => {
        if (successes.includes(false) || all.aborted) return false
        try {
          await run(step, all)
          return true
        } catch (error) {
          failure ??= { error }
          stopper.abort()
          return false
        }
      }),
    )
  }
  await Promise.all(ended.values())
  signal.throwIfAborted()
  if (failure !== undefined) throw failure.error
}
