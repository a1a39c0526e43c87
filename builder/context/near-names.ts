const MAX_NAMES = 3

/** The names that were probably meant, nearest first; at most three. */
export function nearNames(wanted: string, names: Iterable<string>): string[] {
  const farthest = Math.max(2, Math.floor(wanted.length / 2))
  const near = [...new Set(names)].map((name) => ({ name, distance: distanceOf(wanted, name, farthest) }))
  const close = near.filter(({ distance }) => distance <= farthest)
  close.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
  return close.slice(0, MAX_NAMES).map(({ name }) => name)
}

/** Edits without regard to case (Levenshtein), `limit + 1` for anything farther; a name that holds the wanted one is near. */
function distanceOf(wanted: string, name: string, limit: number): number {
  const [from, to] = [wanted.toLowerCase(), name.toLowerCase()]
  if (from === to) return 0
  if (to.endsWith(`/${from}`) || from.endsWith(`/${to}`)) return 1
  if (Math.abs(from.length - to.length) > limit) return limit + 1
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= to.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? limit + 1
}
