import type { ImageReference } from "../../shared/registry/image-reference.ts"
import { MANIFEST_TYPES } from "../registry/registry-client.ts"
import { openRepository, type RegistryAccess } from "./open-repository.ts"

/**
 * Asks the registry what a tag means now, without pulling (distribution specification: `HEAD …/manifests/<tag>`,
 * `Docker-Content-Digest`). Undefined when the registry does not say.
 */
export async function resolveDigest(image: ImageReference, access: RegistryAccess): Promise<string | undefined> {
  try {
    const client = openRepository(image, access)
    const answer = await client.request("HEAD", `manifests/${image.digest ?? image.tag ?? "latest"}`, MANIFEST_TYPES)
    answer.destroy()
    const digest = answer.statusCode === 200 ? answer.headers["docker-content-digest"] : undefined
    return typeof digest === "string" && /^sha256:[0-9a-f]{64}$/.test(digest) ? digest : undefined
  } catch {
    return undefined
  }
}
