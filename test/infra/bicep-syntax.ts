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

/** What the parser could not read, and what this grammar reads differently from Bicep. */
export function checkSyntax(file: string, root: Node): Problem[] {
  return [...walk(root)].flatMap((node) => {
    if (node.isMissing) return [problemAt(file, node, "something is missing here")]
    if (node.isError) return [problemAt(file, node, `cannot be read: ${node.text}`)]
    return isMisread(node) ? [problemAt(file, node, `needs parentheses around its last operand: ${node.text}`)] : []
  })
}

/** In the grammar `a ? b : c.d` is `(a ? b : c).d`: `.` and `[` bind weaker than operators, not stronger as in Bicep. */
function isMisread(node: Node): boolean {
  if (node.type !== "member_expression" && node.type !== "subscript_expression") return false
  return /^(ternary|binary|unary|lambda)_expression$/.test(partsOf(node)[0]?.type ?? "")
}
