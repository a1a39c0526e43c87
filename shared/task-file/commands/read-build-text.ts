import { type ReadBuildCommand, readBuildCommand } from "./read-build-command.ts"
import { splitWords } from "./split-words.ts"

/** The text of a build step: read, or to be evaluated by a shell first, whose words {@link readBuildCommand} reads then. */
export function readBuildText(
  text: string,
): { kind: "words"; words: string[]; result: ReadBuildCommand } | { kind: "shell"; reason: string } {
  const split = splitWords(text)
  return split.kind === "shell" ? split : { ...split, result: readBuildCommand(split.words) }
}
