import { imageReference } from "../../shared/registry/image-reference.ts"
import type { Base } from "./base-digests.ts"
import { callEngine } from "./call-engine.ts"
import type { EngineSession } from "./engine-session.ts"
import { resolveDigest } from "./resolve-digest.ts"

/**
 * The digests of bases for an engine that does not print them. It knows under which digests it has ever met an image,
 * under any name, but not which of them a tag means; the registry knows what the tag means now. Both must agree.
 */
export async function inspectBases(session: EngineSession, references: string[]): Promise<Base[]> {
  const { dialect, choice, runner, registries } = session
  if (references.length > 0 && dialect.inspectBases === undefined) return await meantBases(session, references)
  const invocation = references.length === 0 ? undefined : dialect.inspectBases?.(choice, references)
  if (invocation === undefined) return []
  const [{ lines }, ...meant] = await Promise.all([
    callEngine(runner, invocation),
    ...references.map((name) => {
      const reference = imageReference(name)
      return reference?.digest ?? (reference && resolveDigest(reference, registries))
    }),
  ])
  const printed = lines.flatMap(({ line, stream }) => (stream === "stdout" ? [line] : []))
  const known = dialect.digestsOf(printed)
  return references.map((reference, at) => ({ reference, digest: agreedDigest(known[at] ?? [], meant[at]) }))
}

/** What the tags mean just now: docker's old builder prints no digests and has pulled them a moment ago. */
async function meantBases({ registries }: EngineSession, references: string[]): Promise<Base[]> {
  return await Promise.all(
    references.map(async (name) => {
      const reference = imageReference(name)
      const digest = reference?.digest ?? (reference && (await resolveDigest(reference, registries)))
      return { reference: name, digest }
    }),
  )
}

/** Of the digests that an engine knows an image by the one that its registry means; without its word only one alone is certain. */
export function agreedDigest(known: readonly string[], meant: string | undefined): string | undefined {
  if (meant === undefined) return known.length === 1 ? known[0] : undefined
  return known.includes(meant) ? meant : undefined
}
