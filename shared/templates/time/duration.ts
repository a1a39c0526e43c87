const units: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/** Go's `time.ParseDuration`, in nanoseconds. `undefined`: no duration. */
export function parseDuration(text: string): bigint | undefined {
  const [, sign, rest = ""] = /^([+-]?)(.*)$/s.exec(text) ?? []
  if (rest === "0") return 0n
  if (rest.length > 200 || !/^(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined
  let total = 0n
  for (const [, whole = "", fraction = "", unit = ""] of rest.matchAll(
    /([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)/g,
  )) {
    const scale = units[unit] ?? 0n
    total += BigInt(whole === "" ? 0 : whole) * scale
    if (fraction !== "") total += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length)
  }
  if (total > 2n ** 63n - (sign === "-" ? 0n : 1n)) return undefined
  return sign === "-" ? -total : total
}

/** Go's `Duration.String` of whole seconds: `72h3m0s`. */
export function durationText(nanoseconds: bigint): string {
  const seconds = (nanoseconds < 0n ? -nanoseconds : nanoseconds) / 1_000_000_000n
  const sign = nanoseconds < 0n ? "-" : ""
  const [hours, minutes] = [seconds / 3600n, (seconds / 60n) % 60n]
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds % 60n}s`
  return minutes > 0n ? `${sign}${minutes}m${seconds % 60n}s` : `${sign}${seconds}s`
}

/** Rounds to seconds, halves away from zero. */
export function roundToSeconds(nanoseconds: bigint): bigint {
  const half = nanoseconds < 0n ? -500_000_000n : 500_000_000n
  return ((nanoseconds + half) / 1_000_000_000n) * 1_000_000_000n
}
