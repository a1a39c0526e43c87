import { createMasker, type Masker } from "../../shared/secrets/mask.ts"

/** Maskers that learn: a task file brings secrets that were not known when its run began. */
export type GrowingMasker = {
  /** For lines of our own, and whole texts. */
  masker: Masker
  /** For a stream of what somebody else prints, with what is known by then; `hidden` is hidden in it and in causes, and nowhere else. */
  open(hidden?: readonly string[]): Masker
  /** Masks the cause of a failure, which may quote what any stream has printed. */
  maskCause(text: string): string
  add(secrets: readonly string[]): void
}

export function createGrowingMasker(secrets: readonly string[]): GrowingMasker {
  const known = new Set(secrets)
  const hiddenSomewhere = new Set<string>()
  let current = createMasker(known)
  // All in one: a value that is part of a longer secret, masked alone, would leave the rest of that to be seen.
  const withFurther = (further: Iterable<string>) => createMasker([...known, ...further])

  return {
    masker: {
      write: (text) => current.write(text),
      flush: () => current.flush(),
      mask: (text) => current.mask(text),
    },
    open(hidden = []) {
      for (const value of hidden) hiddenSomewhere.add(value)
      return withFurther(hidden)
    },
    maskCause: (text) => withFurther(hiddenSomewhere).mask(text),
    add(more) {
      const size = known.size
      for (const secret of more) known.add(secret)
      if (known.size > size) current = createMasker(known)
    },
  }
}
