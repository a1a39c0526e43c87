import type { Engine } from "../engine/engine.ts"
import { pause } from "../retry.ts"

/** The one engine of a run, however far its opening has come, so that it can always be stopped and disposed. */
export type HeldEngine = {
  /** Opens it once. */
  open(): Promise<Engine>
  /** Disposes it once, however often this is called. Never rejects; false when it took longer than `withinMs`. */
  dispose(withinMs: number): Promise<boolean>
}

export function holdEngine(openEngine: () => Promise<Engine>, signal: AbortSignal): HeldEngine {
  let opening: Promise<Engine> | undefined
  let disposing: Promise<boolean> | undefined

  async function openOnce(): Promise<Engine> {
    const engine = await openEngine()
    if (signal.aborted) engine.abort()
    signal.addEventListener("abort", () => engine.abort())
    return engine
  }

  return {
    async open() {
      opening = openOnce()
      return await opening
    },
    dispose(withinMs) {
      disposing ??= disposeWithin(opening, withinMs)
      return disposing
    },
  }
}

async function disposeWithin(opening: Promise<Engine> | undefined, withinMs: number): Promise<boolean> {
  const stopper = new AbortController()
  const done = async () => {
    // An engine that did not open has nothing to dispose; why it did not is reported where it was opened.
    const engine = await opening?.catch(() => undefined)
    await engine?.dispose()
    return true
  }
  const late = pause(withinMs, stopper.signal).then(
    () => false,
    () => false,
  )
  return Promise.race([done().catch(() => false), late]).finally(() => stopper.abort())
}
