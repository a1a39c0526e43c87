import { formatValue } from "../format/format-value.ts"
import type { ActionNode, BranchNode, ListNode, StatementNode, TemplateNode } from "../language/node.ts"
import { compareTexts } from "../values/go-text.ts"
import { GoInteger, GoList, GoMap, integerIn, type Operand } from "../values/go-value.ts"
import { isTrue } from "../values/type-of.ts"
import { evaluatePipe } from "./evaluate-pipe.ts"
import { failAt, type State, setVariable } from "./state.ts"

type Outcome = "break" | "continue" | undefined

// Go's own limit is 100,000; JavaScript's stack ends before.
const maxTemplateDepth = 500

/** Runs a list of statements (text/template, `walk`). The outcome is how a loop around it goes on. */
export function evaluateList(state: State, dot: Operand, list: ListNode): Outcome {
  for (const node of list) {
    const outcome = evaluateStatement(state, dot, node)
    if (outcome !== undefined) return outcome
  }
  return undefined
}

function evaluateStatement(state: State, dot: Operand, node: StatementNode): Outcome {
  state.node = node
  state.context.budget.spend(1)
  switch (node.type) {
    case "text":
      state.write(node.text, node.start, true)
      return undefined
    case "action":
      evaluateAction(state, dot, node)
      return undefined
    case "if":
    case "with":
      return evaluateCondition(state, dot, node)
    case "range":
      return evaluateRange(state, dot, node)
    case "template":
      evaluateTemplate(state, dot, node)
      return undefined
    default:
      return node.type
  }
}

function evaluateAction(state: State, dot: Operand, node: ActionNode): void {
  const value = evaluatePipe(state, dot, node.pipe)
  if (node.pipe.declared.length > 0) return
  state.node = node
  state.write(value === undefined ? "<no value>" : formatValue(state.context.budget, value), node.start, false)
}

function evaluateCondition(state: State, dot: Operand, node: BranchNode): Outcome {
  const mark = state.variables.length
  const value = evaluatePipe(state, dot, node.pipe)
  const outcome = isTrue(value)
    ? evaluateList(state, node.type === "with" ? value : dot, node.list)
    : evaluateList(state, dot, node.elseList ?? [])
  state.variables.length = mark
  return outcome
}

function evaluateRange(state: State, dot: Operand, node: BranchNode): Outcome {
  const { declared, isAssignment } = node.pipe
  const mark = state.variables.length
  const value = evaluatePipe(state, dot, node.pipe)
  const inner = state.variables.length
  let isEmpty = true
  for (const [index, element] of iterate(state, node, value)) {
    isEmpty = false
    state.context.budget.spend(1)
    const names = declared.length > 1 ? [index, element] : [element]
    declared.forEach((name, at) => {
      if (isAssignment) setVariable(state, name, names[at])
      else state.variables[inner - declared.length + at] = { name, value: names[at] }
    })
    const outcome = evaluateList(state, element, node.list)
    state.variables.length = inner
    if (outcome === "break") break
  }
  state.variables.length = mark
  if (!isEmpty) return undefined
  return evaluateList(state, dot, node.elseList ?? [])
}

function* iterate(state: State, node: BranchNode, value: Operand): Generator<[Operand, Operand]> {
  const count = integerIn(value)
  if (value === undefined || value === null) return
  if (value instanceof GoList) {
    for (const [index, item] of value.items.entries()) yield [BigInt(index), item]
  } else if (value instanceof GoMap) {
    const keys = [...value.entries.keys()].sort(compareTexts)
    const entries = keys.map((key): [string, Operand] => [key, value.entries.get(key)])
    yield* entries
  } else if (count !== undefined) {
    if (node.pipe.declared.length > 1) failAt(state, `can't use ${count} to iterate over more than one variable`)
    for (let at = 0n; at < count; at++)
      yield [undefined, value instanceof GoInteger ? new GoInteger(value.type, at) : at]
  } else failAt(state, `range can't iterate over ${formatValue(state.context.budget, value)}`)
}

function evaluateTemplate(state: State, dot: Operand, node: TemplateNode): void {
  const list = state.definitions.get(node.name) ?? failAt(state, `template ${JSON.stringify(node.name)} not defined`)
  if (state.templateDepth >= maxTemplateDepth) failAt(state, `exceeded maximum template depth (${maxTemplateDepth})`)
  const inner = node.pipe === undefined ? undefined : evaluatePipe(state, dot, node.pipe)
  const outer = state.variables
  state.templateDepth++
  state.variables = [{ name: "$", value: inner }]
  evaluateList(state, inner, list)
  state.variables = outer
  state.templateDepth--
}
