import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { createFlushLoop } from "../../../local/storage/create-flush-loop.ts"

// Timers are the subject here, so they are driven by hand.
beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** A store whose saves take a given time, and the moments at which they began. */
function storeThatTakes(saveMs: number) {
  const saves: number[] = []
  const errors: unknown[] = []
  let isChanged = false
  let fails = 0
  const loop = createFlushLoop({
    isChanged: () => isChanged,
    now: () => Date.now(),
    onError: (error) => errors.push(error),
    async save() {
      saves.push(Date.now())
      if (fails > 0) {
        fails--
        throw new Error("disk full")
      }
      isChanged = false
      await new Promise((resolve) => setTimeout(resolve, saveMs))
    },
  })
  return {
    loop,
    saves,
    errors,
    failNext(count: number) {
      fails = count
    },
    write() {
      isChanged = true
      loop.touch()
    },
  }
}

describe("createFlushLoop", () => {
  it("has saved a write within 50 ms while saves are fast", async () => {
    const store = storeThatTakes(8)
    const writtenAt = Date.now()

    store.write()
    await vi.advanceTimersByTimeAsync(50)

    expect(store.saves).toHaveLength(1)
    expect(store.saves[0]! + 8 - writtenAt).toBeLessThan(50)
  })

  it("saves a burst of writes once, and writes during a save again", async () => {
    const store = storeThatTakes(5)

    for (let count = 0; count < 100; count++) store.write()
    await vi.advanceTimersByTimeAsync(17)
    store.write()
    await vi.advanceTimersByTimeAsync(50)

    expect(store.saves).toHaveLength(2)
  })

  it("spends at most a twentieth of the time on saves that are slow", async () => {
    const store = storeThatTakes(500)

    for (let elapsedMs = 0; elapsedMs < 60_000; elapsedMs += 100) {
      store.write()
      await vi.advanceTimersByTimeAsync(100)
    }

    expect(store.saves.length).toBeGreaterThanOrEqual(5)
    expect((store.saves.length * 500) / 60_000).toBeLessThanOrEqual(0.06)
  })

  it("does nothing while nothing has changed", async () => {
    const store = storeThatTakes(1)

    store.loop.touch()
    await vi.advanceTimersByTimeAsync(10_000)

    expect(store.saves).toHaveLength(0)
  })

  it("reports a save that failed and tries again each second until one succeeds", async () => {
    const store = storeThatTakes(1)
    store.failNext(2)

    store.write()
    await vi.advanceTimersByTimeAsync(3000)

    expect(store.errors).toHaveLength(2)
    expect(store.saves).toHaveLength(3)
  })

  it("saves what is left when it is stopped, and nothing afterwards", async () => {
    const store = storeThatTakes(1)
    store.write()

    const stopped = store.loop.stop()
    await vi.advanceTimersByTimeAsync(10)
    await stopped
    store.write()
    await vi.advanceTimersByTimeAsync(1000)

    expect(store.saves).toHaveLength(1)
  })
})
