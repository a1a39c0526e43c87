import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from "yaml"
import { z } from "zod"
import { didYouMean } from "../text/nearest-name.ts"
import { goTypeOf, withoutWrapping } from "./go-names.ts"
import type { OffsetProblem } from "./parse-yaml.ts"
import { createPlaces, type Path, type Places } from "./places.ts"
import { resolveAnchors } from "./resolve-anchors.ts"
import { resolveScalar } from "./scalar.ts"

/** Nodes that a document may unfold to: anchors can name each other, and a small text become a huge one. */
const MAX_NODES = 100_000
const MAX_PROBLEMS = 100

export type Decoded<T> = { value: T | undefined; places: Places; problems: OffsetProblem[]; warnings: OffsetProblem[] }

/**
 * Reads a YAML tree into the shape of a schema as yaml.v2 reads into a struct (task-file 1, step 6): scalars become texts where the
 * schema has texts, numbers lose their fraction, of several values for a key the last one counts and maps join, `null` is absent,
 * `<<` merges in its place. Every type mistake is a problem and leaves its value out. Unknown keys are left out with a warning.
 */
export function decodeYaml<T>(root: Node | undefined, schema: z.ZodType<T>): Decoded<T> {
  const places = createPlaces()
  const problems: OffsetProblem[] = []
  const warnings: OffsetProblem[] = []
  const targets = root === undefined ? new Map<Alias, Node | undefined>() : resolveAnchors(root)
  const open = new Set<Node>()
  let nodes = 0

  function decode(node: unknown, type: z.core.$ZodType, path: Path): unknown {
    if (isAlias(node)) return decodeAlias(node, type, path)
    const offset = offsetOf(node)
    places.put(path, offset)
    if (++nodes > MAX_NODES || problems.length >= MAX_PROBLEMS) {
      if (nodes === MAX_NODES + 1)
        problem("yaml: document contains excessive aliasing: write less through anchors", offset)
      return undefined
    }
    if (isMap(node)) return decodeMap(node, type, path, offset)
    if (isSeq(node)) {
      if (!(type instanceof z.ZodArray)) return mismatch("!!seq", "", type, path, offset)
      return node.items.map(
        (item, index) => decode(item, withoutWrapping(type.element), [...path, index]) ?? absentOf(type.element),
      )
    }
    return isScalar(node) ? decodeScalar(node, type, path, offset) : undefined
  }

  function decodeAlias(alias: Alias, type: z.core.$ZodType, path: Path): unknown {
    const target = targets.get(alias)
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
    for (const { key: keyNode, value } of map.items) {
      const plainKey = isAlias(keyNode) ? targets.get(keyNode) : keyNode
      if (!isScalar(plainKey)) {
        problem("yaml: a key must be a text", offsetOf(keyNode) || offsetOf(map))
        continue
      }
      const key = String(plainKey.value ?? "")
      if (key === "<<" && plainKey.type === "PLAIN") merge(result, value, type, path)
      else fillKey(result, key, offsetOf(keyNode), value, type, path)
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
    const target = isAlias(value) ? targets.get(value) : value
    // The first of a list wins, so it comes last.
    const maps = isSeq(target) ? target.items.toReversed() : [target]
    for (const item of maps) {
      const map = isAlias(item) ? targets.get(item) : item
      if (!isMap(map)) problem("yaml: map merge requires map or sequence of maps as the value", offsetOf(value))
      else if (open.has(map)) problem("yaml: a map is merged into itself", offsetOf(value))
      else {
        open.add(map)
        nodes += map.items.length
        if (nodes <= MAX_NODES) fill(result, map, type, path)
        open.delete(map)
      }
    }
  }

  function unknownKey(key: string, offset: number, type: z.ZodObject | z.ZodRecord, path: Path): void {
    if (type instanceof z.ZodRecord || warnings.length >= MAX_PROBLEMS) return
    const known = Object.keys(type.shape)
    const isCase = known.some((name) => name.toLowerCase() === key.toLowerCase())
    const why = isCase ? "upper and lower case count" : "it is ignored"
    warnings.push({ message: `${placeOf(path)}unknown key ${key}: ${why}.${didYouMean(key, known)}`, offset })
  }

  function mismatch(tag: string, text: string, type: z.core.$ZodType, path: Path, offset: number): undefined {
    const shown = tag === "!!map" || tag === "!!seq" ? "" : ` \`${text.length > 10 ? `${text.slice(0, 7)}...` : text}\``
    places.putBad(path)
    const message = `${placeOf(path)}cannot unmarshal ${tag}${shown} into ${goTypeOf(type)}: ${wantedOf(type, tag)}.`
    return problem(message, offset)
  }

  function problem(message: string, offset: number): undefined {
    if (problems.length < MAX_PROBLEMS) problems.push({ message, offset })
    return undefined
  }

  const value = root === undefined ? undefined : decode(root, schema, [])
  // The tree has the schema's shape by now; this gives it the schema's type.
  const parsed = schema.safeParse(value)
  return { value: parsed.success ? parsed.data : undefined, places, problems, warnings }
}

/** What `null` is inside a list: an empty text, an entry without anything. Left out it would move the others. */
function absentOf(element: z.core.$ZodType): unknown {
  if (element instanceof z.ZodObject) return {}
  return element instanceof z.ZodNumber ? 0 : ""
}

function wantedOf(type: z.core.$ZodType, tag: string): string {
  if (type instanceof z.ZodNumber)
    return tag === "!!str" ? "write a whole number without quotes" : "write a whole number"
  if (type instanceof z.ZodBoolean)
    return tag === "!!str" ? "write true or false without quotes" : "write true or false"
  if (type instanceof z.ZodArray) return "write a list, as in [a, b]"
  if (type instanceof z.ZodString) return "write a text"
  return "write keys and values, as in key: value"
}

function placeOf(path: Path): string {
  if (path.length === 0) return ""
  const [first = "", ...others] = path
  return `${first}${others.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("")}: `
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
