const NAME = /^[a-zA-Z0-9]+$/

/** What is wrong with the directive, the character that marks aliases (task-file 5); undefined when nothing is. */
export function directiveProblem(directive: string): string | undefined {
  if ([...directive].length !== 1) {
    return "$ directive can only be overwritten by a single character: write one, in quotes, as in '%'."
  }
  if (NAME.test(directive)) {
    return "overwritten directives may not be alphanumeric characters: write another character, in quotes, as in '%'."
  }
  return undefined
}

/** What is wrong with the name of an alias; undefined when nothing is. */
export function aliasNameProblem(name: string): string | undefined {
  if (NAME.test(name)) return undefined
  return `alias key names only support alphanumeric characters: rename ${name === "" ? "the empty one" : name}.`
}
