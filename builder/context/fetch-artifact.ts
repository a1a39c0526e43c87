import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { type ImageReference, imageName } from "../../shared/registry/image-reference.ts"
import { createRegistryClient, MANIFEST_TYPES, type RegistryClient } from "../registry/registry-client.ts"
import { removeTree } from "../remove-tree.ts"
import { archiveKind, foundInstead, KIND_BYTES } from "./archive-kind.ts"
import { type Descriptor, pickManifest, readManifest } from "./artifact-manifest.ts"
import { ContextError, quoteName } from "./context-error.ts"
import { decompressorOf } from "./decompress.ts"
import { downloadBlob } from "./download-blob.ts"
import type { FetchDeps } from "./fetch-deps.ts"
import { readBody } from "./guarded-request.ts"
import { registryAddress } from "./registry-address.ts"
import { createUnpacker, type Unpacker } from "./unpack-archive.ts"

const MAX_MANIFEST_BYTES = 4 * 1024 * 1024
/** What ORAS calls a file, and says about a folder that it packed (oras.land, "How it works"). */
const TITLE = "org.opencontainers.image.title"
const UNPACK = "io.deis.oras.content.unpack"
const TAR_TYPE = /[.+]tar(?:[.+](?:gzip|zstd))?$/
/** A place for the parts of an index that is no manifest itself. */
const MAX_DEPTH = 3

export type ArtifactDeps = Pick<
  FetchDeps,
  | "workFolder"
  | "limits"
  | "rules"
  | "backOff"
  | "ca"
  | "path"
  | "authOf"
  | "isInsecure"
  | "platform"
  | "say"
  | "signal"
>

/**
 * Fetches an OCI artifact in ORAS' layout into the empty `folder`: files under their titles, packed folders and tar layers unpacked.
 * Manifest and blobs must have their digests and sizes. Returns the manifest's digest. Errors: ContextError; the signal's reason.
 */
export async function fetchArtifact(image: ImageReference, folder: string, deps: ArtifactDeps): Promise<string> {
  const { registry, repository } = image
  const name = imageName(image)
  const isInsecure = deps.isInsecure(registry)
  // Who flagged a registry as insecure has named it; everything else is the user's word.
  const opened = isInsecure ? registryAddress(registry, isInsecure) : undefined
  const client = createRegistryClient(registry, repository, {
    login: deps.authOf(registry),
    isInsecure,
    rules: opened === undefined ? deps.rules : { ...deps.rules, allowedHosts: [...deps.rules.allowedHosts, opened] },
    ca: deps.ca,
    signal: deps.signal,
  })
  const { layers, digest } = await findLayers(client, image, deps.platform)
  const bytes = layers.reduce((sum, { size }) => sum + size, 0)
  if (bytes > deps.limits.maxBytes) {
    throw new ContextError(
      `The artifact ${quoteName(name)} has ${bytes} bytes, more than the limit, ${deps.limits.maxBytes}.`,
    )
  }
  const unpacker = createUnpacker(folder, deps.limits)
  const parts = await mkdtemp(`${deps.workFolder}/artifact-`)
  try {
    for (const [at, layer] of layers.entries()) {
      const title = layer.annotations?.[TITLE]
      if (title === undefined && !isPacked(layer)) {
        deps.say(`WARNING: the artifact's layer ${layer.digest} (${layer.mediaType}) has no name and is left out.`)
        continue
      }
      const file = `${parts}/${at}`
      await downloadBlob(client, layer, file, deps)
      await placeLayer(unpacker, layer, file, deps.path)
      await rm(file)
    }
  } finally {
    await removeTree(parts)
  }
  if (unpacker.finish().entries === 0) throw new ContextError(`The artifact ${quoteName(name)} holds no files.`)
  return digest
}

async function placeLayer(unpacker: Unpacker, layer: Descriptor, file: string, path: string): Promise<void> {
  if (isPacked(layer)) {
    const start = await startOf(file)
    const kind = archiveKind(start)
    if (kind === undefined) {
      throw new ContextError(`The artifact's layer ${layer.digest} is to be unpacked but is ${foundInstead(start)}.`)
    }
    return await unpacker.unpack(createReadStream(file), decompressorOf(kind, path))
  }
  const body = (async function* () {
    yield* createReadStream(file) as AsyncIterable<Buffer>
  })()
  const name = layer.annotations?.[TITLE] ?? ""
  const mtimeSeconds = Math.floor(
    Date.parse(layer.annotations?.["org.opencontainers.image.created"] ?? "1970-01-01") / 1000,
  )
  await unpacker.place({
    type: "file",
    name,
    linkName: "",
    mode: 0o644,
    mtimeSeconds: Number.isFinite(mtimeSeconds) ? mtimeSeconds : 0,
    size: layer.size,
    holeBytes: 0,
    body,
  })
}

/** A folder that ORAS packed says so; a tar without a name can only be unpacked; a tar with one is a file that happens to be a tar. */
function isPacked({ mediaType, annotations }: Descriptor): boolean {
  return annotations?.[UNPACK] === "true" || (annotations?.[TITLE] === undefined && TAR_TYPE.test(mediaType))
}

async function startOf(file: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of createReadStream(file, { end: KIND_BYTES - 1 }) as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function findLayers(
  client: RegistryClient,
  image: ImageReference,
  platform: string,
): Promise<{ layers: Descriptor[]; digest: string }> {
  const name = imageName(image)
  let wanted: { reference: string; digest?: string | undefined; size?: number } = {
    reference: image.digest ?? image.tag ?? "latest",
    digest: image.digest,
  }
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const { text, digest } = await readManifestText(client, wanted.reference, name)
    if (wanted.digest !== undefined && digest(wanted.digest) !== wanted.digest) {
      throw new ContextError(`The registry sent another manifest than ${wanted.digest} for ${quoteName(name)}.`)
    }
    if (wanted.size !== undefined && text.length !== wanted.size) {
      throw new ContextError(`The registry sent a manifest of another size for ${quoteName(name)}.`)
    }
    const manifest = readManifest(text.toString("utf8"), name)
    if ("layers" in manifest) return { layers: manifest.layers, digest: wanted.digest ?? digest("sha256:") }
    const picked = pickManifest(manifest.manifests, platform, name)
    wanted = { reference: picked.digest, digest: picked.digest, size: picked.size }
  }
  throw new ContextError(`The artifact ${quoteName(name)} is an index of indexes.`)
}

async function readManifestText(client: RegistryClient, reference: string, name: string) {
  const answer = await client.request("GET", `manifests/${reference}`, MANIFEST_TYPES).catch((error: unknown) => {
    if (error instanceof ContextError) throw error
    const why = error instanceof Error ? error.message : ""
    throw new ContextError(
      `failed to download context. The registry of ${quoteName(name)} cannot be reached: ${why}.`,
      {
        cause: error,
      },
    )
  })
  if (answer.statusCode !== 200) {
    answer.destroy()
    throw new ContextError(refusal(answer.statusCode ?? 0, name))
  }
  const text = await readBody(answer, MAX_MANIFEST_BYTES)
  const digest = (like: string) => {
    const algorithm = like.split(":")[0] ?? "sha256"
    return `${algorithm}:${createHash(algorithm).update(text).digest("hex")}`
  }
  const said = answer.headers["docker-content-digest"]
  if (typeof said === "string" && /^sha(?:256|512):/.test(said) && digest(said) !== said) {
    throw new ContextError(`The registry sent another manifest for ${quoteName(name)} than its own digest says.`)
  }
  return { text, digest }
}

function refusal(status: number, name: string): string {
  if (status === 404) return `The artifact ${quoteName(name)} was not found; check its name and tag.`
  if (status === 401 || status === 403) {
    return `The registry gives ${quoteName(name)} to nobody without a login (${status}); add credentials for it to the run.`
  }
  return `failed to download context. The registry answered ${status} for ${quoteName(name)}.`
}
