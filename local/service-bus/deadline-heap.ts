export type Deadline = { at: number; sequenceNumber: number }

/** Deadlines, the next one first. Whoever takes one checks that it still means something: nothing is ever removed early. */
export function createDeadlineHeap() {
  let items: Deadline[] = []
  let pruneAbove = 1024

  const swap = (a: number, b: number) => {
    const [first, second] = [items[a], items[b]]
    if (first && second) {
      items[a] = second
      items[b] = first
    }
  }
  const at = (index: number) => items[index]?.at ?? Number.POSITIVE_INFINITY
  const sink = (start: number) => {
    for (let index = start; ; ) {
      const child = at(2 * index + 2) < at(2 * index + 1) ? 2 * index + 2 : 2 * index + 1
      if (at(child) >= at(index)) return
      swap(index, child)
      index = child
    }
  }
  return {
    first: (): Deadline | undefined => items[0],
    add(deadline: Deadline) {
      items.push(deadline)
      for (let index = items.length - 1; index > 0; ) {
        const parent = (index - 1) >>> 1
        if (at(parent) <= at(index)) return
        swap(index, parent)
        index = parent
      }
    },
    take(): Deadline | undefined {
      swap(0, items.length - 1)
      const first = items.pop()
      sink(0)
      return first
    },
    /** Forgets what means nothing any more, once that may be half of it: messages are mostly gone before they expire. */
    prune(isAlive: (deadline: Deadline) => boolean) {
      if (items.length < pruneAbove) return
      // A sorted array is a heap.
      items = items.filter(isAlive).sort((a, b) => a.at - b.at)
      pruneAbove = Math.max(1024, items.length * 2)
    },
  }
}
