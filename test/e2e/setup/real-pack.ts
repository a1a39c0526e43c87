import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { promisify } from "node:util"
import type { EngineChoice } from "../../../builder/engine/engine.ts"
import { repositoryRoot } from "../../../local/repository-root.ts"
import { importImage } from "./import-image.ts"

/** Where `scripts/real-pack.mjs` puts them. */
const FOLDER = path.resolve(repositoryRoot(), process.env.SLIPWAY_DATA || ".slipway", "real-pack")
const USER = ["ENV CNB_USER_ID=1000", "ENV CNB_GROUP_ID=1000", "ENV PATH=/bin", "USER 1000:1000"]

/**
 * A buildpack of two scripts, for sources with an app.txt (buildpack API 0.10). The text is started from a layer: a step's workspace lies
 * over the folder that the sources have in the image.
 */
const BUILDPACK = {
  "buildpack.toml": `api = "0.10"
[buildpack]
id = "slipway/text"
version = "1.0.0"
[[targets]]
os = "linux"
arch = "amd64"
[[targets]]
os = "linux"
arch = "arm64"
`,
  "bin/detect": "#!/bin/sh\n[ -f app.txt ] || exit 100\n",
  "bin/build": `#!/bin/sh
set -eu
echo "building for $REGISTRY_NAME"
mkdir "$CNB_LAYERS_DIR/text"
cp app.txt "$CNB_LAYERS_DIR/text/app.txt"
printf '[types]\\nlaunch = true\\n' >"$CNB_LAYERS_DIR/text.toml"
cat >"$CNB_LAYERS_DIR/launch.toml" <<END
[[processes]]
type = "web"
command = ["cat", "$CNB_LAYERS_DIR/text/app.txt"]
default = true
END
`,
}

/** Puts an image of the real pack into an engine. `settings`: of pack itself, as its config.toml. */
export async function importRealPack(choice: EngineChoice, image: string, settings: string): Promise<void> {
  const file = path.join(FOLDER, "pack")
  if (!existsSync(file)) throw new Error("node scripts/real-pack.mjs builds pack and its lifecycle")
  const entries = [
    { path: "usr/local/bin/pack", content: await readFile(file), mode: 0o755 },
    { path: "etc/pack/config.toml", content: settings },
  ]
  const changes = ['ENTRYPOINT ["/usr/local/bin/pack"]', "ENV PATH=/bin", "ENV PACK_HOME=/etc/pack"]
  await importImage(choice, image, entries, changes)
}

/**
 * Makes a builder in an engine, with `pack builder create` and the real lifecycle; returns the images that a registry must have for
 * builds with it. `home`: a folder for what pack and this function write.
 */
export async function createRealBuilder(choice: EngineChoice, builder: string, home: string): Promise<string[]> {
  const [build, run] = [`${builder}-build`, `${builder}-run`]
  // pack starts phases as "root"; the lifecycle looks the builder's user up.
  const users = [{ path: "etc/passwd", content: "root:x:0:0:root:/:/bin/sh\ncnb:x:1000:1000:cnb:/tmp:/bin/sh\n" }]
  await Promise.all([importImage(choice, build, users, USER), importImage(choice, run, users, USER)])
  for (const [file, text] of Object.entries(BUILDPACK)) {
    const where = path.join(home, "buildpack", file)
    await mkdir(path.dirname(where), { recursive: true })
    await writeFile(where, text, { mode: 0o755 })
  }
  const config = path.join(home, "builder.toml")
  await writeFile(config, builderToml(build, run))

  const env = { PATH: process.env.PATH, HOME: home, ...choice.env }
  const args = ["builder", "create", builder, "--config", config, "--pull-policy", "never"]
  await promisify(execFile)(path.join(FOLDER, "pack"), args, { env })
  return [builder, run]
}

function builderToml(build: string, run: string): string {
  return `[[buildpacks]]
uri = "buildpack"
[[order]]
[[order.group]]
id = "slipway/text"
version = "1.0.0"
[build]
image = "${build}"
[[run.images]]
image = "${run}"
[lifecycle]
uri = "file://${FOLDER}/lifecycle.tgz"
`
}
