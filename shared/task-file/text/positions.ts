export type Position = { line: number; column: number }
export type Positions = ReturnType<typeof createPositions>

/**
 * Lines and columns of a text, both from 1, columns in UTF-16 units. `at` takes an offset, `offsetOf` leads back; what lies
 * outside of the text counts as its nearest end.
 */
export function createPositions(text: string) {
  const starts = [0]
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) starts.push(end + 1)

  function at(offset: number): Position {
    const inside = Math.min(Math.max(offset, 0), text.length)
    let low = 0
    let high = starts.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= inside) low = middle + 1
      else high = middle
    }
    return { line: low, column: inside - (starts[low - 1] ?? 0) + 1 }
  }

  function offsetOf({ line, column }: Position): number {
    const start = starts[Math.min(Math.max(line, 1), starts.length) - 1] ?? 0
    return Math.min(start + Math.max(column, 1) - 1, text.length)
  }

  return { at, offsetOf }
}
