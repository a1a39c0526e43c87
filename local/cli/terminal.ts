const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const

/** Text in a colour where people look, and as it is where a program reads. */
export function paint(text: string, code: keyof typeof CODES, stream: NodeJS.WriteStream = process.stdout): string {
  return stream.isTTY ? `\u001b[${CODES[code]}m${text}\u001b[0m` : text
}

export function say(text = ""): void {
  process.stdout.write(`${text}\n`)
}

/** What went wrong, in one line that names the fix where there is one. */
export function complain(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error)
  process.stderr.write(`${paint("error:", "red", process.stderr)} ${text}\n`)
}

/** `3.2 s`, `12 min`, `4 h`, `2 d`. */
export function duration(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`
  return `${Math.round(seconds / 86_400)} d`
}
