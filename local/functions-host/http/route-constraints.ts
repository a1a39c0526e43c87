export type Constraint = (value: string) => boolean

/**
 * Inline constraints of ASP.NET route templates that a Functions route may use, by name.
 * Source: https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-constraints
 */
const makers: Record<string, (argument: string) => Constraint> = {
  int: () => (value) => isInteger(value, -(2n ** 31n), 2n ** 31n - 1n),
  long: () => (value) => isInteger(value, -(2n ** 63n), 2n ** 63n - 1n),
  bool: () => (value) => /^(true|false)$/i.test(value),
  datetime: () => (value) => !Number.isNaN(Date.parse(value)),
  decimal: () => (value) => /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(value),
  double: () => isFloat,
  float: () => isFloat,
  guid: () => (value) =>
    /^([0-9a-f]{32}|\{[0-9a-f-]{36}\}|\([0-9a-f-]{36}\)|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.test(value),
  alpha: () => (value) => /^[a-z]*$/i.test(value),
  required: () => (value) => value !== "",
  length: (argument) => {
    const [low = 0, high = low] = numbers(argument)
    return (value) => value.length >= low && value.length <= high
  },
  minlength: (argument) => {
    const [low = 0] = numbers(argument)
    return (value) => value.length >= low
  },
  maxlength: (argument) => {
    const [high = 0] = numbers(argument)
    return (value) => value.length <= high
  },
  min: (argument) => {
    const low = BigInt(argument)
    return (value) => isInteger(value, low, 2n ** 63n - 1n)
  },
  max: (argument) => {
    const high = BigInt(argument)
    return (value) => isInteger(value, -(2n ** 63n), high)
  },
  range: (argument) => {
    const [low, high] = argument.split(",").map(BigInt)
    return (value) => isInteger(value, low ?? 0n, high ?? 0n)
  },
  regex: (argument) => {
    const pattern = new RegExp(argument, "i")
    return (value) => pattern.test(value)
  },
}

/** The test of a constraint such as `int` or `length(2,5)`. Errors: one that names a constraint this host does not know. */
export function makeConstraint(text: string): Constraint {
  const match = /^(?<name>\w+)(?:\((?<argument>.*)\))?$/s.exec(text)
  const maker = makers[match?.groups?.name?.toLowerCase() ?? ""]
  if (maker === undefined) throw new Error(`route constraint "${text}" is not known`)
  return maker(match?.groups?.argument ?? "")
}

function numbers(argument: string): number[] {
  const values = argument.split(",").map(Number)
  if (values.some(Number.isNaN)) throw new Error(`route constraint argument "${argument}" is not a number`)
  return values
}

function isInteger(value: string, low: bigint, high: bigint): boolean {
  if (!/^[+-]?\d{1,20}$/.test(value)) return false
  const number = BigInt(value.replace("+", ""))
  return number >= low && number <= high
}

function isFloat(value: string): boolean {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(value)
}
