/** Flags of docker build that take no value; every other option takes one. */
const FLAGS = new Set("check compress D debug force-rm load no-cache pull push q quiet rm squash".split(" "))

/**
 * What docker would make of a build text whose only shell parts are quotes: words by one regular expression, options by one loop. A
 * second, simple reading that ours is compared with; it knows neither `-tx` nor letters in one word.
 */
export function dockerBuildWords(text: string) {
  const words = [...text.matchAll(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, (_, single, double, escaped) => single ?? double ?? escaped),
  )
  const result = {
    words,
    tags: [] as string[],
    buildArguments: [] as string[],
    file: "",
    target: "",
    contexts: [] as number[],
  }
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ""
    if (word === "--") continue
    const [, name, equals, value] = /^--?([a-zA-Z-]+)(=?)(.*)$/s.exec(word) ?? []
    if (name === undefined) {
      result.contexts.push(at)
      continue
    }
    const taken = equals === "=" ? value : FLAGS.has(name) ? undefined : words[++at]
    if (name === "t" || name === "tag") result.tags.push(taken ?? "")
    if (name === "build-arg") result.buildArguments.push(taken ?? "")
    if (name === "f" || name === "file") result.file = taken ?? ""
    if (name === "target") result.target = taken ?? ""
  }
  return result
}
