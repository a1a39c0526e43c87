import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from "yaml"
import { z } from "zod"
import { didYouMean } from "../text/nearest-name.ts"
import { mismatchMessage, pathText } from "./decode-messages.ts"
import { withoutWrapping } from "./go-names.ts"
import type { OffsetProblem } from "./parse-yaml.ts"
import { createPlaces, type Path, type Places } from "./places.ts"
import { resolveAnchors } from "./resolve-anchors.ts"
import { resolveScalar } from "./scalar.ts"

/** Nodes that a document may unfold to: anchors can name each other, and a small text become a huge one. */
const MAX_NODES = 100_000
const MAX_PROBLEMS = 100

/** `isComplete` false: the document has more than is read, and `value` is a part of it. */
export type Decoded<T> = {
  value: T | undefined
  isComplete: boolean
  places: Places
  problems: OffsetProblem[]
  warnings: OffsetProblem[]
}

/**
 * Reads a YAML tree into the shape of a schema as yaml.v2 reads into a struct (task-file 1, step 6): scalars become texts where the
 * schema has texts, numbers lose their fraction, of several values for a key the last one counts and maps join, `null` is absent,
 * `<<` merges in its place. Every type mistake is a problem and leaves its value out. Unknown keys are left out with a warning.
 */
export function decodeYaml<T>(root: Node | undefined, schema: z.ZodType<T>): Decoded<T> {
  const places = createPlaces()
  const problems: OffsetProblem[] = []
  const warnings: OffsetProblem[] = []
  let anchors: Map<Alias, Node | undefined> | undefined
  // Most documents have none.
  const targetOf = (alias: Alias) => {
    anchors ??= root && resolveAnchors(root)
    return anchors?.get(alias)
  }
  const open = new Set<Node>()
  let nodes = 0

  function decode(node: unknown, type: z.core.$ZodType, path: Path): unknown {
    if (isAlias(node)) return decodeAlias(node, type, path)
    const offset = offsetOf(node)
    places.put(path, offset)
    if (!takes(1, offset) || problems.length >= MAX_PROBLEMS) return undefined
    if (isMap(node)) return decodeMap(node, type, path, offset)
    if (isSeq(node)) {
      if (!(type instanceof z.ZodArray)) return mismatch("!!seq", "", type, path, offset)
      return node.items.map(
        (item, index) => decode(item, withoutWrapping(type.element), [...path, index]) ?? absentOf(type.element),
      )
    }
    return isScalar(node) ? decodeScalar(node, type, path, offset) : undefined
  }

  /** Counts nodes; false when there are too many, which is told once. */
  function takes(count: number, offset: number): boolean {
    const hadTooMany = nodes > MAX_NODES
    nodes += count
    if (nodes > MAX_NODES && !hadTooMany) {
      problem(`yaml: document contains excessive aliasing: it has more than ${MAX_NODES} values`, offset)
    }
    return nodes <= MAX_NODES
  }

  function decodeAlias(alias: Alias, type: z.core.$ZodType, path: Path): unknown {
    const target = targetOf(alias)
    if (target === undefined) return problem(`yaml: unknown anchor '${alias.source}' referenced`, offsetOf(alias))
    if (open.has(target)) return problem(`yaml: anchor '${alias.source}' value contains itself`, offsetOf(alias))
    open.add(target)
    const value = decode(target, type, path)
    open.delete(target)
    return value
  }

  function decodeScalar(
    node: Parameters<typeof resolveScalar>[0],
    type: z.core.$ZodType,
    path: Path,
    offset: number,
  ): unknown {
    const scalar = resolveScalar(node)
    if (scalar.tag === "!!null") return undefined
    if (type instanceof z.ZodString) return scalar.text
    if (type instanceof z.ZodBoolean && scalar.tag === "!!bool") return scalar.value
    if (type instanceof z.ZodNumber && (scalar.tag === "!!int" || scalar.tag === "!!float")) {
      const value = Math.trunc(scalar.value)
      if (Number.isSafeInteger(value)) return value
    }
    return mismatch(scalar.tag, scalar.text, type, path, offset)
  }

  function decodeMap(map: YAMLMap, type: z.core.$ZodType, path: Path, offset: number): unknown {
    if (!(type instanceof z.ZodObject || type instanceof z.ZodRecord)) return mismatch("!!map", "", type, path, offset)
    const result: Record<string, unknown> = {}
    fill(result, map, type, path)
    return result
  }

  function fill(result: Record<string, unknown>, map: YAMLMap, type: z.ZodObject | z.ZodRecord, path: Path): void {
    const seen = new Set<string>()
    for (const { key: keyNode, value } of map.items) {
      const plainKey = isAlias(keyNode) ? targetOf(keyNode) : keyNode
      if (!isScalar(plainKey)) {
        problem("yaml: a key must be a text", offsetOf(keyNode) || offsetOf(map))
        continue
      }
      const key = String(plainKey.value ?? "")
      if (key === "<<" && plainKey.type === "PLAIN") merge(result, value, type, path)
      else {
        if (seen.has(key)) secondKey(key, offsetOf(keyNode), path)
        seen.add(key)
        fillKey(result, key, offsetOf(keyNode), value, type, path)
      }
    }
  }

  function fillKey(
    result: Record<string, unknown>,
    key: string,
    keyOffset: number,
    value: unknown,
    type: z.ZodObject | z.ZodRecord,
    path: Path,
  ): void {
    const child = type instanceof z.ZodRecord ? type.valueType : type.shape[key]
    if (child === undefined) {
      unknownKey(key, keyOffset, type, path)
      return
    }
    const childPath = [...path, key]
    places.putKey(childPath, keyOffset)
    const decoded = decode(value, withoutWrapping(child), childPath)
    const before = Object.hasOwn(result, key) ? result[key] : undefined
    const isJoined = isPlainObject(before) && isPlainObject(decoded)
    const kept = decoded ?? (type instanceof z.ZodRecord ? "" : undefined)
    Object.defineProperty(result, key, {
      value: isJoined ? joined(before, decoded) : kept,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }

  function merge(result: Record<string, unknown>, value: unknown, type: z.ZodObject | z.ZodRecord, path: Path): void {
    const target = isAlias(value) ? targetOf(value) : value
    // The first of a list wins, so it comes last.
    const maps = isSeq(target) ? target.items.toReversed() : [target]
    for (const item of maps) {
      const map = isAlias(item) ? targetOf(item) : item
      if (!isMap(map)) problem("yaml: map merge requires map or sequence of maps as the value", offsetOf(value))
      else if (open.has(map)) problem("yaml: a map is merged into itself", offsetOf(value))
      else {
        open.add(map)
        if (takes(map.items.length, offsetOf(value))) fill(result, map, type, path)
        open.delete(map)
      }
    }
  }

  function secondKey(key: string, offset: number, path: Path): void {
    if (warnings.length >= MAX_PROBLEMS) return
    // az puts a version of its own in front; aliases may have several sections.
    if (path.length === 0 && (key === "version" || key === "alias")) return
    warnings.push({ message: `${pathText(path)}${key} is there twice: the last one counts.`, offset })
  }

  function unknownKey(key: string, offset: number, type: z.ZodObject | z.ZodRecord, path: Path): void {
    // As elsewhere in the field `x-…` at the top is a place for anchors.
    const isExtension = path.length === 0 && key.startsWith("x-")
    if (type instanceof z.ZodRecord || isExtension || warnings.length >= MAX_PROBLEMS) return
    const known = Object.keys(type.shape)
    const isCase = known.some((name) => name.toLowerCase() === key.toLowerCase())
    const why = isCase ? "upper and lower case count" : "it is ignored"
    warnings.push({ message: `${pathText(path)}unknown key ${key}: ${why}.${didYouMean(key, known)}`, offset })
  }

  function mismatch(tag: string, text: string, type: z.core.$ZodType, path: Path, offset: number): undefined {
    places.putBad(path)
    return problem(mismatchMessage(tag, text, type, path), offset)
  }

  function problem(message: string, offset: number): undefined {
    if (problems.length < MAX_PROBLEMS) problems.push({ message, offset })
    return undefined
  }

  const value = root === undefined ? undefined : decode(root, schema, [])
  // The tree has the schema's shape by now; this gives it the schema's type.
  const parsed = schema.safeParse(value)
  return {
    value: parsed.success ? parsed.data : undefined,
    isComplete: nodes <= MAX_NODES && problems.length < MAX_PROBLEMS,
    places,
    problems,
    warnings,
  }
}

/** What `null` is inside a list: an empty text, an entry without anything. Left out it would move the others. */
function absentOf(element: z.core.$ZodType): unknown {
  if (element instanceof z.ZodObject) return {}
  return element instanceof z.ZodNumber ? 0 : ""
}

/** A map that is given twice is one map: what the later one says counts, what it does not say stays. */
function joined(before: Record<string, unknown>, later: Record<string, unknown>): Record<string, unknown> {
  const result = { ...before }
  for (const [key, value] of Object.entries(later)) {
    const old = result[key]
    result[key] = isPlainObject(old) && isPlainObject(value) ? joined(old, value) : value
  }
  return result
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function offsetOf(node: unknown): number {
  return (isMap(node) || isSeq(node) || isScalar(node) || isAlias(node)) && node.range ? node.range[0] : 0
}
