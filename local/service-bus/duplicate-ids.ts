/** Message ids of the last `windowMs`, for duplicate detection. A window of 0 remembers nothing. */
export function createDuplicateIds(windowMs: number, now: () => number) {
  // In the order of arrival, so that the oldest stand first.
  const seen = new Map<string, number>()

  const forgetOld = () => {
    for (const [id, at] of seen) {
      if (at > now() - windowMs) return
      seen.delete(id)
    }
  }
  return {
    has(id: string): boolean {
      forgetOld()
      return seen.has(id)
    },
    /** The last time counts: a journal may hold an id whose window was over when it came again. */
    remember(id: string, at: number) {
      if (windowMs === 0) return
      seen.delete(id)
      seen.set(id, at)
    },
    forget: (id: string) => seen.delete(id),
    entries(): Iterable<[id: string, at: number]> {
      forgetOld()
      return seen.entries()
    },
  }
}
