import type { NumberConstant } from "./read-number.ts"

type At = { /** Offset in UTF-16 units of the source. */ start: number }

export type TextNode = At & { type: "text"; text: string }
export type ActionNode = At & { type: "action"; pipe: PipeNode }
export type BranchNode = At & {
  type: "if" | "with" | "range"
  pipe: PipeNode
  list: ListNode
  elseList: ListNode | undefined
}
export type TemplateNode = At & { type: "template"; name: string; pipe: PipeNode | undefined }
export type JumpNode = At & { type: "break" | "continue" }
export type StatementNode = TextNode | ActionNode | BranchNode | TemplateNode | JumpNode
export type ListNode = readonly StatementNode[]

/** Variables with their `$`. */
export type PipeNode = At & { type: "pipe"; declared: string[]; isAssignment: boolean; commands: CommandNode[] }
export type CommandNode = At & { type: "command"; words: WordNode[] }
export type WordNode =
  | (At & { type: "bool"; value: boolean })
  | (At & { type: "number"; constant: NumberConstant })
  | (At & { type: "string"; quoted: string; text: string })
  | (At & { type: "nil" })
  | (At & { type: "dot" })
  | (At & { type: "identifier"; name: string })
  | (At & { type: "field"; path: string[] })
  | (At & { type: "variable"; name: string; path: string[] })
  | (At & { type: "chain"; word: WordNode; path: string[] })
  | PipeNode
export type ExpressionNode = WordNode | CommandNode

/** An expression as Go writes it in a message. */
export function describeNode(node: ExpressionNode): string {
  switch (node.type) {
    case "pipe": {
      const head = node.declared.length === 0 ? "" : `${node.declared.join(", ")} ${node.isAssignment ? "=" : ":="} `
      return head + node.commands.map(describeNode).join(" | ")
    }
    case "command":
      return node.words.map((word) => (word.type === "pipe" ? `(${describeNode(word)})` : describeNode(word))).join(" ")
    case "bool":
      return String(node.value)
    case "number":
      return node.constant.text
    case "string":
      return node.quoted
    case "nil":
      return "nil"
    case "dot":
      return "."
    case "identifier":
      return node.name
    case "field":
      return node.path.map((name) => `.${name}`).join("")
    case "variable":
      return [node.name, ...node.path].join(".")
    case "chain": {
      const word = describeNode(node.word)
      return (node.word.type === "pipe" ? `(${word})` : word) + node.path.map((name) => `.${name}`).join("")
    }
  }
}
