const HTTP_URL = /^https?:\/\//
const GIT_SUFFIX = /\.git(?:#.+)?$/

/** True when the text itself says how a repository is reached; otherwise `https://` is meant (task-file 7.4, `github.com/…`). */
export function hasGitTransport(text: string): boolean {
  return HTTP_URL.test(text) || /^(?:git|ssh):\/\//.test(text) || text.startsWith("git@")
}

/** True for what is a repository by its form alone: `….git`, `….git#ref:folder`, `git@…`, `ssh://…`, `github.com/…` (task-file 7.4). */
export function isGitUrl(text: string): boolean {
  return HTTP_URL.test(text) ? GIT_SUFFIX.test(text) : hasGitTransport(text) || text.startsWith("github.com/")
}

/**
 * Under which of its two names an Azure Repos URL names a repository (`…/_git/…`, https, no query); undefined for everything else.
 */
export function azureReposHost(text: string): "dev.azure.com" | "visualstudio.com" | undefined {
  // URL itself would overlook white space in front.
  const url = text.startsWith("https://") && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !url.pathname.toLowerCase().includes("/_git/") || url.search !== "") return undefined
  if (url.hostname.includes("dev.azure.com")) return "dev.azure.com"
  return url.hostname.endsWith(".visualstudio.com") ? "visualstudio.com" : undefined
}
