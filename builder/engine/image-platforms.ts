import { z } from "zod"
import { type ImageReference, imageReference } from "../../shared/registry/image-reference.ts"
import { readBody } from "../context/guarded-request.ts"
import { MANIFEST_TYPES, type RegistryClient } from "../registry/registry-client.ts"
import { callEngine } from "./call-engine.ts"
import type { EngineSession } from "./engine-session.ts"
import { openRepository, type RegistryAccess } from "./open-repository.ts"

const MAX_BYTES = 4 * 1024 * 1024
const Word = z.string().regex(/^[\w.-]{1,40}$/)
const Platform = z.object({ os: Word, architecture: Word, variant: Word.optional() })
/** OCI image specification, "Image Index" and "Image Manifest"; both also in Docker's form. */
const Index = z.object({ manifests: z.array(z.object({ platform: z.unknown().optional() })) })
const Manifest = z.object({ config: z.object({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }) })

type PlatformSession = Pick<EngineSession, "choice" | "runner" | "registries">

/**
 * The platforms that an image is for, `os/architecture[/variant]` each: as the engine knows its own (`isLocal`), else as the registry
 * says. Empty when nobody says.
 */
export async function imagePlatforms(session: PlatformSession, image: string, isLocal: boolean): Promise<string[]> {
  if (isLocal) return await ofEngine(session, image)
  const reference = imageReference(image)
  return reference === undefined ? [] : await ofRegistry(reference, session.registries).catch(() => [])
}

async function ofEngine({ choice, runner }: PlatformSession, image: string): Promise<string[]> {
  const args = ["image", "inspect", "--format={{.Os}}/{{.Architecture}}", "--", image]
  const { isSuccess, lines } = await callEngine(runner, { command: choice.command, args })
  return isSuccess ? lines.filter(({ stream }) => stream === "stdout").map(({ line }) => line.trim()) : []
}

async function ofRegistry(image: ImageReference, access: RegistryAccess): Promise<string[]> {
  const client = openRepository(image, access)
  const manifest = await readJson(client, `manifests/${image.digest ?? image.tag ?? "latest"}`, MANIFEST_TYPES)
  const index = Index.safeParse(manifest)
  if (index.success) return [...new Set(index.data.manifests.flatMap(({ platform }) => platformText(platform)))]
  const { digest } = Manifest.parse(manifest).config
  return platformText(await readJson(client, `blobs/${digest}`, "*/*"))
}

async function readJson(client: RegistryClient, path: string, accept: string): Promise<unknown> {
  const answer = await client.request("GET", path, accept)
  return JSON.parse((await readBody(answer, MAX_BYTES)).toString("utf8"))
}

/** None for what is no image, such as buildx's attestations (`unknown/unknown`). */
function platformText(value: unknown): string[] {
  const { data } = Platform.safeParse(value)
  if (data === undefined || data.os === "unknown") return []
  return [[data.os, data.architecture, data.variant].filter((part) => part !== undefined).join("/")]
}
