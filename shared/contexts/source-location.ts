import type { ImageReference } from "../registry/image-reference.ts"
import { imageName } from "../registry/image-reference.ts"
import { azureReposHost, isGitUrl } from "./git-url.ts"

/** Where the sources of a run or of a build step are. `folder` of a repository is `""` for its root, `ref` for its default branch. */
export type SourceLocation =
  | { type: "none" }
  /** A path that was given out for an upload (`arm-contract` 3). */
  | { type: "upload"; path: string }
  | GitLocation
  | ArchiveLocation
  | { type: "artifact"; image: ImageReference }
  /** Relative to the workspace. Inside build texts only. */
  | { type: "folder"; path: string }

/** `url` is as the user wrote it, or `https://` was put in front; a form that git itself takes. */
export type GitLocation = { type: "git"; url: string; ref: string; folder: string }
export type ArchiveLocation = { type: "archive"; url: string }

/** The location as one text that {@link import("./read-source-location.ts").readSourceLocation} reads back as the same. */
export function sourceLocationText(location: SourceLocation): string {
  switch (location.type) {
    case "none":
      return "/dev/null"
    case "artifact":
      return `oci://${imageName(location.image)}`
    case "archive":
      return location.url
    case "git":
      return `${writtenUrl(location.url)}${fragmentText(location)}`
    default:
      return location.path
  }
}

/** `github.com/user/repo` counts as a repository only while it stands without a scheme. */
function writtenUrl(url: string): string {
  const isRead = isGitUrl(url) || azureReposHost(url) !== undefined
  return isRead ? url : url.replace(/^https:\/\//, "")
}

function fragmentText({ url, ref, folder }: GitLocation): string {
  if (ref === "" && folder === "") return ""
  // What is behind `#` of a URL is percent-decoded when it is read; the scp form is no URL.
  const isUrl = url.includes("://")
  const write = (text: string) => (isUrl ? text.replace(/[%\s]/g, encodeURIComponent) : text)
  return `#${write(ref)}${folder === "" ? "" : `:${write(folder)}`}`
}
