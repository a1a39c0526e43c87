import type { Argument } from "../../shared/builders/run-work.ts"
import { createMasker, type Masker } from "../../shared/secrets/mask.ts"
import { argumentValuesOf, secretValuesOf } from "../secrets-of.ts"

/** Maskers that learn: a task file brings secrets that were not known when its run began. */
export type GrowingMasker = {
  /** For lines of our own, and whole texts. */
  masker: Masker
  /** A masker of its own for a stream of what somebody else prints, with what is known by then. */
  open(): Masker
  add(secrets: readonly string[]): void
  /** Hides build arguments: secret ones from now on, the others in every masker that is opened from now on (see `argumentValuesOf`). */
  addArguments(given: readonly Pick<Argument, "name" | "value">[]): void
  /** Hides those whose name says that they are secret, and no others: later steps may print them on purpose. */
  addSecretArguments(given: readonly Pick<Argument, "name" | "value">[]): void
}

export function createGrowingMasker(secrets: readonly string[]): GrowingMasker {
  const known = new Set(secrets)
  const printed = new Set<string>()
  let current = createMasker(known)

  function add(more: readonly string[]): void {
    const size = known.size
    for (const secret of more) known.add(secret)
    if (known.size > size) current = createMasker(known)
  }

  const addSecretArguments: GrowingMasker["addSecretArguments"] = (given) =>
    add(secretValuesOf(given.map(({ name, value }) => ({ name, value, isSecret: false }))))

  return {
    masker: {
      write: (text) => current.write(text),
      flush: () => current.flush(),
      mask: (text) => current.mask(text),
    },
    // All in one: a value that is part of a longer secret, masked alone, would leave the rest of that to be seen.
    open: () => createMasker([...known, ...printed]),
    add,
    addSecretArguments,
    addArguments(given) {
      addSecretArguments(given)
      for (const value of argumentValuesOf(given)) printed.add(value)
    },
  }
}
