import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { promisify } from "node:util"
import type { EngineChoice } from "../../../builder/engine/engine.ts"
import { importImage } from "./import-image.ts"

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
docker start --attach "$container" || { echo "ERROR: failed to build: executing lifecycle: failed with status code: $?" >&2; exit 1; }
docker commit --change 'ENTRYPOINT ["/cnb/process/web"]' --change 'CMD []' "$container" "$image" >/dev/null
docker rm "$container" >/dev/null
echo "Successfully built image '$image'"
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

/** What a lifecycle does with the one buildpack that this builder has: detect, build, and say how the image is started. */
const CREATOR = `#!/bin/sh
set -eu
cd /workspace
[ -S /var/run/docker.sock ] || { echo "ERROR: no engine to export to." >&2; exit 62; }
[ -f app.txt ] || { echo "ERROR: No buildpack groups passed detection." >&2; exit 20; }
echo "building for $REGISTRY_NAME"
mkdir -p /cnb/process
cp app.txt /cnb/process/app.txt
printf '#!/bin/sh\\ncat /cnb/process/app.txt\\n' >/cnb/process/web
chmod +x /cnb/process/web
`

/** Makes a builder that the stand-in can use; returns the images that a registry must have for builds with it. */
export async function createBuilder(choice: EngineChoice, builder: string): Promise<string[]> {
  const creator = { path: "cnb/lifecycle/creator", content: CREATOR, mode: 0o755 }
  const workspace = { path: "workspace/", type: "Directory" as const, mode: 0o755 }
  await importImage(choice, builder, [creator, workspace], ["ENV PATH=/bin"])
  return [builder]
}
