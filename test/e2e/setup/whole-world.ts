import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { promisify } from "node:util"
import { findProgram } from "../../../builder/engine/client-environment.ts"
import type { EngineChoice } from "../../../builder/engine/engine.ts"
import { chooseEngine } from "../../../local/engine/engine-choice.ts"
import type { WholeWorld } from "../../conformance/run-whole-case.ts"
import { startTestRegistry } from "../engine/test-registry.ts"
import { pushBaseImage } from "./base-image.ts"
import { tar } from "./contexts.ts"
import { startTestStack } from "./test-stack.ts"

const run = promisify(execFile)

/** An engine of that kind, or the first that answers, beside a registry with the images that whole runs use, for as long as it is used. */
export async function withWholeWorld<T>(
  engine: "docker" | "podman" | undefined,
  use: (world: WholeWorld) => Promise<T>,
): Promise<T> {
  // The stack's own Docker Engine runs where the machine has none.
  const stack = await startTestStack()
  try {
    const kind = engine === "podman" ? "podman" : "auto"
    const choice = await chooseEngine(stack.state, { kind, environment: process.env })
    if (engine !== undefined && choice.dialect !== engine) throw new Error(`no ${engine} answers: ${choice.reason}`)
    return await withRegistry(choice, use)
  } finally {
    await stack.stop()
  }
}

/** The world of whole runs on an engine that is there already. */
export async function withRegistry<T>(choice: EngineChoice, use: (world: WholeWorld) => Promise<T>): Promise<T> {
  const registry = await startTestRegistry()
  try {
    await pushBaseImage(registry, "base/busybox", "1")
    await importDockerClient(choice)
    return await use({ choice, registry: registry.loginServer, insecureRegistries: [registry.loginServer] })
  } finally {
    await registry.stop()
  }
}

/** The world of whole runs for every test of a suite; `close` ends it when they are over. */
export async function openRegistry(choice: EngineChoice): Promise<{ world: WholeWorld; close(): Promise<void> }> {
  const opened = Promise.withResolvers<WholeWorld>()
  const over = Promise.withResolvers<void>()
  const closing = withRegistry(choice, async (world) => {
    opened.resolve(world)
    await over.promise
  })
  const close = async () => {
    over.resolve()
    await closing
  }
  return { world: await Promise.race([opened.promise, closing.then(() => opened.promise)]), close }
}

/**
 * The image `docker`, which people's tasks take from Docker Hub: a client of docker, here the machine's own with the libraries that it
 * needs. It lies in the engine only.
 */
export async function importDockerClient(choice: EngineChoice): Promise<void> {
  const client =
    choice.dialect === "docker" ? choice.command : await findProgram("docker", ["/usr/bin", "/usr/local/bin"])
  if (client === undefined) throw new Error("the machine has no docker client for the image docker")
  const { stdout } = await run("ldd", [client]).catch(() => ({ stdout: "" }))
  const libraries = [...stdout.matchAll(/(\/\S+)/g)].flatMap(([path]) => (path === undefined ? [] : [path]))
  const files = await Promise.all(
    [...new Set(libraries)].map(async (path) => ({ path: path.slice(1), content: await readFile(path), mode: 0o755 })),
  )
  const busybox = await readFile("/bin/busybox")
  const archive = tar([
    { path: "usr/local/bin/docker", content: await readFile(client), mode: 0o755 },
    { path: "bin/sh", content: busybox, mode: 0o755 },
    { path: "tmp/", type: "Directory", mode: 0o1777 },
    ...files,
  ])
  const options = { env: { PATH: process.env.PATH, HOME: "/tmp", ...choice.env } }
  const importing = run(
    choice.command,
    [
      "import",
      ...[
        "--change",
        'ENTRYPOINT ["/usr/local/bin/docker"]',
        "--change",
        "ENV PATH=/usr/local/bin:/bin",
        "--change",
        "ENV DOCKER_BUILDKIT=0",
      ],
      ...["-", "docker.io/library/docker:latest"],
    ],
    options,
  )
  importing.child.stdin?.end(archive)
  await importing
}
