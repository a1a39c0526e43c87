import { TemplateMistake } from "../template-mistake.ts"
import { describeToken, type Token, type TokenType } from "./token.ts"

export type TokenReader = ReturnType<typeof createTokenReader>

/** Reads tokens one by one, with look-ahead. `fail` throws at the token that was read last. */
export function createTokenReader(tokens: readonly Token[]) {
  const last = tokens.at(-1) ?? { type: "eof", start: 0, text: "" }
  let position = 0

  const peek = (): Token => tokens[position] ?? last
  const next = (): Token => tokens[position++] ?? last

  function skipSpace(): void {
    while (peek().type === "space") position++
  }

  function nextWord(): Token {
    skipSpace()
    return next()
  }

  function peekWord(): Token {
    skipSpace()
    return peek()
  }

  function fail(message: string, start = (tokens[Math.max(position - 1, 0)] ?? last).start): never {
    throw new TemplateMistake("parse", message, start)
  }

  /** A token that cannot be here. */
  function unexpected(token: Token, context: string): never {
    fail(token.type === "error" ? token.text : `unexpected ${describeToken(token)} in ${context}`, token.start)
  }

  function expect(types: readonly TokenType[], context: string): Token {
    const token = nextWord()
    if (!types.includes(token.type)) unexpected(token, context)
    return token
  }

  return {
    peek,
    next,
    nextWord,
    peekWord,
    fail,
    unexpected,
    expect,
    mark: () => position,
    rewind: (to: number) => {
      position = to
    },
  }
}
