import { didYouMean } from "../text/nearest-name.ts"

/** `flag`: true or false, true when it is only named. `value`: takes the next word, or what is behind `=`. */
export type OptionKind = "flag" | "value"
/** Options by long name. `short` is one letter; an `alias` stands for another long name. */
export type OptionTable<Name extends string> = Record<
  Name,
  { kind: OptionKind; short?: string; aliases?: readonly string[] }
>

export type ScannedOption<Name extends string> = { name: Name; value: string; isOn: boolean }
export type ScannedWords<Name extends string> = {
  options: ScannedOption<Name>[]
  /** Words that are no options, with their places. */
  positionals: { word: string; index: number }[]
  problems: string[]
}

const TRUE = new Set(["1", "t", "T", "true", "TRUE", "True"])
const FALSE = new Set(["0", "f", "F", "false", "FALSE", "False"])

/**
 * Reads the options of a command line as docker does (spf13/pflag): `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`,
 * flags with `=false`, letters in one word, `--` as the end. `isInterspersed` false: the first word that is no option ends them, and
 * everything behind it is positional. Unknown options, missing values and values that are no truth are problems, one line each.
 */
export function scanOptions<Name extends string>(
  words: readonly string[],
  table: OptionTable<Name>,
  { command, isInterspersed }: { command: string; isInterspersed: boolean },
): ScannedWords<Name> {
  const names = Object.keys(table) as Name[]
  const byLong = new Map<string, Name>(
    names.flatMap((name) => [name, ...(table[name].aliases ?? [])].map((long) => [long, name])),
  )
  const byShort = new Map<string, Name>(names.flatMap((name) => (table[name].short ? [[table[name].short, name]] : [])))
  const result: ScannedWords<Name> = { options: [], positionals: [], problems: [] }

  function flag(name: Name, shown: string, value: string | undefined): void {
    if (value === undefined || TRUE.has(value)) result.options.push({ name, value: value ?? "true", isOn: true })
    else if (FALSE.has(value)) result.options.push({ name, value, isOn: false })
    else result.problems.push(`${shown} is true or false, not ${value}.`)
  }

  /** Returns how many words were taken in addition. */
  function take(name: Name, shown: string, value: string | undefined, next: string | undefined): number {
    if (table[name].kind === "flag") {
      flag(name, shown, value)
      return 0
    }
    const taken = value ?? next
    if (taken === undefined) result.problems.push(`flag needs an argument: ${shown}`)
    else result.options.push({ name, value: taken, isOn: true })
    return value === undefined && next !== undefined ? 1 : 0
  }

  function long(word: string, next: string | undefined): number {
    const equals = word.indexOf("=")
    const shown = equals < 0 ? word : word.slice(0, equals)
    const name = byLong.get(shown.slice(2))
    if (name !== undefined) return take(name, shown, equals < 0 ? undefined : word.slice(equals + 1), next)
    const hint = didYouMean(shown.slice(2), byLong.keys()).replace("mean ", "mean --")
    result.problems.push(`unknown flag: ${shown} of ${command}.${hint}`)
    return 0
  }

  function shorts(word: string, next: string | undefined): number {
    for (let at = 1; at < word.length; at++) {
      const letter = word.charAt(at)
      const name = byShort.get(letter)
      if (name === undefined) {
        result.problems.push(`unknown shorthand flag: '${letter}' in ${word} of ${command}.`)
        return 0
      }
      const rest = word.slice(at + 1)
      if (table[name].kind === "value") {
        return take(name, `-${letter}`, rest === "" ? undefined : rest.replace(/^=/, ""), next)
      }
      if (rest.startsWith("=")) return take(name, `-${letter}`, rest.slice(1), next)
      flag(name, `-${letter}`, undefined)
    }
    return 0
  }

  let index = 0
  const rest = () => {
    for (; index < words.length; index++) result.positionals.push({ word: words[index] ?? "", index })
  }
  while (index < words.length) {
    const word = words[index] ?? ""
    if (word === "--") {
      index++
      rest()
    } else if (word.startsWith("--")) index += 1 + long(word, words[index + 1])
    else if (word.startsWith("-") && word !== "-") index += 1 + shorts(word, words[index + 1])
    else if (isInterspersed) result.positionals.push({ word, index: index++ })
    else rest()
  }
  return result
}
