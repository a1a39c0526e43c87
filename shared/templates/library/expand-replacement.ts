/**
 * Go's `Regexp.Expand`: `$1`, `$name`, `${1}`, `${name}`, `$$`. A name without braces is as long as it can be, so `$1W` is the group
 * "1W"; a group that is not there is empty; a `$` that begins none of these stays.
 */
export function expandReplacement(
  template: string,
  groups: readonly (string | undefined)[],
  names: Readonly<Record<string, number>>,
): string {
  return template.replace(/\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu, (_whole, dollar, braced, bare) => {
    if (dollar !== undefined) return "$"
    const name = String(braced ?? bare)
    const isNumber = /^(?:0|[1-9][0-9]{0,8})$/.test(name)
    const index = isNumber ? Number(name) : Object.hasOwn(names, name) ? names[name] : undefined
    return index === undefined ? "" : (groups[index] ?? "")
  })
}
