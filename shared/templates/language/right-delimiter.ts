/** White space as Go's templates know it. */
export const spaces = " \t\r\n"

/** Where the text goes on behind `}}` or ` -}}` (white space is skipped then), if one is here. */
export function rightDelimiterAt(source: string, at: number): number | undefined {
  if (source.startsWith("}}", at)) return at + 2
  if (!spaces.includes(source.charAt(at) || "x") || !source.startsWith("-}}", at + 1)) return undefined
  let after = at + 4
  while (after < source.length && spaces.includes(source.charAt(after))) after++
  return after
}
