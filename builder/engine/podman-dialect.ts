import { z } from "zod"
import { imageName, imageReference } from "../../shared/registry/image-reference.ts"
import type { Dialect } from "./dialect.ts"
import { isReservedArgument } from "./reserved-arguments.ts"

/** What docker grants and podman 5, or Debian's settings for podman 4, do not (engines 6, difference 12). */
const DOCKER_CAPABILITIES = "CAP_AUDIT_WRITE,CAP_MKNOD,CAP_NET_RAW"
const CACHE_REPOSITORY = "slipway-cache"
const Inspected = z.array(z.object({ Digest: z.string(), RepoDigests: z.array(z.string()).nullish() }))

/** podman, without its service: every call is a process that does the work itself. */
export const podmanDialect: Dialect = {
  name: "podman",
  needsNamespace: true,
  isolatesBuilds: false,
  localName: (runId, number) => `localhost/slipway/run-${runId}:${number}`,
  environment: (home) => ({
    BUILDAH_FORMAT: "docker",
    // Otherwise root's own logins would be looked at first.
    REGISTRY_AUTH_FILE: home.loginFile,
    CONTAINERS_REGISTRIES_CONF: home.registriesFile,
    PODMAN_IGNORE_CGROUPSV1_WARNING: "1",
  }),

  cacheOf(repository, platform, cache) {
    if (cache !== "registry") return undefined
    const reference = `${repository}/${CACHE_REPOSITORY}-${platform.replaceAll("/", "-")}`
    return { from: [reference], to: reference }
  },

  build({ command }, plan, { resultFile, network, temporaryFolder }) {
    const byEnvironment = plan.buildArguments.filter(({ name }) => !isReservedArgument(name))
    return {
      command,
      args: [
        ...["build", "--format=docker", "--layers", "--pull=always", `--platform=${plan.platform}`],
        ...[`--file=${plan.dockerfilePath}`, `--tag=${plan.localName}`, `--iidfile=${resultFile}`],
        `--cap-add=${DOCKER_CAPABILITIES}`,
        ...(network === undefined ? [] : [`--network=${network}`]),
        ...(plan.noCache ? ["--no-cache"] : plan.cacheFrom.map((reference) => `--cache-from=${reference}`)),
        ...(plan.cacheTo === undefined ? [] : [`--cache-to=${plan.cacheTo}`]),
        ...(plan.target === undefined ? [] : [`--target=${plan.target}`]),
        ...Object.entries(plan.labels).map(([name, value]) => `--label=${name}=${value}`),
        ...byEnvironment.map(({ name }) => `--build-arg=${name}`),
        plan.contextFolder,
      ],
      // Cache mounts (`RUN --mount=type=cache`) lie below TMPDIR: thus they are the run's own.
      env: { ...Object.fromEntries(byEnvironment.map(({ name, value }) => [name, value])), TMPDIR: temporaryFolder },
    }
  },

  imageIdOf: (resultFile) => (resultFile.trim() === "" ? undefined : resultFile.trim()),

  inspectBases: ({ command }, references) => ({
    command,
    args: ["image", "inspect", "--format=json", "--", ...references],
  }),
  basesOf(references, printed) {
    const images = Inspected.safeParse(JSON.parse(printed === "" ? "[]" : printed)).data ?? []
    return references.map((reference, at) => ({ reference, digest: digestOf(reference, images[at]) }))
  },

  push: ({ command }, localName, image, digestFile) => [
    { command, args: ["push", `--digestfile=${digestFile}`, localName, `docker://${image}`] },
  ],
  untag: () => undefined,
  ping: () => undefined,

  cleanLine(line) {
    if (/^failed to connect to syslog|^Storing signatures$|missing \\?"[^"]*" build argument/.test(line))
      return undefined
    const unused = /^\[Warning\] one or more build args were not consumed: \[(.*)\]$/.exec(line)?.[1]
    if (unused === undefined) return line
    const names = unused.split(" ").filter((name) => !/^(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)$/.test(name))
    return names.length === 0 ? undefined : `[Warning] one or more build args were not consumed: [${names.join(" ")}]`
  },
}

/**
 * The digest under which the registry offers the image: podman lists those of the image itself and of the index that led to
 * it. More than one index, and it cannot be told which one was meant this time.
 */
function digestOf(reference: string, image: z.infer<typeof Inspected>[number] | undefined): string | undefined {
  const wanted = imageReference(reference)
  if (wanted === undefined || image === undefined) return undefined
  if (wanted.digest !== undefined) return wanted.digest
  const { tag: _, ...repository } = wanted
  const digests = (image.RepoDigests ?? []).flatMap((name) => {
    const [, digest] = name.split("@")
    return digest !== undefined && name === `${imageName(repository)}@${digest}` ? [digest] : []
  })
  const indexes = digests.filter((digest) => digest !== image.Digest)
  if (indexes.length > 1) return undefined
  return indexes[0] ?? digests[0]
}
