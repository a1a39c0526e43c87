import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type YAMLMap,
} from "yaml"
import { decodeBase64 } from "./library/base64.ts"
import type { TextProblem } from "./rendered-text.ts"
import { resolvePlain } from "./resolve-plain.ts"
import { textOf } from "./values/go-text.ts"
import { GoList, GoMap, type GoValue, integerIn, listOf, mapOf } from "./values/go-value.ts"

// Aliases can make a small file stand for a huge value.
const maxNodes = 100_000
const maxDepth = 100

class ValuesProblem extends Error {
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/**
 * Reads a values file as Go's yaml.v2 does: YAML 1.1, of several documents the first, of equal keys the last. Unlike in ACR values
 * may nest (architecture, "Deliberate differences"). What is no map at its root is a problem; an empty text is an empty map.
 */
export function readValues(text: string): { ok: true; values: GoMap } | { ok: false; problem: TextProblem } {
  const lines = new LineCounter()
  const fail = (message: string, offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { ok: false, problem: { message: `failed to deserialize values: ${message}`, line, column: col } } as const
  }
  const [document] = parseAllDocuments(text, {
    version: "1.1",
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
    schema: "failsafe",
  })
  if (document === undefined) return { ok: true, values: new GoMap("templating.Values", new Map()) }
  const [error] = document.errors
  if (error !== undefined) return fail(error.message, error.pos[0])
  try {
    const value = createReader(document)(document.contents)
    if (value !== null && !(value instanceof GoMap)) return fail("the values are no map", 0)
    return { ok: true, values: new GoMap("templating.Values", value?.entries ?? new Map()) }
  } catch (problem) {
    if (problem instanceof ValuesProblem) return fail(problem.message, problem.offset)
    throw problem
  }
}

function createReader(document: Document) {
  let nodes = 0

  function read(node: unknown, depth = 0): GoValue {
    const offset = (node as Node | null)?.range?.[0] ?? 0
    if (++nodes > maxNodes || depth > maxDepth)
      throw new ValuesProblem("the values are too large or nested too deeply", offset)
    if (isAlias(node)) {
      const target = node.resolve(document)
      if (target === undefined) throw new ValuesProblem(`unknown anchor '${node.source}' referenced`, offset)
      return read(target, depth + 1)
    }
    if (isScalar(node)) {
      const text = String(node.source ?? node.value ?? "")
      const value = scalarOf(text, node.tag, node.type)
      if (value !== undefined) return value
      throw new ValuesProblem(`cannot decode \`${text}\` as a ${node.tag?.replace("tag:yaml.org,2002:", "!!")}`, offset)
    }
    if (isSeq(node)) return listOf(node.items.map((item) => read(item, depth + 1)))
    if (!isMap(node)) return null
    return mapOf(readEntries(node, depth))
  }

  function readEntries(map: YAMLMap, depth: number): Map<string, GoValue> {
    const entries = new Map<string, GoValue>()
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? String(key.source ?? key.value ?? "") : undefined
      if (name === undefined) throw new ValuesProblem("a key must be a text", (key as Node | null)?.range?.[0] ?? 0)
      const isNull = isScalar(key) && key.type === "PLAIN" && resolvePlain(name) === null
      const isMerge = name === "<<" && isScalar(key) && key.type === "PLAIN"
      if (!isMerge) entries.set(isNull ? "" : name, read(value, depth + 1))
      else for (const [inherited, entry] of merged(value, depth)) entries.set(inherited, entry)
    }
    return entries
  }

  /** `<<`: earlier maps of a list win over later ones. */
  function merged(value: unknown, depth: number): Map<string, GoValue> {
    const found = read(value, depth + 1)
    const maps = found instanceof GoList ? found.items : [found]
    const entries = new Map<string, GoValue>()
    for (const map of maps.toReversed()) {
      if (!(map instanceof GoMap)) {
        throw new ValuesProblem(
          "map merge requires map or sequence of maps as the value",
          (value as Node).range?.[0] ?? 0,
        )
      }
      for (const [key, entry] of map.entries) entries.set(key, entry)
    }
    return entries
  }

  return read
}

/** `undefined`: the text is none of what its tag says. */
function scalarOf(text: string, tag: string | undefined, type: string | null | undefined): GoValue | undefined {
  const kind = tag?.replace("tag:yaml.org,2002:", "")
  if (kind === undefined || kind === "") return type === "PLAIN" ? resolvePlain(text) : text
  if (kind === "binary") {
    const decoded = decodeBase64(text.replace(/\s/g, ""))
    return "bytes" in decoded ? textOf(decoded.bytes) : undefined
  }
  if (!["int", "float", "bool", "null"].includes(kind)) return text
  const value = resolvePlain(text)
  if (kind === "float" && integerIn(value) !== undefined) return Number(integerIn(value))
  const fits = {
    int: integerIn(value) !== undefined,
    float: typeof value === "number",
    bool: typeof value === "boolean",
  }
  return (kind === "null" ? value === null : fits[kind as keyof typeof fits]) ? value : undefined
}
