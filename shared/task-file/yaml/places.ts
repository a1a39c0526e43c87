export type Path = readonly (string | number)[]
export type Places = ReturnType<typeof createPlaces>

/** Offsets of what a document holds, by its path: of values, and of the keys that they stand behind. */
export function createPlaces() {
  const values = new Map<string, number>()
  const keys = new Map<string, number>()
  const bad = new Set<string>()
  const name = (path: Path) => path.join("\u0000")

  /** Of the value; where the document has none, of the nearest thing around it. */
  function of(path: Path): number {
    for (let length = path.length; length > 0; length--) {
      const offset = values.get(name(path.slice(0, length)))
      if (offset !== undefined) return offset
    }
    return values.get("") ?? 0
  }

  return {
    of,
    /** Of the key; of its value where there is none. */
    ofKey: (path: Path) => keys.get(name(path)) ?? of(path),
    put: (path: Path, offset: number) => void values.set(name(path), offset),
    /** A value of the wrong type was there: what it means is not known, and its lack is no second mistake. */
    isBad: (path: Path) => bad.has(name(path)),
    putBad: (path: Path) => void bad.add(name(path)),
    putKey: (path: Path, offset: number) => void keys.set(name(path), offset),
  }
}
