/** Longest delay of a Node timer. */
const maxDelayMs = 2 ** 31 - 1

/** What `work` gives, or an error with `message` when that takes longer than `limitMs`. The work itself goes on. */
export async function withinTime<Result>(work: Promise<Result>, limitMs: number, message: string): Promise<Result> {
  if (limitMs > maxDelayMs) return work
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), limitMs)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}
