import { createMasker, type Masker } from "../../shared/secrets/mask.ts"

/** Maskers that learn: a task file brings secrets that were not known when its run began. */
export type GrowingMasker = {
  /** For lines of our own, and whole texts. */
  masker: Masker
  /** A masker of its own for a stream, with what is known by then. */
  open(further: readonly string[]): Masker
  add(secrets: readonly string[]): void
}

export function createGrowingMasker(secrets: readonly string[]): GrowingMasker {
  let known = [...secrets]
  let current = createMasker(known)
  return {
    masker: {
      write: (text) => current.write(text),
      flush: () => current.flush(),
      mask: (text) => current.mask(text),
    },
    open: (further) => createMasker([...known, ...further]),
    add(more) {
      known = [...known, ...more]
      current = createMasker(known)
    },
  }
}
