import { z } from "zod"
import { goTypeOf } from "./go-names.ts"
import type { Path } from "./places.ts"

/** A value of the wrong type, in the words of yaml.v2, and how to write it. `tag` is what the value is, `text` a scalar's text. */
export function mismatchMessage(tag: string, text: string, type: z.core.$ZodType, path: Path): string {
  const shown = tag === "!!map" || tag === "!!seq" ? "" : ` \`${text.length > 10 ? `${text.slice(0, 7)}...` : text}\``
  return `${pathText(path)}cannot unmarshal ${tag}${shown} into ${goTypeOf(type)}: ${wantedOf(type, tag)}.`
}

/** How to write what a schema wants. */
function wantedOf(type: z.core.$ZodType, tag: string): string {
  if (type instanceof z.ZodNumber)
    return tag === "!!str" ? "write a whole number without quotes" : "write a whole number"
  if (type instanceof z.ZodBoolean)
    return tag === "!!str" ? "write true or false without quotes" : "write true or false"
  if (type instanceof z.ZodArray) return "write a list, as in [a, b]"
  if (type instanceof z.ZodString) return "write a text"
  return "write keys and values, as in key: value"
}

/** The path in front of a message: `steps[0].cmd: `; empty for the whole document. */
export function pathText(path: Path): string {
  if (path.length === 0) return ""
  const [first = "", ...others] = path
  return `${first}${others.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("")}: `
}
