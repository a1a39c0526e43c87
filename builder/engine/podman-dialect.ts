import { z } from "zod"
import type { BuildPlan } from "./bake-definition.ts"
import type { Dialect } from "./dialect.ts"
import { isReservedArgument } from "./reserved-arguments.ts"

/** What docker grants and podman 5, or Debian's settings for podman 4, do not (engines 6, difference 12). */
const DOCKER_CAPABILITIES = "CAP_AUDIT_WRITE,CAP_MKNOD,CAP_NET_RAW"
const CACHE_REPOSITORY = "slipway-cache"
/** One line of JSON: `["r.io/a@sha256:…", …]`, or null. */
const RepoDigests = z
  .string()
  .transform((line, context) => {
    try {
      return JSON.parse(line) as unknown
    } catch {
      context.addIssue("no JSON")
      return z.NEVER
    }
  })
  .pipe(z.array(z.string()))

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

  build({ command }, plan, { resultFile, network, temporaryFolder, ignoreFile }) {
    const byEnvironment = plan.buildArguments.filter(({ name }) => !isReservedArgument(name))
    return {
      command,
      args: [
        ...["build", "--format=docker", `--pull=${plan.ownImages.length === 0 ? "always" : "missing"}`],
        // Its cache takes the layers of one platform for those of another.
        `--layers=${!isIndex(plan)}`,
        ...[`--platform=${plan.platforms.join(",")}`],
        ...[`--file=${plan.dockerfilePath}`, `--iidfile=${resultFile}`],
        // An index is a thing of its own here: `push` alone would send the image of one platform.
        `--${isIndex(plan) ? "manifest" : "tag"}=${plan.localName}`,
        `--cap-add=${DOCKER_CAPABILITIES}`,
        ...(ignoreFile === undefined ? [] : [`--ignorefile=${ignoreFile}`]),
        ...[plan.settings?.network ?? network].flatMap((name) => (name === undefined ? [] : [`--network=${name}`])),
        ...(plan.noCache ? ["--no-cache"] : plan.cacheFrom.map((reference) => `--cache-from=${reference}`)),
        ...(plan.cacheTo === undefined ? [] : [`--cache-to=${plan.cacheTo}`]),
        ...(plan.target === undefined ? [] : [`--target=${plan.target}`]),
        ...Object.entries(plan.labels).map(([name, value]) => `--label=${name}=${value}`),
        ...byEnvironment.map(({ name }) => `--build-arg=${name}`),
        ...settingsOptions(plan),
        plan.contextFolder,
      ],
      // Cache mounts (`RUN --mount=type=cache`) lie below TMPDIR: thus they are the run's own, or the build's.
      env: { ...Object.fromEntries(byEnvironment.map(({ name, value }) => [name, value])), TMPDIR: temporaryFolder },
    }
  },

  imageIdOf: (resultFile) => (resultFile.trim() === "" ? undefined : resultFile.trim()),

  inspectBases: ({ command }, references) => ({
    command,
    args: ["image", "inspect", "--format={{json .RepoDigests}}", "--", ...references],
  }),
  digestsOf: (printed) =>
    printed.map((line) => {
      const names = RepoDigests.safeParse(line).data ?? []
      return [...new Set(names.flatMap((name) => name.split("@")[1] ?? []))]
    }),

  containerOptions: ({ isPrivileged }) => (isPrivileged ? [] : [`--cap-add=${DOCKER_CAPABILITIES}`]),
  push: ({ command }, localName, image, { digestFile, isIndex }) => ({
    command,
    args: [
      ...(isIndex ? ["manifest", "push", "--all"] : ["push"]),
      ...[`--digestfile=${digestFile}`, localName, `docker://${image}`],
    ],
  }),
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

function isIndex({ platforms }: Pick<BuildPlan, "platforms">): boolean {
  return platforms.length > 1
}

function settingsOptions({ settings = {}, ownImages }: BuildPlan): string[] {
  return [
    ...ownImages.map(({ name, localName }) => `--build-context=${name}=container-image://${localName}`),
    ...(settings.contexts ?? []).map(({ name, value }) => `--build-context=${name}=${value}`),
    ...(settings.secrets ?? []).map(({ id, file }) => `--secret=id=${id},src=${file}`),
    ...(settings.shmSize === undefined ? [] : [`--shm-size=${settings.shmSize}`]),
    ...(settings.ulimits ?? []).map((limit) => `--ulimit=${limit}`),
  ]
}
