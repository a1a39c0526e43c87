import { z } from "zod"
import { dockerfilePath } from "../../shared/contexts/dockerfile-path.ts"
import { azureReposHost, hasGitTransport, isGitUrl } from "../../shared/contexts/git-url.ts"
import { readFragment } from "../../shared/contexts/read-fragment.ts"
import { readSourceLocation } from "../../shared/contexts/read-source-location.ts"
import { takeSecrets } from "../../shared/contexts/take-secrets.ts"
import { DOCKER_HUB, imageName, imageReference } from "../../shared/registry/image-reference.ts"

const Kind = z.enum(["context", "image-ref", "fragment", "git-transport", "dockerfile-path"])
/** One case of contexts.json. */
export const ContextCase = z.object({
  id: z.string(),
  kind: Kind,
  input: z.array(z.string()),
  expect: z.record(z.string(), z.unknown()),
})
export type ContextCase = z.infer<typeof ContextCase>
export type ContextOutcome = Record<string, unknown>

type Rule = {
  rule: string
  reason: string
  kind: ContextCase["kind"]
  /** True for every input that the rule speaks of, not only for those of the file. */
  applies(input: string): boolean
  expected(input: string, acr: ContextOutcome): ContextOutcome
}

const PROBLEM = { kind: "problem" }
const noFlags = { is_azure_devops: false, is_git_url: false, is_vsts: false }

/** Where we deliberately differ from ACR, by what the input looks like. Every other case must give what ACR gives. */
export const contextRules: Rule[] = [
  {
    rule: "no-git-protocol",
    reason: "git:// neither encrypts nor proves what it brings (triggers, Security: https and ssh only)",
    kind: "context",
    applies: (input) => /^git:\/\//i.test(input),
    expected: () => PROBLEM,
  },
  {
    rule: "schemes-without-case",
    reason: "a scheme is read without case (RFC 3986, 3.1), as ACR itself reads oci://",
    kind: "context",
    applies: (input) => /^https?:/i.test(input) && !/^https?:/.test(input),
    expected: (input) => readContext(input.replace(/^https?/i, (scheme) => scheme.toLowerCase())),
  },
  {
    rule: "ssh-is-git",
    reason: "ssh:// is git's own form of git@host:path, not a folder of that name",
    kind: "context",
    applies: (input) => /^ssh:\/\//i.test(input),
    expected: (input) => {
      const [remote = "", fragment = ""] = input.split(/#(.*)/s)
      const { ref, folder } = readFragment(fragment)
      return { ...noFlags, is_git_url: true, kind: "git", remote, ref, subdir: folder }
    },
  },
  {
    rule: "ssh-is-git",
    reason: "ssh:// says itself how the repository is reached",
    kind: "git-transport",
    applies: (input) => /^ssh:\/\//i.test(input),
    expected: () => ({ is_git_transport: true }),
  },
  {
    rule: "scp-form-is-complete",
    reason: "git@ alone, without host and path, is a mistake that is named and not a fetch that fails",
    kind: "context",
    applies: (input) => /^git@/.test(input) && !/^git@[^\s:#-][^\s:#]*:[^\s:#]/.test(input),
    expected: () => PROBLEM,
  },
  {
    rule: "refs-are-names",
    reason:
      "what git check-ref-format refuses, or a refspec would read as more than a name, is named before it is fetched",
    kind: "context",
    applies: (input) => /^(?:https?:\/\/|git@|github\.com\/)[^#]*#[^:]*(?:[\s~^?*[\\]|\.\.|@\{|(?<=#)[-+])/.test(input),
    expected: () => PROBLEM,
  },
  {
    rule: "unknown-schemes-are-named",
    reason: "file:// and other schemes are a mistake that is named, not a folder of that name which is then missing",
    kind: "context",
    applies: (input) => /^[a-z][a-z0-9+.-]*:\/\//i.test(input) && !/^(?:https?|git|ssh|oci):/i.test(input),
    expected: () => PROBLEM,
  },
  {
    rule: "null-is-no-context",
    reason: "/dev/null, and nothing at all, mean that there is no context (az-cli 6.4)",
    kind: "context",
    applies: (input) => input === "/dev/null" || input === "",
    expected: () => ({ ...noFlags, kind: "none" }),
  },
  {
    rule: "zip-is-named",
    reason: "ACR unpacks a zip to an empty context without a word; a URL that announces one is refused with the fix",
    kind: "context",
    applies: (input) => /^https?:\/\/[^?#]*\.(?:zip|7z|rar)(?:[?#]|$)/i.test(input),
    expected: () => PROBLEM,
  },
  {
    rule: "localhost-is-a-host",
    reason:
      "a first part with a port, or localhost, is the registry (distribution/reference), not a name at Docker Hub",
    kind: "image-ref",
    applies: (input) => /^(?:localhost|[^/.]+:\d+|[^/.:@]*[A-Z][^/.:@]*)\//.test(input),
    expected: (input, acr) => {
      const [registry = "", rest = ""] = input.split(/\/(.*)/s)
      const [name = "", digest = ""] = rest.split("@")
      const [repository = "", tag = digest === "" ? "latest" : ""] = name.split(":")
      return { ...acr, registry, repository, tag }
    },
  },
  {
    rule: "a-port-is-no-tag",
    reason: "a registry with a port and no tag means `latest` like any other name",
    kind: "image-ref",
    applies: (input) => /^[^/]*\.[^/]*:\d+\/[^:@]+$/.test(input),
    expected: (_, acr) => ({ ...acr, tag: "latest" }),
  },
]

/** How names are read before comparing; applies to all cases. */
export const contextNameRules = {
  "hub-name":
    "Docker Hub is `docker.io`, not `registry.hub.docker.com`: one image has one name, however it was written",
  "artifact-in-full": "an artifact without a tag is `latest`, and says so",
  "one-problem": "a refused name is a problem in our own words",
} as const

/** What our code says to one case, what is expected of it, and the rule when that is not what ACR says. */
export function runContextCase({ kind, input, expect }: ContextCase): {
  actual: ContextOutcome
  expected: ContextOutcome
  acr: ContextOutcome
  rule: string | undefined
} {
  const [first = "", second = "", third = ""] = input
  const acr = acrOutcome(kind, expect)
  const rule = contextRules.find((one) => one.kind === kind && one.applies(first))
  return { actual: ours(), expected: rule?.expected(first, acr) ?? acr, acr, rule: rule?.rule }

  function ours(): ContextOutcome {
    if (kind === "context") return readContext(first)
    if (kind === "image-ref") return readImage(first)
    if (kind === "git-transport") return { is_git_transport: hasGitTransport(first) }
    if (kind === "dockerfile-path") {
      const context = readSourceLocation(first, "build")
      const isLocal = context.ok && context.location.type === "folder"
      return { path: dockerfilePath(isLocal, second, third) }
    }
    const { ref, folder } = readFragment(first)
    return { ref, subdir: folder }
  }
}

function readContext(text: string): ContextOutcome {
  const result = readSourceLocation(text, "build")
  if (!result.ok) return PROBLEM
  const { location, secrets } = takeSecrets(result.location)
  const plain = text.replace(/^https?:/i, (scheme) => scheme.toLowerCase())
  const azure = azureReposHost(plain)
  const flags = {
    is_azure_devops: azure === "dev.azure.com",
    is_git_url: isGitUrl(plain),
    is_vsts: azure === "visualstudio.com",
  }
  switch (location.type) {
    case "git": {
      // ACR hands the secret to git in the URL; we keep both apart, and put them together here to compare.
      const login = secrets.login === undefined ? "" : `${secrets.login.userName}:${secrets.login.password}@`
      const remote = location.url.replace("://", `://${login}`)
      return { ...flags, kind: "git", remote, ref: location.ref, subdir: location.folder }
    }
    case "archive":
      return { ...flags, kind: "http-archive" }
    case "artifact":
      return { ...flags, kind: "oci", artifact: imageName(location.image) }
    case "folder":
      return { ...flags, kind: "local" }
    default:
      return { ...flags, kind: location.type }
  }
}

function readImage(text: string): ContextOutcome {
  const image = imageReference(text)
  if (image === undefined) return PROBLEM
  return { registry: image.registry, repository: image.repository, tag: image.tag ?? "", digest: image.digest ?? "" }
}

const HUB_NAMES = new Set([DOCKER_HUB, "registry.hub.docker.com", "index.docker.io", "registry-1.docker.io"])
const Reference = z.object({
  registry: z.string(),
  repository: z.string(),
  tag: z.string().default(""),
  digest: z.string(),
})

function acrOutcome(kind: ContextCase["kind"], expect: Record<string, unknown>): ContextOutcome {
  if ("error" in expect) return PROBLEM
  if (kind === "image-ref") {
    const image = Reference.parse(expect.reference)
    if (!HUB_NAMES.has(image.registry)) return image
    const repository = image.repository.includes("/") ? image.repository : `library/${image.repository}`
    return { ...image, registry: DOCKER_HUB, repository }
  }
  if (typeof expect.artifact !== "string") return expect
  const image = imageReference(expect.artifact)
  return { ...expect, artifact: image === undefined ? expect.artifact : imageName(image) }
}
