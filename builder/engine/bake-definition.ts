import type { BuildSettings } from "./engine.ts"

/** What one build is, whatever engine does it. */
export type BuildPlan = {
  contextFolder: string
  dockerfilePath: string
  /** The run's own local name of the result: two runs that build one image name never meet. */
  localName: string
  target: string | undefined
  buildArguments: { name: string; value: string }[]
  platforms: string[]
  isClassic: boolean
  noCache: boolean
  labels: Record<string, string>
  /** Image names in a registry that hold layer caches to read. */
  cacheFrom: string[]
  settings?: BuildSettings | undefined
  /** Images of the run that the Dockerfile stands on: its words for them → the engine's local names. */
  ownImages: { name: string; localName: string }[]
  /** Where to write the cache: an image name in a registry, or `inline`, into the image itself. */
  cacheTo: string | undefined
}

const PLAIN = /^(?!\/\/)[\w./:@=,+ -]*$/

/**
 * The build as a JSON definition for `buildx bake`, given on standard input: thus no value stands in an argument list
 * or in the environment, and a build argument called PATH, HTTP_PROXY or LD_PRELOAD cannot reach the program itself.
 */
export function bakeDefinition(plan: BuildPlan, name: string): string {
  const { settings = {}, ownImages } = plan
  const contexts = [
    ...ownImages.map((image) => ({ name: image.name, value: `docker-image://${image.localName}` })),
    ...(settings.contexts ?? []),
  ]
  const target = {
    context: literal(plan.contextFolder),
    dockerfile: literal(plan.dockerfilePath),
    tags: [literal(plan.localName)],
    platforms: plan.platforms.map(literal),
    // Bases are looked up in their registry each time: a local copy may be older than what its tag means now. Images of the run
    // have no registry yet.
    pull: ownImages.length === 0,
    "no-cache": plan.noCache,
    args: record(plan.buildArguments.map(({ name: key, value }) => [key, value])),
    labels: record(Object.entries(plan.labels)),
    "cache-from": plan.cacheFrom.map((reference) => literal(`type=registry,ref=${reference}`)),
    "cache-to": plan.cacheTo === undefined ? [] : [literal(cacheExport(plan.cacheTo))],
    ...(plan.target !== undefined && { target: literal(plan.target) }),
    ...(contexts.length > 0 && { contexts: record(contexts.map((one) => [one.name, one.value])) }),
    ...(settings.network !== undefined && { network: settings.network }),
    ...(settings.secrets?.length && {
      secret: settings.secrets.map(({ id, file }) => literal(`type=file,id=${id},src=${file}`)),
    }),
    ...(settings.noCacheFilter?.length && { "no-cache-filter": settings.noCacheFilter.map(literal) }),
    ...(settings.shmSize && { "shm-size": literal(settings.shmSize) }),
    ...(settings.ulimits?.length && { ulimits: settings.ulimits.map(literal) }),
  }
  return JSON.stringify({ target: { [name]: target } })
}

function cacheExport(destination: string): string {
  return destination === "inline" ? "type=inline" : `type=registry,ref=${destination},mode=max,ignore-error=true`
}

function record(entries: [string, string][]): Record<string, string> {
  return Object.fromEntries(entries.map(([key, value]) => [literal(key), literal(value)]))
}

/**
 * Strings of a definition are templates, and buildx first tries to read it as a Compose file, naming in a warning every
 * `$NAME` it finds in a value. So anything but plain text travels as base64.
 */
function literal(text: string): string {
  if (PLAIN.test(text)) return text
  return `\${base64decode("${Buffer.from(text, "utf8").toString("base64")}")}`
}
