import { expect, test } from "vitest"
import { createDeadlineHeap } from "../../../local/service-bus/deadline-heap.ts"
import { createDuplicateIds } from "../../../local/service-bus/duplicate-ids.ts"
import { createSequenceList } from "../../../local/service-bus/sequence-list.ts"

/** Numbers that look random and are the same in every run. */
function sequence(seed: number) {
  let state = seed
  return (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state % below
  }
}

test("a sequence list stays in order while messages leave anywhere and come back", () => {
  const random = sequence(1)
  const list = createSequenceList<{ sequenceNumber: number }>()
  const inside = new Map<number, { sequenceNumber: number }>()
  const outside: { sequenceNumber: number }[] = []
  let next = 1

  for (let step = 0; step < 20_000; step += 1) {
    const what = random(5)
    if (what < 2) {
      const item = { sequenceNumber: next++ }
      list.add(item)
      inside.set(item.sequenceNumber, item)
    } else if (what === 2 && list.first()) {
      const item = list.first()!
      expect(item.sequenceNumber).toBe(Math.min(...inside.keys()))
      list.remove(item)
      inside.delete(item.sequenceNumber)
      outside.push(item)
    } else if (what === 3 && inside.size > 0) {
      const item = [...inside.values()][random(inside.size)]!
      list.remove(item)
      inside.delete(item.sequenceNumber)
    } else if (outside.length > 0) {
      const [item] = outside.splice(random(outside.length), 1)
      list.add(item!)
      inside.set(item!.sequenceNumber, item!)
    }
    if (inside.size > 50) {
      for (const item of inside.values()) list.remove(item)
      inside.clear()
    }
    expect(list.size).toBe(inside.size)
  }
})

test("removing what is not in a sequence list changes nothing", () => {
  const list = createSequenceList<{ sequenceNumber: number }>()
  list.add({ sequenceNumber: 2 })

  list.remove({ sequenceNumber: 1 })
  list.remove({ sequenceNumber: 2 })
  list.remove({ sequenceNumber: 3 })

  expect(list.first()).toEqual({ sequenceNumber: 2 })
})

test("a deadline heap gives deadlines in the order of their times", () => {
  const random = sequence(2)
  const heap = createDeadlineHeap()
  const expected = Array.from({ length: 500 }, () => random(100))
  for (const [sequenceNumber, at] of expected.entries()) heap.add({ at, sequenceNumber })

  const taken = []
  for (let next = heap.take(); next; next = heap.take()) taken.push(next.at)

  expect(taken).toEqual(expected.sort((a, b) => a - b))
  expect(heap.first()).toBeUndefined()
})

test("pruning a deadline heap forgets dead deadlines once there are many, and keeps the order", () => {
  const heap = createDeadlineHeap()
  for (let at = 2_000; at > 0; at -= 1) heap.add({ at, sequenceNumber: at })

  heap.prune(({ sequenceNumber }) => sequenceNumber > 1_990)

  expect(heap.take()?.at).toBe(1_991)
  expect(heap.take()?.at).toBe(1_992)
})

test("duplicate ids are known until their window is over", () => {
  let now = 1_000
  const ids = createDuplicateIds(500, () => now)
  ids.remember("a", 1_000)
  ids.remember("b", 1_200)

  now = 1_499
  expect([ids.has("a"), ids.has("b"), ids.has("c")]).toEqual([true, true, false])
  now = 1_500
  expect([ids.has("a"), ids.has("b")]).toEqual([false, true])
  ids.forget("b")
  expect([...ids.entries()]).toEqual([])
})

test("an id that comes again after its window is known from then on", () => {
  let now = 1_000
  const ids = createDuplicateIds(500, () => now)
  ids.remember("a", 1_000)
  ids.remember("a", 1_600)

  now = 1_700

  expect(ids.has("a")).toBe(true)
})

test("a window of 0 remembers no id", () => {
  const ids = createDuplicateIds(0, () => 1)

  ids.remember("a", 1)

  expect(ids.has("a")).toBe(false)
})
