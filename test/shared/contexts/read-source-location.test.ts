import { describe, expect, test } from "vitest"
import { readSourceLocation } from "../../../shared/contexts/read-source-location.ts"
import { type SourceLocation, sourceLocationText } from "../../../shared/contexts/source-location.ts"

const upload = "source/202511250000/0b7cf1d2-0c5f-4c0e-9d2a-0e5a36a8a111.tar.gz"
const git = (url: string, ref = "", folder = ""): SourceLocation => ({ type: "git", url, ref, folder })
const artifact = (registry: string, repository: string, rest: { tag?: string; digest?: string }): SourceLocation => ({
  type: "artifact",
  image: { registry, repository, ...rest },
})

const forms: [string, SourceLocation][] = [
  ["", { type: "none" }],
  ["/dev/null", { type: "none" }],
  [upload, { type: "upload", path: upload }],
  ["https://github.com/gituser/myapp-repo.git", git("https://github.com/gituser/myapp-repo.git")],
  ["https://github.com/gituser/myapp-repo.git#mybranch", git("https://github.com/gituser/myapp-repo.git", "mybranch")],
  [
    "https://github.com/gituser/myapp-repo.git#mybranch:myfolder",
    git("https://github.com/gituser/myapp-repo.git", "mybranch", "myfolder"),
  ],
  [
    "https://github.com/gituser/myapp-repo.git#git-commit-hash:myfolder",
    git("https://github.com/gituser/myapp-repo.git", "git-commit-hash", "myfolder"),
  ],
  [
    "https://dev.azure.com/user/myproject/_git/myapp-repo#mybranch:myfolder",
    git("https://dev.azure.com/user/myproject/_git/myapp-repo", "mybranch", "myfolder"),
  ],
  ["https://org.visualstudio.com/project/_git/repo", git("https://org.visualstudio.com/project/_git/repo")],
  ["https://gitlab.com/group/sub/app.git#v1", git("https://gitlab.com/group/sub/app.git", "v1")],
  [
    "https://bitbucket.org/team/app.git#feature%2Fa%20:b",
    { type: "git", url: "https://bitbucket.org/team/app.git", ref: "feature/a ", folder: "b" },
  ],
  ["ssh://git@host:2222/team/app.git#main:src", git("ssh://git@host:2222/team/app.git", "main", "src")],
  ["git@github.com:user/repo.git#:docs", git("git@github.com:user/repo.git", "", "docs")],
  ["github.com/user/repo#main", git("https://github.com/user/repo", "main")],
  ["HTTPS://github.com/user/repo.git", git("https://github.com/user/repo.git")],
  ["http://remoteserver/myapp.tar.gz", { type: "archive", url: "http://remoteserver/myapp.tar.gz" }],
  [
    "https://a.blob.core.windows.net/c/x.tar.gz?sv=1&sig=abc",
    { type: "archive", url: "https://a.blob.core.windows.net/c/x.tar.gz?sv=1&sig=abc" },
  ],
  ["oci://myregistry.azurecr.io/myartifact:mytag", artifact("myregistry.azurecr.io", "myartifact", { tag: "mytag" })],
  ["OCI://127.0.0.1:5000/a/b", artifact("127.0.0.1:5000", "a/b", { tag: "latest" })],
  [
    `oci://r.io/a@sha256:${"a".repeat(64)}`,
    { type: "artifact", image: { registry: "r.io", repository: "a", digest: `sha256:${"a".repeat(64)}` } },
  ],
]

describe("readSourceLocation", () => {
  test.each(forms.filter(([, location]) => location.type !== "git" || !location.ref.includes(" ")))(
    "%s is read",
    (text, location) => {
      expect(readSourceLocation(text, "source")).toEqual({ ok: true, location })
    },
  )

  test.each(forms)("%s is written so that it reads as the same", (_, location) => {
    const text = sourceLocationText(location)

    const again = readSourceLocation(text, "source")

    if (location.type === "git" && location.ref.includes(" ")) expect(again.ok).toBe(false)
    else expect(again).toEqual({ ok: true, location })
  })

  test("what is a folder in a build text is a mistake in a request, and an upload the other way round", () => {
    expect(readSourceLocation("src/app", "build")).toEqual({ ok: true, location: { type: "folder", path: "src/app" } })
    expect(readSourceLocation(upload, "build")).toEqual({ ok: true, location: { type: "folder", path: upload } })
    expect(readSourceLocation("src/app", "source").ok).toBe(false)
  })

  test.each([
    ["git://github.com/u/r.git", /https:\/\/ or ssh:\/\//],
    ["file:///etc/passwd", /file of the machine/],
    ["FILE:///tmp/r.git", /file of the machine/],
    ["s3://bucket/x", /s3:\/\/, which is not known/],
    ["https://h/app.zip", /offer it as \.tar\.gz/],
    ["https://h/app.ZIP?x=1", /offer it as \.tar\.gz/],
    ["oci://Bad_Name/x y", /oci:\/\/registry\/repository:tag/],
    ["some/folder", /neither an upload/],
    [" https://github.com/u/r.git", /white space/],
    ["https://h/r.git#--upload-pack=x", /no name of a branch/],
    ["https://h/r.git#+main", /no name of a branch/],
    ["https://h/r.git#refs/heads/*", /no name of a branch/],
    ["https://h/r.git#a..b", /no name of a branch/],
    ["https://h/r.git#a%0ab", /no name of a branch/],
    ["git@github.com", /no address of a repository/],
    ["git@-oProxyCommand=x:y", /no address of a repository/],
    ["ssh://-oProxyCommand=x/y", /no address of a repository/],
    ["ssh://-x@host/y", /no address of a repository/],
  ])("%s is refused with the fix", (text, problem) => {
    expect(readSourceLocation(text, "source")).toEqual({ ok: false, problems: [expect.stringMatching(problem)] })
  })

  test.each([
    "git://user:hunter2@h/r.git",
    "https://user:hunter2@h/app.zip?sig=hunter2",
    "oci://user:hunter2@r.io/x",
    "ftp://hunter2@h/x",
  ])("a problem with %s shows no secret", (text) => {
    const result = readSourceLocation(text, "source")

    expect(result.ok).toBe(false)
    expect(JSON.stringify(result)).not.toContain("hunter2")
  })
})
