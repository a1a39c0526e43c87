import { z } from "zod"
import { type BuildPlan, bakeDefinition } from "./bake-definition.ts"
import type { Dialect } from "./dialect.ts"
import { isReservedArgument } from "./reserved-arguments.ts"
import type { Invocation } from "./run-process.ts"

const TARGET = "slipway"
const CACHE_TAG = "slipway-cache"
const Metadata = z.object({
  [TARGET]: z.object({
    "containerimage.digest": z.string().optional(),
    "containerimage.config.digest": z.string().optional(),
  }),
})

/**
 * docker pushes whatever a name means at that moment, and a name means one thing on the whole engine: so runs that push one name
 * take turns. The kernel lets go of the lock when its holder dies.
 */
function locked(lockFile: string, script: string, args: string[]): Invocation {
  return { command: "flock", args: ["--no-fork", lockFile, "/bin/sh", "-c", script, "sh", ...args] }
}

/** Docker Engine with BuildKit, driven by the docker CLI and, for builds, by buildx called directly. */
export const dockerDialect: Dialect = {
  name: "docker",
  needsNamespace: false,
  // By the default bridge, where its icc is off; the probe says it where it is on.
  isolatesBuilds: true,
  localName: (runId, number) => `slipway/run-${runId}:${number}`,
  // Where the definition lies and what it reads is ours to decide: newer buildx asks a person otherwise.
  environment: () => ({
    BUILDX_BAKE_ENTITLEMENTS_FS: "0",
    BUILDX_NO_DEFAULT_ATTESTATIONS: "1",
    DOCKER_CLI_HINTS: "false",
  }),

  cacheOf(repository, platform, cache) {
    if (cache === "none") return undefined
    const reference = `${repository}:${CACHE_TAG}-${platform.replaceAll("/", "-")}`
    return { from: [reference], to: cache === "inline" ? "inline" : reference }
  },

  build: ({ buildxCommand, command }, plan, { resultFile }) =>
    plan.isClassic
      ? classicBuild(command, plan, resultFile)
      : {
          command: buildxCommand ?? command,
          args: [
            ...(buildxCommand === undefined ? ["buildx"] : []),
            ...["bake", "--provenance=false", "--progress=plain", `--metadata-file=${resultFile}`, "--file=-", TARGET],
          ],
          input: bakeDefinition(plan, TARGET),
          // Newer buildx lets a definition read below its working folder only.
          folder: plan.contextFolder,
        },

  imageIdOf(resultFile) {
    const metadata = Metadata.parse(JSON.parse(resultFile))[TARGET]
    return metadata["containerimage.digest"] ?? metadata["containerimage.config.digest"]
  },

  inspectBases: undefined,
  digestsOf: () => [],

  containerOptions: ({ isolation }) => (isolation === undefined ? [] : [`--isolation=${isolation}`]),
  push: ({ command }, localName, image, { lockFile }) =>
    locked(lockFile, '"$1" tag "$2" "$3" && exec "$1" push "$3"', [command, localName, image]),
  untag: ({ command }, image, { lockFile }) => locked(lockFile, 'exec "$1" rmi "$2"', [command, image]),
  ping: ({ command }) => ({ command, args: ["version", "--format", "{{.Server.Version}}"], timeoutMs: 5000 }),

  cleanLine(line) {
    // The first build of a repository has no cache yet: nothing to be alarmed about.
    return line.replace("ERROR: failed to configure registry cache importer:", "WARNING: no layer cache to read:")
  },
}

/** The builder from before BuildKit: no cache in a registry, no mounts, digests are asked for afterwards. Arguments go by environment. */
function classicBuild(command: string, plan: BuildPlan, resultFile: string): Invocation {
  const byEnvironment = plan.buildArguments.filter(({ name }) => !isReservedArgument(name))
  return {
    command,
    args: [
      ...["build", "--rm", "--force-rm", `--platform=${plan.platforms.join(",")}`, `--file=${plan.dockerfilePath}`],
      ...[`--tag=${plan.localName}`, `--iidfile=${resultFile}`],
      ...(plan.ownImages.length === 0 ? ["--pull"] : []),
      ...(plan.noCache ? ["--no-cache"] : []),
      ...(plan.target === undefined ? [] : [`--target=${plan.target}`]),
      ...Object.entries(plan.labels).map(([name, value]) => `--label=${name}=${value}`),
      ...byEnvironment.map(({ name }) => `--build-arg=${name}`),
      ...(plan.settings?.network === undefined ? [] : [`--network=${plan.settings.network}`]),
      ...(plan.settings?.shmSize === undefined ? [] : [`--shm-size=${plan.settings.shmSize}`]),
      ...(plan.settings?.ulimits ?? []).map((limit) => `--ulimit=${limit}`),
      plan.contextFolder,
    ],
    env: { ...Object.fromEntries(byEnvironment.map(({ name, value }) => [name, value])), DOCKER_BUILDKIT: "0" },
  }
}
