/** One line of the issue, measured. */
export type Figure = {
  /** What was measured, in the words of the target. */
  line: string
  target: string
  measured: string
  isMet: boolean
  /** How the figure came about: samples, spread, the peer's own figure. */
  detail: string
}

/** `×`: times the peer's. */
export type Unit = "s" | "ms" | "MB" | "×"

/** A figure that must not be above its limit. */
export function atMost(line: string, value: number, limit: number, unit: Unit, detail: string): Figure {
  return {
    line,
    target: `≤ ${limit} ${unit}`,
    measured: shown(value, unit),
    isMet: Number.isFinite(value) && value <= limit,
    detail,
  }
}

/** Seconds and ratios with two decimals, everything else rounded. */
export function shown(value: number, unit: Unit): string {
  return `${unit === "s" || unit === "×" ? value.toFixed(2) : Math.round(value)} ${unit}`
}
