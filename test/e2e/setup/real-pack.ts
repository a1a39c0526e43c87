import { execFile } from "node:child_process"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { promisify } from "node:util"
import type { EngineChoice } from "../../../builder/engine/engine.ts"
import { repositoryRoot } from "../../../local/repository-root.ts"
import { tarball } from "./contexts.ts"
import { importImage } from "./import-pack.ts"

const run = promisify(execFile)
const PHASES = ["analyzer", "builder", "creator", "detector", "exporter", "extender", "rebaser", "restorer"]
const LIFECYCLE = `[lifecycle]
version = "0.20.11"
[apis.buildpack]
deprecated = []
supported = ["0.10", "0.11"]
[apis.platform]
deprecated = []
supported = ["0.12", "0.13", "0.14"]
`
const STACK = [
  "LABEL io.buildpacks.stack.id=tests.stack",
  "ENV CNB_USER_ID=1000",
  "ENV CNB_GROUP_ID=1000",
  "ENV PATH=/bin",
]
const DETECT = `#!/bin/sh
[ -f app.txt ] || exit 100
`
const BUILD = `#!/bin/sh
set -eu
echo "===> BUILDING for $REGISTRY_NAME"
mkdir "$CNB_LAYERS_DIR/app"
cp app.txt "$CNB_LAYERS_DIR/app/app.txt"
printf '[types]\\nlaunch = true\\n' >"$CNB_LAYERS_DIR/app.toml"
process='[[processes]]\\ntype = "web"\\ncommand = ["/bin/cat", "%s/app/app.txt"]\\ndefault = true\\n'
printf "$process" "$CNB_LAYERS_DIR" >"$CNB_LAYERS_DIR/launch.toml"
`
const BUILDPACK = `api = "0.10"
[buildpack]
id = "tests/text"
version = "0.0.1"
[[targets]]
os = "linux"
`

/**
 * The real program `pack` as the image that az names, and a builder for it with the real lifecycle and one buildpack of a few lines: what
 * scripts/real-pack.mjs has built. The builder's name is trusted, so that its own lifecycle works and none is fetched.
 */
export async function importRealPack(
  choice: EngineChoice,
  { image, builder, runImage, folder }: { image: string; builder: string; runImage: string; folder: string },
): Promise<void> {
  const programs = path.join(repositoryRoot(), ".slipway", "real-pack")
  const program = async (name: string) => ({ content: await readFile(path.join(programs, name)), mode: 0o755 })
  const config = `[[trusted-builders]]\nname = "${builder}"\n`
  await importImage(
    choice,
    image,
    [
      { path: "usr/local/bin/pack", ...(await program("pack")) },
      { path: "pack/config.toml", content: config, mode: 0o644 },
    ],
    ['ENTRYPOINT ["/usr/local/bin/pack"]', "ENV PATH=/usr/local/bin:/bin", "ENV PACK_HOME=/pack"],
  )
  const files = [
    { path: "workspace/", type: "Directory" as const, mode: 0o777 },
    { path: "etc/passwd", content: "root:x:0:0::/:/bin/sh\ncnb:x:1000:1000::/:/bin/sh\n", mode: 0o644 },
    { path: "etc/group", content: "root:x:0:\ncnb:x:1000:\n", mode: 0o644 },
  ]
  await importImage(choice, "localhost/tests/build:1", files, [...STACK, "USER 1000:1000"])
  await importImage(choice, runImage, files, [...STACK, "USER 1000:1000"])

  const lifecycle = await tarball([
    { path: "lifecycle.toml", content: LIFECYCLE, mode: 0o644 },
    { path: "lifecycle/lifecycle", ...(await program("lifecycle")) },
    { path: "lifecycle/launcher", ...(await program("launcher")) },
    ...PHASES.map((name) => ({
      path: `lifecycle/${name}`,
      type: "SymbolicLink" as const,
      linkpath: "lifecycle",
      mode: 0o777,
    })),
  ])
  const made = path.join(folder, "builder")
  await mkdir(path.join(made, "text", "bin"), { recursive: true })
  await writeFile(path.join(made, "lifecycle.tgz"), lifecycle)
  await writeFile(path.join(made, "text", "buildpack.toml"), BUILDPACK)
  await writeFile(path.join(made, "text", "bin", "detect"), DETECT, { mode: 0o755 })
  await writeFile(path.join(made, "text", "bin", "build"), BUILD, { mode: 0o755 })
  await writeFile(
    path.join(made, "builder.toml"),
    [
      '[[buildpacks]]\nuri = "text"',
      '[[order]]\n[[order.group]]\nid = "tests/text"\nversion = "0.0.1"',
      `[stack]\nid = "tests.stack"\nbuild-image = "localhost/tests/build:1"\nrun-image = "${runImage}"`,
      '[lifecycle]\nuri = "lifecycle.tgz"\n',
    ].join("\n"),
  )
  const args = ["builder", "create", builder, "--config", "builder.toml", "--pull-policy", "never"]
  const env = { PATH: process.env.PATH, HOME: folder, PACK_HOME: path.join(folder, "pack-home"), ...choice.env }
  await run(path.join(programs, "pack"), args, { cwd: made, env })
}
