import { imageReference } from "../registry/image-reference.ts"
import { isUploadPath } from "../uploads/upload-location.ts"
import { azureReposHost, hasGitTransport, isGitUrl } from "./git-url.ts"
import { readFragment } from "./read-fragment.ts"
import { shownLocation } from "./shown-location.ts"
import type { GitLocation, SourceLocation } from "./source-location.ts"

/** `source`: `sourceLocation` or `contextPath` of a request. `build`: the context word of a build text, where folders are allowed. */
export type LocationPlace = "source" | "build"
export type LocationResult = { ok: true; location: SourceLocation } | { ok: false; problems: string[] }

const MAX_LENGTH = 4096
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//
const SCP = /^git@[A-Za-z0-9[][A-Za-z0-9.:[\]-]*:[^:]/
/** What `git check-ref-format` refuses, and what a refspec would take for more than a name. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a ref holds no control characters
const NO_REF = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|^[-+/.]|[/.]$|\/\/|\/\.|\.lock(?:\/|$)/
const KNOWN =
  "Use https:// or ssh:// for a repository (ending in .git), https:// for an archive, or oci:// for an artifact."
/** The text is not repeated: where it holds a secret cannot be told. */
const NO_URL =
  "The address of the source archive is no URL: write https://host/path.tar.gz. In a login, / @ : and # are written as %2F %40 %3A and %23."

/**
 * Reads where sources are (task-file 7.4, az-cli 6.4). Nothing is looked up: only the form counts. Problems are one line each, name
 * the fix and hold no secret. Schemes are read without case (RFC 3986, 3.1).
 */
export function readSourceLocation(text: string, place: LocationPlace): LocationResult {
  if (text === "" || text === "/dev/null") return found({ type: "none" })
  if (text.length > MAX_LENGTH) return refused(`A source location has at most ${MAX_LENGTH} characters.`)
  if (place === "source" && isUploadPath(text)) return found({ type: "upload", path: text })
  const scheme = SCHEME.exec(text)?.[1]
  const plain = scheme === undefined ? text : `${scheme.toLowerCase()}${text.slice(scheme.length)}`

  if (scheme?.toLowerCase() === "oci") return readArtifact(plain)
  if (isGitUrl(plain) || azureReposHost(plain) !== undefined) return readGit(plain)
  if (/^https?:\/\//.test(plain)) return readArchive(plain)
  if (scheme !== undefined) return refused(unknownScheme(scheme, text))
  if (place === "build") return found({ type: "folder", path: text })
  return refused(
    /^\s|\s$/.test(text)
      ? `The source location ${shownLocation(text)} begins or ends with white space; remove it.`
      : `The source location ${shownLocation(text)} is neither an upload of this registry nor a URL. ${KNOWN}`,
  )
}

function readGit(text: string): LocationResult {
  if (text.startsWith("git://")) {
    return refused(
      `The source location ${shownLocation(text)} uses git://, which neither encrypts nor proves what it brings; use https:// or ssh://.`,
    )
  }
  const full = hasGitTransport(text) ? text : `https://${text}`
  const hash = full.indexOf("#")
  const url = hash < 0 ? full : full.slice(0, hash)
  const isScp = full.startsWith("git@")
  const fragment = hash < 0 ? "" : full.slice(hash + 1)
  const location: GitLocation = { type: "git", url, ...readFragment(isScp ? fragment : decoded(fragment)) }
  if (!isRepositoryUrl(url, isScp)) {
    return refused(`${shownLocation(url)} is no address of a repository; write https://host/path.git or git@host:path.`)
  }
  if (NO_REF.test(location.ref)) {
    return refused(`${shownLocation(location.ref)} is no name of a branch, tag or commit; write …#branch:folder.`)
  }
  if (location.folder.includes("\0")) return refused("A folder's name holds no NUL.")
  return found(location)
}

function isRepositoryUrl(url: string, isScp: boolean): boolean {
  if (/[\s\\]/.test(url)) return false
  if (isScp) return SCP.test(url)
  // A host or user that begins with a dash is an option to ssh.
  return URL.canParse(url) && !/^[a-z]+:\/\/(?:[^/@]*@)?-/.test(url) && !/^[a-z]+:\/\/-/.test(url)
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}

function readArchive(url: string): LocationResult {
  if (!URL.canParse(url)) return refused(NO_URL)
  const { pathname } = new URL(url)
  if (/\.(?:zip|7z|rar)$/i.test(pathname)) {
    return refused(
      `The source archive ${shownLocation(url)} is no tar; offer it as .tar.gz (also .tar, .bz2, .xz, .zst).`,
    )
  }
  return found({ type: "archive", url })
}

function readArtifact(text: string): LocationResult {
  const image = imageReference(text.slice("oci://".length))
  if (image !== undefined) return found({ type: "artifact", image })
  return refused(`${shownLocation(text)} is no artifact; write oci://registry/repository:tag or …@sha256:<digest>.`)
}

function unknownScheme(scheme: string, text: string): string {
  const what =
    scheme.toLowerCase() === "file"
      ? "names a file of the machine that builds, which no run may read"
      : `uses ${scheme}://, which is not known here`
  return `The source location ${shownLocation(text)} ${what}. ${KNOWN}`
}

function found(location: SourceLocation): LocationResult {
  return { ok: true, location }
}

function refused(problem: string): LocationResult {
  return { ok: false, problems: [problem] }
}
