import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { promisify } from "node:util"
import type { EngineChoice } from "../../../builder/engine/engine.ts"
import { type Entry, tar } from "./contexts.ts"

const run = promisify(execFile)

/**
 * Stands in for the program `pack`: it takes the same words and does its work the same way, with docker's client through the socket that
 * a step is given. It copies the sources into a container of the builder, which it gives the engine's usual socket, runs the builder's
 * lifecycle there and keeps what that made.
 */
const PACK = `#!/bin/sh
set -eu
[ "$1" = build ] || { echo "pack: unknown command $1" >&2; exit 1; }
image=$2; shift 2
builder=; path=.; pull=yes; env=
while [ $# -gt 0 ]; do
  case $1 in
    --builder) builder=$2; shift 2 ;;
    --env) env="$env --env $2"; shift 2 ;;
    -p) path=$2; shift 2 ;;
    --no-pull) pull=no; shift ;;
    *) echo "pack: unknown option $1" >&2; exit 1 ;;
  esac
done
[ $pull = no ] || docker pull "$builder"
container=$(docker create --network=none --volume /var/run/docker.sock:/var/run/docker.sock $env "$builder" /cnb/lifecycle/creator "$image")
docker cp "$path/." "$container:/workspace"
docker start --attach "$container"
docker commit --change 'ENTRYPOINT ["/cnb/process/web"]' --change 'CMD []' "$container" "$image" >/dev/null
docker rm "$container" >/dev/null
echo "Successfully built image $image"
`

/** Puts an image with the stand-in for pack into an engine, under a name that is fetched from nowhere. */
export async function importPack(choice: EngineChoice, image: string): Promise<void> {
  const { stdout } = await run("ldd", [choice.command]).catch(() => ({ stdout: "" }))
  const libraries = [...new Set([...stdout.matchAll(/(\/\S+)/g)].map(([path]) => path))]
  const files = await Promise.all(
    [choice.command, ...libraries].map(async (file) => ({ file, content: await readFile(file), mode: 0o755 })),
  )
  const entries = files.map(({ file, ...rest }) => {
    return { path: file === choice.command ? "usr/local/bin/docker" : file.slice(1), ...rest }
  })
  const pack = { path: "usr/local/bin/pack", content: PACK, mode: 0o755 }
  const changes = ['ENTRYPOINT ["/usr/local/bin/pack"]', "ENV PATH=/usr/local/bin:/bin"]
  await importImage(choice, image, [...entries, pack], changes)
}

/** Makes an image of a shell and these files, in the engine alone. */
export async function importImage(
  choice: EngineChoice,
  image: string,
  entries: Entry[],
  changes: string[],
): Promise<void> {
  const shell = { path: "bin/busybox", content: await readFile("/bin/busybox"), mode: 0o755 }
  const applets = ["sh", "cat", "chmod", "cp", "mkdir"].map((name): Entry => {
    return { path: `bin/${name}`, type: "Link", linkpath: "bin/busybox", mode: 0o755 }
  })
  const archive = tar([shell, ...applets, { path: "tmp/", type: "Directory", mode: 0o1777 }, ...entries])
  const args = ["import", ...changes.flatMap((change) => ["--change", change]), "-", image]
  const importing = run(choice.command, args, { env: { PATH: process.env.PATH, HOME: "/tmp", ...choice.env } })
  importing.child.stdin?.end(archive)
  await importing
}
