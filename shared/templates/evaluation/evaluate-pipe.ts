import { type CommandNode, describeNode, type ExpressionNode, type PipeNode, type WordNode } from "../language/node.ts"
import type { TemplateFunction } from "../library/define-function.ts"
import { FunctionMistake } from "../template-mistake.ts"
import { GoMap, GoStruct, GoTime, type GoValue, GoVersion, type Operand } from "../values/go-value.ts"
import { isTrue, kindOf, typeOf } from "../values/type-of.ts"
import { constantOf, fitConstant, fitValue } from "./fit-argument.ts"
import { failAt, type State, setVariable, variableOf } from "./state.ts"

/** The result of the command before in a pipeline; none for the first. */
type Final = { value: Operand } | undefined

/** Go's `evalPipeline`: each command gets the result of the one before as its last argument; variables are set. */
export function evaluatePipe(state: State, dot: Operand, pipe: PipeNode): Operand {
  state.node = pipe
  let final: Final
  for (const command of pipe.commands) {
    state.context.budget.spend(1)
    const value: Operand = evaluateCommand(state, dot, command, final)
    // A nil interface does not outlive its pipeline.
    final = { value: value ?? undefined }
  }
  for (const name of pipe.declared) {
    if (pipe.isAssignment) setVariable(state, name, final?.value)
    else state.variables.push({ name, value: final?.value })
  }
  return final?.value
}

function evaluateCommand(state: State, dot: Operand, command: CommandNode, final: Final): Operand {
  const [first, ...rest] = command.words
  if (first === undefined) return failAt(state, "empty command")
  switch (first.type) {
    case "field":
      state.node = first
      return readPath(state, dot, dot, first, first.path, rest, final)
    case "chain":
      return evaluateChain(state, dot, first, rest, final)
    case "variable":
      return evaluateVariable(state, dot, first, rest, final)
    case "identifier":
      return evaluateFunction(state, dot, first, command, rest, final)
    case "pipe":
      refuseArguments(state, first, rest, final)
      return evaluatePipe(state, dot, first)
    case "dot":
    case "nil":
      state.node = first
      refuseArguments(state, first, rest, final)
      return first.type === "dot" ? dot : failAt(state, "nil is not a command")
    default:
      state.node = first
      refuseArguments(state, first, rest, final)
      return constantOf(state, first)
  }
}

function refuseArguments(state: State, first: WordNode, rest: WordNode[], final: Final): void {
  if (rest.length > 0 || final !== undefined)
    failAt(state, `can't give argument to non-function ${describeNode(first)}`)
}

function evaluateArgument(state: State, dot: Operand, word: WordNode, type: string): GoValue {
  state.node = word
  switch (word.type) {
    case "dot":
      return fitValue(state, dot, type)
    case "field":
      return fitValue(state, readPath(state, dot, dot, word, word.path, [], undefined), type)
    case "variable":
      return fitValue(state, evaluateVariable(state, dot, word, [], undefined), type)
    case "pipe":
      return fitValue(state, evaluatePipe(state, dot, word), type)
    case "identifier":
      return fitValue(state, evaluateFunction(state, dot, word, word, [], undefined), type)
    case "chain":
      return fitValue(state, evaluateChain(state, dot, word, [], undefined), type)
    default:
      return fitConstant(state, word, type)
  }
}

function evaluateVariable(
  state: State,
  dot: Operand,
  word: WordNode & { type: "variable" },
  rest: WordNode[],
  final: Final,
): Operand {
  state.node = word
  const value = variableOf(state, word.name)
  if (word.path.length > 0) return readPath(state, dot, value, word, word.path, rest, final)
  refuseArguments(state, word, rest, final)
  return value
}

function evaluateChain(
  state: State,
  dot: Operand,
  chain: WordNode & { type: "chain" },
  rest: WordNode[],
  final: Final,
): Operand {
  state.node = chain
  if (chain.word.type === "nil") failAt(state, `indirection through explicit nil in ${describeNode(chain)}`)
  const inner = chain.word
  // Unlike an argument, the start of a chain may be invalid: its fields then are, too.
  const receiver =
    inner.type === "pipe" ? evaluatePipe(state, dot, inner) : evaluateArgument(state, dot, inner, "interface {}")
  return readPath(state, dot, receiver, chain, chain.path, rest, final)
}

function readPath(
  state: State,
  dot: Operand,
  start: Operand,
  node: WordNode,
  path: string[],
  rest: WordNode[],
  final: Final,
): Operand {
  let receiver = start
  let type = typeOf(start)
  path.forEach((name, index) => {
    const isLast = index === path.length - 1
    const before = receiver
    receiver = readField(state, dot, receiver, type, name, node, isLast ? rest : [], isLast ? final : undefined)
    type = before instanceof GoMap && before.type !== "map[string]string" ? "interface {}" : typeOf(receiver)
  })
  return receiver
}

function readField(
  state: State,
  dot: Operand,
  receiver: Operand,
  type: string,
  name: string,
  node: WordNode,
  rest: WordNode[],
  final: Final,
): Operand {
  if (receiver === undefined) return undefined
  if (receiver === null) return failAt(state, `nil pointer evaluating interface {}.${name}`)
  const method = state.methodOf(receiver, name)
  if (method !== undefined) return callFunction(state, dot, method, node, name, rest, final)
  const hasArguments = rest.length > 0 || final !== undefined
  if (receiver instanceof GoStruct && receiver.fields.has(name)) {
    if (hasArguments) failAt(state, `${name} has arguments but cannot be invoked as function`)
    return receiver.fields.get(name)
  }
  if (receiver instanceof GoMap) {
    if (hasArguments) failAt(state, `${name} is not a method but has arguments`)
    // missingkey=zero: what a map of its type has for a key that is not there.
    return receiver.entries.get(name) ?? (receiver.type === "map[string]string" ? "" : null)
  }
  if (isHidden(receiver, name)) failAt(state, `${name} is an unexported field of struct type ${type}`)
  return failAt(state, `can't evaluate field ${name} in type ${type}`)
}

/** Go's own fields of versions and times, which templates may name but not read. */
function isHidden(receiver: GoValue, name: string): boolean {
  if (receiver instanceof GoTime) return ["wall", "ext", "loc"].includes(name)
  const fields = ["major", "minor", "patch", "pre", "metadata", "original"]
  return receiver instanceof GoVersion && fields.includes(name)
}

function evaluateFunction(
  state: State,
  dot: Operand,
  word: WordNode & { type: "identifier" },
  command: ExpressionNode,
  rest: WordNode[],
  final: Final,
): Operand {
  state.node = word
  const callee = Object.hasOwn(state.functions, word.name) ? state.functions[word.name] : undefined
  if (callee === undefined) return failAt(state, `"${word.name}" is not a defined function`)
  return callFunction(state, dot, callee, command, word.name, rest, final)
}

function callFunction(
  state: State,
  dot: Operand,
  callee: TemplateFunction,
  node: ExpressionNode,
  name: string,
  words: WordNode[],
  final: Final,
): Operand {
  const { parameters, isVariadic } = callee
  const count = words.length + (final === undefined ? 0 : 1)
  if (isVariadic && count < parameters.length - 1) {
    failAt(state, `wrong number of args for ${name}: want at least ${parameters.length - 1} got ${words.length}`)
  }
  if (!isVariadic && count !== parameters.length) {
    failAt(state, `wrong number of args for ${name}: want ${parameters.length} got ${count}`)
  }
  const typeAt = (index: number) => parameters[Math.min(index, parameters.length - 1)] ?? "interface {}"
  if (callee.signature === state.functions.and?.signature && (name === "and" || name === "or")) {
    return evaluateLogic(state, dot, name, words, final)
  }
  const values = words.map((word, index) => evaluateArgument(state, dot, word, typeAt(index)))
  if (final !== undefined) values.push(fitValue(state, final.value, typeAt(words.length)))
  if (name === "call") return failCall(state, node, words, values)
  // No function is slower than its texts are long, give or take; those that are spend more themselves.
  state.context.budget.spend(
    values.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length / 16 : 0), 1),
  )
  try {
    const result = callee.call(state.context, values)
    if (typeof result === "string") state.context.budget.reserve(result.length)
    return result
  } catch (error) {
    if (!(error instanceof FunctionMistake)) throw error
    state.node = node
    return failAt(state, `error calling ${name}: ${error.message}`)
  }
}

/** `and` and `or` evaluate no further than they must. */
function evaluateLogic(state: State, dot: Operand, name: "and" | "or", words: WordNode[], final: Final): Operand {
  let value: Operand
  for (const word of words) {
    value = evaluateArgument(state, dot, word, "reflect.Value")
    if (isTrue(value) === (name === "or")) return value
  }
  return final === undefined ? value : final.value
}

/** Nothing that a template can hold is a function, so `call` always fails. */
function failCall(state: State, node: ExpressionNode, words: WordNode[], values: GoValue[]): never {
  state.node = node
  const [callee] = values
  if (callee === null || callee === undefined) return failAt(state, "error calling call: call of nil")
  const name = words[0] === undefined ? `<${kindOf(callee)} Value>` : describeNode(words[0])
  return failAt(state, `error calling call: non-function ${name} of type ${typeOf(callee)}`)
}
