import { EngineError, type EngineErrorCode } from "./engine-error.ts"

export type PrintedLine = { line: string; stream: "stdout" | "stderr" }

type Rule = [EngineErrorCode, RegExp]

/** The step itself failed: what its command text says must not be read as the engine's own words. */
const FAILED_STEP =
  /^(?:process ".*" did not complete successfully: |building at STEP ".*": while running runtime: exit status )/

/**
 * At the start of the cause, behind nothing but what the engine was doing: further on stand file names, instructions and images,
 * which are the user's words. What this misses, a ping finds.
 */
const ENGINE_GONE =
  /^(?:(?:failed to|unable to|listing|error|rpc error)\b[a-z ]*: )*(?:cannot connect to the docker daemon|error during connect|(?:rpc error: )?code = Unavailable|rpc error: code = \w+ desc = (?:error reading from server|transport is closing|connection error: desc)|Unavailable: |error reading from server|transport is closing|failed to dial|connection error: desc|unable to upgrade to h2c|no active session|unshare: )/i
const DOCKERFILE =
  /dockerfile parse error|failed to parse (?:stage name|platform)|base name .*should not be blank|target stage .* could not be found|the target ".*" was not found|invalid stage index|circular dependency detected|cannot copy from stage|unterminated heredoc|dockerfile cannot be empty|file with no instructions|no build stage in current context|failed to read dockerfile|unknown instruction|FROM requires either|no stages to build|no contents in|repository name must be lowercase|invalid reference format|failed to process "|failed to create LLB definition|requires at least one argument|doesn't support variable expansion/i
const REFUSED_LOGIN =
  /unauthorized|authentication required|\b401\b|no basic auth credentials|(?:incorrect|invalid) username.{0,4}password|failed to authorize/i
/**
 * BuildKit builds once what two builds have in common, be it a base of the same content in two registries, and may ask for its
 * layers where only the other build has a login. This build has read its own base's manifest by then: the next try has the layers.
 */
const BORROWED_LAYER = /failed to copy: httpReadSeeker: failed open: failed to authorize: .*\b401\b/i
/**
 * All of it was built, but docker's image store has lost a part before the image had its name: it was removed with the last image of
 * another run that had the same one. The next try has it in the cache or makes it again.
 */
const LOST_PART = /^not found$/
/** The words of Go's `net` and `net/http` for a server that was not reached or let go of the call, and statuses that pass. */
const UNREACHABLE =
  /connection refused|connection reset|broken pipe|server closed idle connection|client connection lost|sent GOAWAY|no such host|server misbehaving|network is unreachable|no route to host|i\/o timeout|timed out|TLS handshake|x509:|deadline exceeded|request canceled|\b50[0234]\b|Service Unavailable|Bad Gateway|Gateway Time-?out|toomanyrequests|Too Many Requests|unexpected EOF|: EOF\.?$/i
/** The server that gives tokens was not reached, or had trouble itself: that says nothing about the login. */
const UNREACHED_REALM = new RegExp(
  `failed to authorize: (?!.*(?:\\b40[13]\\b|unauthorized|denied)).*(?:${UNREACHABLE.source})`,
  "i",
)
const TALKS_TO_REGISTRY =
  /failed to resolve source metadata|failed to do request|pinging container registry|initializing source|failed to copy|failed to fetch|\b(?:Get|Head|Put|Post|Patch) "https?:/i
const NO_SUCH_BASE =
  /failed to resolve source metadata.*(?:not found|no match for platform|access denied|insufficient_scope)|manifest unknown|name unknown|pull access denied|repository does not exist|did not resolve to an alias|no image found in/i

const BUILD_RULES: Rule[] = [
  ["EngineUnavailable", ENGINE_GONE],
  ["BaseImageNotFound", NO_SUCH_BASE],
  ["DockerfileInvalid", DOCKERFILE],
]
const PUSH_RULES: Rule[] = [
  ["EngineUnavailable", ENGINE_GONE],
  ["RegistryUnavailable", UNREACHED_REALM],
  ["LoginRefused", REFUSED_LOGIN],
  ["RegistryUnavailable", UNREACHABLE],
]

/** Reads the cause of a failed build out of what docker or podman printed; `isCertain` is false when nothing was recognised. */
export function classifyBuildFailure(lines: readonly PrintedLine[]): { error: EngineError; isCertain: boolean } {
  const cause = causeOf(lines)
  if (cause === undefined) return uncertain("BuildFailed", "the build failed and the engine did not say why")
  if (FAILED_STEP.test(cause)) return { error: new EngineError("BuildFailed", cause), isCertain: true }
  if (LOST_PART.test(cause)) {
    const message = `the engine has lost a part of the image that it built: ${cause}`
    return { error: new EngineError("ImagePartLost", message), isCertain: true }
  }
  if (BORROWED_LAYER.test(cause)) return { error: new EngineError("RegistryUnavailable", cause), isCertain: true }
  const code = BUILD_RULES.find(([, pattern]) => pattern.test(cause))?.[0] ?? registryFailure(cause)
  if (code === undefined) return uncertain("BuildFailed", cause)
  return { error: new EngineError(code, code === "EngineUnavailable" ? goneText(cause) : cause), isCertain: true }
}

/** The same for a failed push: what the registry answered, in its own words. */
export function classifyPushFailure(
  image: string,
  lines: readonly PrintedLine[],
): { error: EngineError; isCertain: boolean } {
  const cause = causeOf(lines)
  if (cause === undefined)
    return uncertain("PushRefused", `${image} could not be pushed and the engine did not say why`)
  const code = PUSH_RULES.find(([, pattern]) => pattern.test(cause))?.[0]
  const message = `failed to push ${image}: ${code === "EngineUnavailable" ? goneText(cause) : cause}`
  return code === undefined
    ? uncertain("PushRefused", message)
    : { error: new EngineError(code, message), isCertain: true }
}

/** `error reading from server: EOF` alone tells nobody what happened. */
function goneText(cause: string): string {
  return /docker daemon/i.test(cause) ? cause : `the container engine is gone: ${cause}`
}

function registryFailure(cause: string): EngineErrorCode | undefined {
  if (UNREACHED_REALM.test(cause)) return "RegistryUnavailable"
  if (!TALKS_TO_REGISTRY.test(cause)) return REFUSED_LOGIN.test(cause) ? "LoginRefused" : undefined
  if (REFUSED_LOGIN.test(cause)) return "LoginRefused"
  return UNREACHABLE.test(cause) ? "RegistryUnavailable" : undefined
}

function uncertain(code: EngineErrorCode, message: string): { error: EngineError; isCertain: boolean } {
  return { error: new EngineError(code, message), isCertain: false }
}

/**
 * The engine's last word: the last line that begins with `ERROR:` (buildx) or `Error:` (podman), else docker's plain last
 * line. What a RUN prints comes earlier, or behind buildx's `#5 0.123 `.
 */
function causeOf(lines: readonly PrintedLine[]): string | undefined {
  const words = lines
    .filter(({ stream, line }) => stream === "stderr" && line.trim() !== "")
    .map(({ line }) => line.trim())
  const last = words.findLast((line) => /^error:/i.test(line)) ?? words.at(-1)
  return last
    ?.replace(/^error:\s*/i, "")
    .replace(/^target [\w-]+: /, "")
    .replace(/^failed to solve: /, "")
}
