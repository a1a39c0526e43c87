// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what a build argument may hold
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import type { EngineChoice } from "../../../builder/engine/engine.ts"
import { digestInRegistry, pushBaseImage } from "../setup/base-image.ts"
import { argumentLists, ask, DIALECTS, engineOf, startRun, type TestRun, until } from "./test-engine.ts"
import { startTestRegistry, type TestRegistry } from "./test-registry.ts"

let registry: TestRegistry
let base: { image: string; digest: string }
/** Makes steps new to an engine that ran this suite before. */
const nonce = Date.now()
const runs: TestRun[] = []

beforeAll(async () => {
  registry = await startTestRegistry()
  base = await pushBaseImage(registry, "base/busybox", "1")
})
afterEach(async () => {
  for (const run of runs.splice(0)) await run.end()
})
afterAll(() => registry?.stop())

describe.each(DIALECTS)("%s", (dialect) => {
  let choice: EngineChoice
  beforeAll(async () => {
    choice = await engineOf(dialect)
  })
  const start = async (files: Record<string, string>) => {
    const run = await startRun(choice, files, { insecureRegistries: [registry.loginServer] })
    runs.push(run)
    return run
  }
  const image = (name: string) => `${registry.loginServer}/${dialect}/${name}`

  test("pushes one image under several tags, under the digest that the registry then holds, and runs", async () => {
    const run = await start({
      Dockerfile: `FROM ${base.image}\nCOPY a.txt /a.txt\nCMD ["cat", "/a.txt"]\n`,
      "a.txt": "it runs\n",
    })
    const images = [image("app:v1"), image("app:latest")]

    const { imageId } = await run.engine.build(run.options({ images, labels: { "org.example.a": "b c" } }))
    const digests = []
    for (const name of images) digests.push(await run.engine.push(imageId, name, () => {}))

    expect(digests[0]).toBe(await digestInRegistry(registry, `${dialect}/app`, "v1"))
    expect(digests[1]).toBe(await digestInRegistry(registry, `${dialect}/app`, "latest"))
    const label = await ask(
      choice,
      "image",
      "inspect",
      "--format",
      '{{index .Config.Labels "org.example.a"}}',
      run.engine && localName(run),
    )
    expect(label.trim()).toBe("b c")
    expect(await ask(choice, "run", "--rm", localName(run))).toBe("it runs\n")
  })

  test("knows every base that the build resolved, with its digest, and none that it did not", async () => {
    const other = await pushBaseImage(registry, `base/${dialect}-other`, "2")
    const run = await start({
      Dockerfile: [
        `FROM ${registry.loginServer}/base/missing:1 AS unused`,
        `FROM ${base.image} AS one`,
        "RUN echo > /one",
        `FROM ${base.image}`,
        "COPY --from=one /one /",
        `COPY --from=${other.image} /etc/passwd /passwd`,
      ].join("\n"),
    })

    const { bases } = await run.engine.build(run.options({ images: [image("bases:1")] }))

    expect(bases.toSorted((a, b) => a.reference.localeCompare(b.reference))).toEqual([
      { reference: base.image, digest: base.digest },
      { reference: other.image, digest: other.digest },
    ])
  })

  test("uses the newest base that its tag means, not an older copy", async () => {
    const { image: name } = await pushBaseImage(registry, `base/${dialect}-moving`, "1")
    const first = await start({ Dockerfile: `FROM ${name}\n` })
    const before = await first.engine.build(first.options())
    await pushDerived(choice, first, name)
    const second = await start({ Dockerfile: `FROM ${name}\nRUN cat /newer # ${nonce}\n` })

    const after = await second.engine.build(second.options())

    expect(second.lines.join("\n")).toContain("newer-content")
    expect(after.bases[0]?.digest).not.toBe(before.bases[0]?.digest)
    expect(after.bases[0]?.digest).toBe(await digestInRegistry(registry, `base/${dialect}-moving`, "1"))
  })

  test("build arguments reach the build whatever they are called and hold, and no argument list", async () => {
    const value = "v-\"q\" 'x' $HOME ${V} %{y} \\ é `z`"
    const names = ["PLAIN", "HOME", "PATH_X", "LD_PRELOAD", "DOCKER_HOST", "SSL_CERT_FILE", "CONTAINERS_CONF"]
    const run = await start({
      Dockerfile: [
        `ARG TAG\nFROM ${base.image.replace(/:1$/, ":$TAG")}`,
        ...names.map((name) => `ARG ${name}`),
        "RUN printf '%s|' begin \"$HTTP_PROXY\" > /values",
        ...names.map((name) => `RUN printf '%s|' "$${name}" >> /values`),
        `RUN sleep 2.021 # ${nonce}`,
        'CMD ["cat", "/values"]',
      ].join("\n"),
    })
    const given = names.map((name) => ({ name, value: `${name}=${value}` }))
    const proxy = { name: "HTTP_PROXY", value: `http://user:proxy-${value.slice(0, 2)}secret@127.0.0.1:1` }

    const built = run.engine.build(run.options({ buildArguments: [{ name: "TAG", value: "1" }, proxy, ...given] }))
    let lists: { text: string }[] = []
    const isSleeping = async () => {
      lists = await argumentLists()
      return lists.some(({ text }) => /^sleep 2.021/.test(text))
    }
    await until(isSleeping, "the RUN to sleep")
    await built

    expect(lists.filter(({ text }) => text.includes('v-"q"') || text.includes("proxy-v-secret"))).toEqual([])
    const values = (await ask(choice, "run", "--rm", localName(run))).split("|")
    expect(values).toEqual(["begin", proxy.value, ...given.map((argument) => argument.value), ""])
  })

  test("builds the target that is asked for, and nothing else", async () => {
    const run = await start({
      Dockerfile: `FROM ${base.image} AS one\nCMD ["echo", "one"]\nFROM ${base.image}\nRUN exit 1\n`,
    })

    await run.engine.build(run.options({ target: "ONE" }))

    expect(await ask(choice, "run", "--rm", localName(run))).toBe("one\n")
  })

  test("noCache runs every step again", async () => {
    const run = await start({ Dockerfile: `FROM ${base.image}\nRUN echo ran-$((40+2))-${dialect} # ${nonce}\n` })
    await run.engine.build(run.options())
    run.lines.length = 0
    await run.engine.build(run.options())
    const cached = run.lines.some((line) => line.includes(`ran-42-${dialect}`))
    run.lines.length = 0

    await run.engine.build(run.options({ noCache: true }))

    expect(cached).toBe(false)
    expect(run.lines.some((line) => line.includes(`ran-42-${dialect}`))).toBe(true)
  })

  test("a Dockerfile outside the context, and one below a folder with a space", async () => {
    const run = await start({ "a b/Dockerfile": `FROM ${base.image}\nCOPY x /x\n`, x: "1" })

    const built = await run.engine.build(run.options({ dockerfilePath: `${run.contextFolder}/a b/Dockerfile` }))

    expect(built.imageId).toMatch(/^sha256:/)
  })

  test("two runs that push one name at once each push their own image", async () => {
    const both = await Promise.all(
      ["one", "two"].map((word) => start({ Dockerfile: `FROM ${base.image}\nCOPY a /a\n`, a: `${word}-${dialect}` })),
    )
    const name = image("same:1")
    const builds = await Promise.all(both.map((run) => run.engine.build(run.options({ images: [name] }))))

    const digests = await Promise.all(both.map((run, at) => run.engine.push(builds[at]!.imageId, name, () => {})))

    expect(new Set(digests).size).toBe(2)
    expect(digests).toContain(await digestInRegistry(registry, `${dialect}/same`, "1"))
  })

  test("leaves nothing of the run behind", async () => {
    const run = await start({ Dockerfile: `FROM ${base.image}\nRUN echo > /x\n` })
    const name = image("gone:1")
    const { imageId } = await run.engine.build(run.options({ images: [name] }))
    await run.engine.push(imageId, name, () => {})

    await run.engine.dispose()

    const listed = await ask(choice, "images", "--format", "{{.Repository}}:{{.Tag}}")
    expect(listed).not.toContain(run.runId)
    expect(listed).not.toContain(name)
    expect(await ask(choice, "network", "ls", "--format", "{{.Name}}")).not.toContain(run.runId)
  })
})

test.each(DIALECTS)(
  "a shared context that is swapped for a link to the machine's files leads %s to nothing of them",
  async (dialect) => {
    const choice = await engineOf(dialect)
    const run = await startRun(
      choice,
      { Dockerfile: `FROM ${base.image}\nCOPY . /c\nRUN ls /c\n` },
      { insecureRegistries: [registry.loginServer] },
    )
    runs.push(run)
    const outside = await mkdtemp(join(tmpdir(), "slipway-outside-"))
    await writeFile(join(outside, "marker-of-the-machine"), "")
    const link = join(run.workFolder, "swapped")
    await symlink(outside, link)

    const dockerfilePath = join(run.contextFolder, "Dockerfile")
    const options = run.options({ contextFolder: link, dockerfilePath, isContextShared: true })
    const failure = await run.engine.build(options).catch((error: Error) => error)

    await rm(outside, { recursive: true })
    expect(failure).toBeInstanceOf(Error)
    expect(run.lines.join("\n")).not.toContain("marker-of-the-machine\n")
  },
)

function localName(run: TestRun): string {
  return run.engine.choice.dialect === "docker" ? `slipway/run-${run.runId}:1` : `localhost/slipway/run-${run.runId}:1`
}

/** Replaces a base in the registry by one with a further file. */
async function pushDerived(choice: EngineChoice, _: TestRun, name: string): Promise<void> {
  const run = await startRun(
    choice,
    { Dockerfile: `FROM ${name}\nRUN echo newer-content > /newer\n` },
    {
      insecureRegistries: [registry.loginServer],
    },
  )
  runs.push(run)
  const { imageId } = await run.engine.build(run.options({ images: [name] }))
  await run.engine.push(imageId, name, () => {})
}
