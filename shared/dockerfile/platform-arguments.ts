/**
 * The arguments that every engine defines by itself (`TARGETARCH` …) for one target platform. The builder's own platform
 * is taken to be the target's unless told: which one it is matters only to `FROM --platform=$BUILDPLATFORM`.
 */
export function platformArguments(platform: string, buildPlatform: string = platform): Map<string, string> {
  return new Map([...named("BUILD", buildPlatform), ...named("TARGET", platform)])
}

function named(prefix: string, platform: string): [string, string][] {
  const [os = "", architecture = "", variant = ""] = platform.split("/")
  return [
    [`${prefix}PLATFORM`, platform],
    [`${prefix}OS`, os],
    [`${prefix}ARCH`, architecture],
    [`${prefix}VARIANT`, variant],
  ]
}
