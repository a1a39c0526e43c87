import type { Budget } from "../budget.ts"
import {
  GoInteger,
  GoList,
  GoMap,
  type GoStruct,
  type GoTime,
  type GoValue,
  type GoVersion,
} from "../values/go-value.ts"

/** What functions may know of the outside. */
export type CallContext = {
  budget: Budget
  now(): Date
  /** As many random bytes as asked for. */
  random(size: number): Uint8Array
  environment: Readonly<Record<string, string>>
}

/** A function with the signature that Go would print, which the evaluator checks arguments against. */
export type TemplateFunction = {
  signature: string
  parameters: readonly string[]
  /** The last parameter stands for any number of arguments of its type. */
  isVariadic: boolean
  call(context: CallContext, values: readonly GoValue[]): GoValue
}
export type FunctionTable = Readonly<Record<string, TemplateFunction>>

type Argument = {
  string: string
  bool: boolean
  int: bigint
  int64: bigint
  uint32: bigint
  float64: number
  "interface {}": GoValue
  "reflect.Value": GoValue
  "[]interface {}": GoList
  "map[string]interface {}": GoMap
  "time.Time": GoTime
  "*semver.Version": GoVersion
  "sprig.certificate": GoStruct
}
type Result = Omit<Argument, "[]interface {}"> & {
  "[]interface {}": readonly GoValue[] | undefined
  "[]string": readonly string[] | undefined
  "[]int": readonly bigint[]
  "map[string]string": ReadonlyMap<string, string>
  "semver.Version": GoVersion
  "time.Month": string
  "time.Weekday": string
  error: null
}
type ArgumentOf<T extends string> = T extends keyof Argument ? Argument[T] : never
type ArgumentsOf<P extends string> = P extends ""
  ? []
  : P extends `...${infer T}`
    ? ArgumentOf<T>[]
    : P extends `${infer T}, ${infer Rest}`
      ? [ArgumentOf<T>, ...ArgumentsOf<Rest>]
      : [ArgumentOf<P>]
type ParametersIn<S extends string> = S extends `func(${infer P}) ${string}` ? ArgumentsOf<P> : never
type ResultIn<S extends string> = S extends `func(${string}) (${infer T}, error)`
  ? T extends keyof Result
    ? Result[T]
    : never
  : S extends `func(${string}) ${infer T}`
    ? T extends keyof Result
      ? Result[T]
      : never
    : never

/** A function of its arguments alone. Arguments and result have the types that the signature says; mistakes are thrown. */
export function define<S extends string>(
  signature: S,
  body: (...values: ParametersIn<S>) => ResultIn<S>,
): TemplateFunction {
  return defineWith(signature, (_context, ...values) => body(...values))
}

/** As `define`, with the outside as a first argument: limits, clock, random bytes, environment. */
export function defineWith<S extends string>(
  signature: S,
  body: (context: CallContext, ...values: ParametersIn<S>) => ResultIn<S>,
): TemplateFunction {
  const [, parameterList = "", result = ""] = /^func\(([^()]*)\) \(?(.*?)(?:, error\))?$/.exec(signature) ?? []
  const parameters = parameterList === "" ? [] : parameterList.split(", ")
  const isVariadic = parameters.at(-1)?.startsWith("...") ?? false
  return {
    signature,
    parameters: parameters.map((parameter) => parameter.replace("...", "")),
    isVariadic,
    // The evaluator has made the values fit the signature, which is where the body's types come from.
    call: (context, values) => resultOf(result, body(context, ...(values as ParametersIn<S>))),
  }
}

function resultOf(type: string, value: unknown): GoValue {
  if (type === "int") return BigInt.asIntN(64, value as bigint)
  if (type === "int64" || type === "uint32") return new GoInteger(type, value as bigint)
  if (type === "[]interface {}" || type === "[]string" || type === "[]int") {
    return new GoList(type, (value as readonly GoValue[] | undefined) ?? [], value === undefined)
  }
  if (type === "map[string]string") return new GoMap(type, value as Map<string, string>)
  return value as GoValue
}
