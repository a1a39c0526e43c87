import { ContextError, quoteName } from "./context-error.ts"

/**
 * The parts of an entry's name below the root; empty for the root itself, which the Azure CLI names `/` (az-cli 6.1). Errors:
 * ContextError for absolute names, for `..` anywhere, and for names that no file can have.
 */
export function entryPath(name: string): string[] {
  if (name === "/") return []
  if (name.includes("\0")) throw new ContextError(`The source archive holds a name with a NUL, ${quoteName(name)}.`)
  if (name.startsWith("/")) throw new ContextError(`The source archive holds an absolute name, ${quoteName(name)}.`)
  const parts = name.split("/").filter((part) => part !== "" && part !== ".")
  if (parts.includes("..")) throw new ContextError(`The source archive holds a name with "..", ${quoteName(name)}.`)
  return parts
}
