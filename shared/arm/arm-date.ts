/** An instant as ARM writes it: UTC with seven fraction digits and `+00:00` (`arm-contract` 3, "Dates"). */
export function toArmDate(iso: string): string {
  return new Date(iso).toISOString().replace(/\.(\d{3})Z$/, ".$10000+00:00")
}

/** `lastUpdatedTime` has whole seconds. */
export function toArmDateSeconds(iso: string): string {
  return new Date(iso).toISOString().replace(/\.\d{3}Z$/, "+00:00")
}
