import { digestOf, putBlob, type RegistryTarget } from "./base-image.ts"

/** One layer of an artifact: what ORAS calls it, and whether it is a folder that ORAS has packed as `.tar.gz`. */
export type ArtifactFile = { title: string; content: Buffer; isPackedFolder?: boolean }

const MANIFEST = "application/vnd.oci.image.manifest.v1+json"
const EMPTY = Buffer.from("{}")

/** Puts files into a registry as `oras push` does (image-spec, "Guidelines for Artifact Usage"). Returns the artifact's full name. */
export async function pushArtifact(
  target: RegistryTarget,
  repository: string,
  tag: string,
  files: ArtifactFile[],
): Promise<string> {
  for (const content of [EMPTY, ...files.map((file) => file.content)]) await putBlob(target, repository, content)
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      artifactType: "application/vnd.unknown.artifact.v1",
      config: { mediaType: "application/vnd.oci.empty.v1+json", digest: digestOf(EMPTY), size: EMPTY.length },
      layers: files.map(({ title, content, isPackedFolder = false }) => ({
        mediaType: `application/vnd.oci.image.layer.v1.tar${isPackedFolder ? "+gzip" : ""}`,
        digest: digestOf(content),
        size: content.length,
        annotations: {
          "org.opencontainers.image.title": title,
          ...(isPackedFolder ? { "io.deis.oras.content.unpack": "true" } : {}),
        },
      })),
    }),
  )
  const path = `/v2/${repository}/manifests/${tag}`
  const answer = await target.call("PUT", path, manifest, { "content-type": MANIFEST }, repository)
  if (answer.status !== 201) throw new Error(`the registry answered ${answer.status} to the artifact: ${answer.text}`)
  return `${target.loginServer}/${repository}:${tag}`
}
