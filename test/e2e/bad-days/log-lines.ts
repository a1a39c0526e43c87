import { expect } from "vitest"

/** What the numbered build printed, in the order of its log. */
export function numbersIn(log: string): number[] {
  return [...log.matchAll(/^#\d+ [\d.]+ n-(\d+)\r?$/gm)].map(([, number]) => Number(number))
}

/** Each line once and in order: no append was lost, none was repeated, and the build ran once. */
export function expectEachLineOnce(log: string, lines: number): void {
  expect(numbersIn(log), log).toEqual(Array.from({ length: lines }, (_, index) => index + 1))
  expect(log.match(/ Engine: /g), log).toHaveLength(1)
  expect(log.match(/^Run ID: /gm), log).toHaveLength(1)
}

export function lastLine(log: string): string {
  return log.trimEnd().split(/\r?\n/).at(-1) ?? ""
}
