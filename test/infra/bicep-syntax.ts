import { fileURLToPath } from "node:url"
import { Language, type Node, Parser } from "web-tree-sitter"

/** A fault in a template: where (file and line) and what. */
export type Problem = { file: string; line: number; message: string }

const wasm = fileURLToPath(import.meta.resolve("tree-sitter-bicep/tree-sitter-bicep.wasm"))
await Parser.init()
const parser = new Parser().setLanguage(await Language.load(wasm))

/** The syntax tree of a .bicep or .bicepparam text. The grammar knows no .bicepparam: there a `param` reads as a `var`. */
export function parseBicep(file: string, text: string): Node {
  const readable = file.endsWith(".bicepparam") ? text.replace(/^param (?=\w+ = )/gm, "var   ") : text
  const tree = parser.parse(readable)
  if (tree === null) throw new Error(`${file}: not parsed`)
  return tree.rootNode
}

export function problemAt(file: string, node: Node, message: string): Problem {
  return { file, line: node.startPosition.row + 1, message }
}

/** Every named or anonymous node below (and with) this one, in source order. */
export function* walk(node: Node): Generator<Node> {
  yield node
  for (const child of node.children) if (child !== null) yield* walk(child)
}

/** Children that carry meaning: no punctuation, no comments. */
export function partsOf(node: Node): Node[] {
  return node.namedChildren.filter((child) => child !== null && !child.type.endsWith("comment")) as Node[]
}

export function checkSyntax(file: string, root: Node): Problem[] {
  return [...walk(root)]
    .filter((node) => node.isError || node.isMissing)
    .map((node) => problemAt(file, node, node.isMissing ? "something is missing here" : `cannot be read: ${node.text}`))
}
