import type { ExpressionNode, ListNode, StatementNode } from "../language/node.ts"
import { describeNode } from "../language/node.ts"
import type { CallContext, FunctionTable, TemplateFunction } from "../library/define-function.ts"
import { TemplateMistake } from "../template-mistake.ts"
import type { Operand } from "../values/go-value.ts"

/** Where a rendering is. `node` is what is being evaluated: a mistake is reported there. */
export type State = {
  node: ExpressionNode | StatementNode
  variables: { name: string; value: Operand }[]
  templateDepth: number
  readonly definitions: ReadonlyMap<string, ListNode>
  readonly functions: FunctionTable
  readonly context: CallContext
  methodOf(receiver: Operand, name: string): TemplateFunction | undefined
  write(text: string, sourceStart: number, isVerbatim: boolean): void
}

/** Stops the rendering with a mistake at the node that is being evaluated. */
export function failAt(state: State, message: string): never {
  const { node } = state
  throw new TemplateMistake("execute", `${placeOf(node)}${message}`, node.start)
}

/** Where a mistake is, as Go writes it: an expression, or a call of a template. */
function placeOf(node: State["node"]): string {
  switch (node.type) {
    case "action":
    case "text":
    case "if":
    case "with":
    case "range":
    case "break":
    case "continue":
      return ""
    case "template": {
      const pipe = node.pipe === undefined ? "" : ` ${describeNode(node.pipe)}`
      return `<{{template ${JSON.stringify(node.name)}${pipe}}}>: `
    }
    default:
      return `<${describeNode(node)}>: `
  }
}

/** The value of a variable that the parser has seen declared. */
export function variableOf(state: State, name: string): Operand {
  const found = state.variables.findLast((variable) => variable.name === name)
  return found === undefined ? failAt(state, `undefined variable: ${name}`) : found.value
}

/** Changes the innermost variable of a name. */
export function setVariable(state: State, name: string, value: Operand): void {
  const found = state.variables.findLast((variable) => variable.name === name)
  if (found === undefined) failAt(state, `undefined variable: ${name}`)
  else found.value = value
}
