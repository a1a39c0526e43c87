// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell text of steps
import { randomUUID } from "node:crypto"
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { type AddressInfo, connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { EngineChoice } from "../../../builder/engine/engine.ts"
import { PROBE_PROGRAMS } from "../../../builder/engine/probe-programs.ts"
import { type ExecOptions, type ExecResult, execTask } from "../../../cli/exec-task.ts"
import type { StepRight } from "../../../shared/builders/run-work.ts"
import { noSecretSource } from "../../../shared/secrets/no-secret-source.ts"
import { ask, type DialectName, engineOf } from "../engine/test-engine.ts"
import { freePort, startTestRegistry, type TestRegistry } from "../engine/test-registry.ts"
import { pushBaseImage } from "../setup/base-image.ts"
import { importDockerClient } from "../setup/whole-world.ts"

type Ran = ExecResult & { lines: string[]; log: string[]; text: string; folder: string }
type Changes = Partial<ExecOptions> & { files?: Record<string, string>; programs?: Record<string, Buffer> }

/** What steps do, each as a run of its own on a real engine. */
export function testSteps(dialect: DialectName): void {
  let registry: TestRegistry
  let base: string
  let choice: EngineChoice
  let temporary: string
  beforeAll(async () => {
    choice = await engineOf(dialect)
    registry = await startTestRegistry()
    base = (await pushBaseImage(registry, "base/busybox", "1")).image
    // What runs leave in the folder for temporary files is not mistaken for what others have there.
    temporary = await mkdtemp(join(tmpdir(), "slipway-steps-"))
    process.env.TMPDIR = temporary
  })
  afterAll(async () => {
    await registry?.stop()
    await rm(temporary, { recursive: true, force: true })
  })

  async function exec(task: string, { files = {}, programs = {}, ...changes }: Changes = {}): Promise<Ran> {
    const folder = await mkdtemp(join(temporary, "files-"))
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), content)
    }
    for (const [path, content] of Object.entries(programs)) {
      await writeFile(join(folder, path), content, { mode: 0o755 })
    }
    const lines: string[] = []
    const log: string[] = []
    const result = await execTask({
      ssh: { problem: "there is no SSH key" },
      secrets: noSecretSource,
      ...{ choice, folder, file: { text: task.replaceAll("BASE", base) }, values: [], registry: registry.loginServer },
      ...{ logins: [], insecureRegistries: [registry.loginServer], environment: [], rights: [], timeoutSeconds: 60 },
      signal: AbortSignal.timeout(60_000),
      say: (line) => log.push(line),
      print: (line, stream) => (stream === "stdout" ? lines : log).push(line),
      ...changes,
    })
    return { ...result, lines, log, folder, text: [...log, ...lines, result.message ?? ""].join("\n") }
  }
  const names = () => ask(choice, "ps", "--all", "--format", "{{.Names}}")

  test("independent steps run at the same time, and meet under their ids, one letter long or not", async () => {
    const ran = await exec(`version: v1.1.0
steps:
- id: a
  cmd: BASE sh -c 'for i in $(seq 100); do wget -q -O - http://b/ && touch /workspace/met && exit 0; sleep 0.1; done; exit 1'
  when: ["-"]
- id: b
  cmd: BASE sh -c 'echo met b > /tmp/index.html; httpd -p 80 -h /tmp; until [ -e /workspace/met ]; do sleep 0.1; done'
  timeout: 40
  when: ["-"]
`)

    expect(ran.isSuccess, ran.text).toBe(true)
    expect(ran.lines).toContain("met b")
  })

  test("shell text means what it means to sh: quotes, variables, pipes, files, several lines", async () => {
    const ran = await exec(
      `version: v1.1.0
env: ["WORD=a b"]
steps:
- cmd: |
    BASE echo "$WORD" 'single $WORD' > out.txt
    cat out.txt
    docker run BASE sh -c 'cat; echo "inside $0"' < in.txt | tr a-z A-Z && echo "$(wc -l < in.txt) lines"
`,
      { files: { "in.txt": "never read\n" } },
    )

    expect(ran.isSuccess, ran.text).toBe(true)
    expect(ran.lines).toEqual(["a b single $WORD", "INSIDE SH", "1 lines"])
  })

  test("options in the text win over what the step says beside it", async () => {
    const ran = await exec(`version: v1.1.0
steps:
- cmd: -w /tmp -u 1000 --entrypoint sh BASE -c 'echo "$(pwd) $(id -u)"'
  workingDirectory: sub
  user: root
  entryPoint: /bin/false
`)

    expect(ran.isSuccess, ran.text).toBe(true)
    expect(ran.lines).toContain("/tmp 1000")
  })

  test("shell text gets the container's input only where it asks for it", async () => {
    const ran = await exec("version: v1.1.0\nsteps:\n- cmd: -i BASE cat < in.txt | head -1\n", {
      files: { "in.txt": "first\nsecond\n" },
    })

    expect(ran.lines, ran.text).toEqual(["first"])
  })

  test("shell text reaches nothing of the machine: no files, no network, no engine, no secrets of the builder", async () => {
    const ran = await exec(`version: v1.1.0
steps:
- cmd: |
    BASE true
    ls /root /home /work /var/run/docker.sock /etc/shadow 2>&1 | grep -v 'No such file'
    (echo x > /dev/tcp/127.0.0.1/80) 2>/dev/null && echo REACHED network
    cat /proc/net/dev | grep -c eth
    touch /usr/bin/x 2>/dev/null && echo REACHED system
    docker ps 2>/dev/null && echo REACHED engine
    id -u
    env | grep -i -E 'token|slipway_run|docker_config' && echo REACHED environment
    ls /proc | grep -c '^[0-9]'
    true
`)

    expect(ran.isSuccess, ran.text).toBe(true)
    expect(ran.text).not.toContain("REACHED")
    expect(ran.lines[0]).toBe("0")
    expect(Number(ran.lines[1])).toBeGreaterThan(1_900_000_000 - 1)
    expect(Number(ran.lines[2])).toBeLessThan(10)
  })

  test.each([
    ["a path of the machine", "-v /etc:/e BASE true", /\/etc is a path of the machine/],
    ["a part of the workspace", "-v /workspace/sub:/e BASE true", /\/workspace\/sub cannot be mounted by itself/],
    ["another container", "--network=container:x BASE true", /may be that of another run/],
    ["all rights", "--privileged BASE true", /SLIPWAY_STEP_RIGHTS=privileged/],
    ["the machine's network", "--network host BASE true", /SLIPWAY_STEP_RIGHTS=host-network/],
    ["the engine's socket", "-v /var/run/docker.sock:/s BASE true", /SLIPWAY_STEP_RIGHTS=socket/],
    ["an option that is not one", "--privilged BASE true", /unknown flag: --privilged.*--privileged/],
    ["no image", "--rm", /names no image/],
    ["an option in place of the image", "-- -v/etc:/e BASE cat /e/shadow", /"-v\/etc:\/e" is no image name/],
    ["a place of the machine in place of the image", "dir:/etc cat", /"dir:\/etc" is no image name/],
    ["a label of ours", "--label slipway.run=x BASE true", /labels that begin with slipway\./],
    ["an image that is not there", `${"BASE"}x true`, /exit status 125/],
  ])("a step that asks for %s fails and says why", async (_what, cmd, message) => {
    const ran = await exec(`version: v1.1.0\nsteps:\n- id: s\n  cmd: ${cmd}\n`)

    expect(ran.isSuccess).toBe(false)
    expect(ran.message).toMatch(/^failed to run step ID: s: /)
    expect(ran.message).toMatch(message)
  })

  test("a link out of the workspace leads no build and no option to the machine's files", async () => {
    const ran = await exec(`version: v1.1.0
steps:
- cmd: BASE ln -s /etc /workspace/out
- id: mount
  cmd: --env-file out/passwd BASE env
`)
    const build = await exec(`version: v1.1.0
steps:
- cmd: BASE ln -s /etc /workspace/out
- build: -t x out
`)

    expect(ran.isSuccess).toBe(false)
    expect(ran.text).toContain("failed to run step ID: mount")
    for (const { text } of [ran, build]) {
      expect(text).toContain("a link that leads out of /workspace")
      expect(text).not.toMatch(/root:|shadow/)
    }
    expect(build.isSuccess).toBe(false)
  })

  test("a step may have fewer processes than the operator allows, and no more", async () => {
    const ran = await exec(`version: v1.1.0
steps:
- cmd: --pids-limit -1 BASE cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max
  ignoreErrors: true
- cmd: --pids-limit 77 BASE cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max
  ignoreErrors: true
`)

    expect(ran.lines, ran.text).toEqual(["4096", "77"])
  })

  test("pipes and devices in the workspace hold nothing up and show nothing", async () => {
    const ran = await exec(`version: v1.1.0
steps:
- cmd: BASE sh -c 'mkfifo /workspace/pipe; mknod /workspace/zero c 1 5'
- id: pipe
  cmd: --env-file pipe BASE true
  when: [acb_step_0]
  ignoreErrors: true
`)
    const secret = await exec(
      `version: v1.1.0
steps:
- cmd: BASE sh -c 'mkdir -p "a,src=/etc" && echo x > "a,src=/etc/passwd" && ln -s "a,src=/etc/passwd" l'
- build: --secret id=x,src=l .
`,
      { files: { Dockerfile: `FROM ${base}\nRUN --mount=type=secret,id=x cat /run/secrets/x; echo done\n` } },
    )

    expect(ran.message).toMatch(/failed to run step ID: pipe: .*"\/workspace\/pipe" is no file/)
    expect(secret.isSuccess, secret.text).toBe(true)
    expect(secret.text).not.toContain("root:")
  })

  test("a build ends at its step's timeout, and with a step that fails beside it", async () => {
    const files = { Dockerfile: `FROM ${base}\nRUN echo $RANDOM; sleep 60\n` }
    const startedAt = Date.now()

    const late = await exec("version: v1.1.0\nsteps:\n- id: b\n  build: --no-cache .\n  timeout: 3\n", { files })
    const beside = await exec(
      `version: v1.1.0
steps:
- id: b
  build: --no-cache .
  when: ["-"]
- id: f
  cmd: BASE sh -c 'sleep 2; exit 3'
  when: ["-"]
`,
      { files },
    )

    expect(late.message).toBe("failed to run step ID: b: timed out")
    expect(beside.message).toBe("failed to run step ID: f: exit status 3")
    expect(Date.now() - startedAt).toBeLessThan(50_000)
  })

  test("a step that ignores TERM ends at its timeout, and its container with it", async () => {
    const ran = await exec(`version: v1.1.0
steps:
- id: stubborn
  cmd: BASE sh -c 'trap "" TERM INT HUP; echo up; while true; do sleep 1; done'
  timeout: 2
`)

    expect(ran.message).toBe("failed to run step ID: stubborn: timed out")
    expect(ran.lines).toEqual(["up"])
    expect(await names()).not.toContain("stubborn")
  })

  test.each([
    ["a container", "cmd: BASE sh -c 'echo up; sleep 600'"],
    [
      "a detached container and a waiting step",
      "cmd: BASE sh -c 'echo up; sleep 600'\n  detach: true\n- cmd: BASE sh -c 'echo up; sleep 600'",
    ],
    ["shell text", "cmd: BASE echo up && sleep 600"],
    ["a delay", "cmd: BASE echo up\n- cmd: BASE true\n  startDelay: 600"],
    ["a build", "build: ."],
  ])("a run that is stopped during %s ends at once and leaves nothing", async (_what, step) => {
    const stopper = new AbortController()
    const seen: string[] = []
    const stopAtUp = (line: string) => {
      seen.push(line)
      if (/\bup$/.test(line) || line.startsWith("Waiting 600")) stopper.abort()
    }
    const ran = await exec(`version: v1.1.0\nsteps:\n- ${step}\n`, {
      signal: stopper.signal,
      print: stopAtUp,
      say: stopAtUp,
      files: { Dockerfile: `FROM ${base}\nRUN echo up; sleep 600\n` },
    })

    expect(ran.message, seen.join("\n")).toBe("it was stopped")
    expect(await ask(choice, "ps", "--all", "--quiet", "--filter", `volume=${ran.folder}`)).toBe("")
    expect((await readdir(temporary)).filter((name) => name.startsWith("slipway-task-"))).toEqual([])
  })

  test("a run that is stopped during a push to a registry that does not answer ends at once and leaves nothing", async () => {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve))
    const { port } = silent.address() as AddressInfo
    const stopper = new AbortController()
    silent.once("connection", () => stopper.abort())
    const image = `127.0.0.1:${port}/silent/${dialect}:1`

    const ran = await exec(`version: v1.1.0\nsteps:\n- build: -t ${image} .\n- push: ["${image}"]\n`, {
      signal: stopper.signal,
      insecureRegistries: [registry.loginServer, `127.0.0.1:${port}`],
      isCacheEnabled: false,
      files: { Dockerfile: `FROM ${base}\nRUN true\n` },
    })

    silent.close()
    expect(ran.message, ran.text).toBe("it was stopped")
    expect(ran.log).toContain(`Pushing image: ${image}, attempt 1`)
    expect((await readdir(temporary)).filter((name) => name.startsWith("slipway-task-"))).toEqual([])
    expect(await ask(choice, "images", "--format", "{{.Repository}}")).not.toContain(`silent/${dialect}`)
  })

  test("a step that forks without end is held back and ends with its timeout", async () => {
    const ran = await exec(`version: v1.1.0
steps:
- id: bomb
  cmd: --pids-limit 50 BASE sh -c 'f() { f | f & }; f; sleep 600'
  timeout: 3
`)

    expect(ran.message).toMatch(/^failed to run step ID: bomb: (timed out|exit status \d+)$/)
  })

  test("shell text that forks without end is held back and ends with its timeout", async () => {
    const ran = await exec(`version: v1.1.0
steps:
- id: bomb
  cmd: |
    BASE true
    f() { f | f & }; f; sleep 600
  timeout: 3
`)

    expect(ran.message).toMatch(/^failed to run step ID: bomb: (timed out|exit status \d+)$/)
  })

  test("a flood of output comes through whole, without line ends and binary too", async () => {
    let bytes = 0
    const ran = await exec(
      "version: v1.1.0\nsteps:\n- cmd: BASE sh -c 'dd if=/dev/zero bs=1M count=20 2>/dev/null | tr \"\\0\" x; yes 0123456789 | head -n 500000; head -c 100000 /dev/urandom'\n",
      {
        print(line) {
          bytes += line.length
        },
      },
    )

    expect(ran.isSuccess, ran.message).toBe(true)
    expect(bytes).toBeGreaterThan(25_000_000)
  })

  test("a secret value is masked in every form and across pieces, and named nowhere else", async () => {
    const secret = 'p@ss "wörd" /+\\'
    const ran = await exec(
      `version: v1.1.0
steps:
- cmd: BASE sh -c 'printf "%s" "$S"; echo; printf "%s" "$S" | base64; printf "%s" "$S" | head -c 5; sleep 0.2; printf "%s" "$S" | tail -c +6; echo'
  env:
  - 'S={{.Values.secret}}'
`,
      { values: [{ name: "secret", value: secret, isSecret: true }] },
    )

    expect(ran.isSuccess, ran.text).toBe(true)
    expect(ran.lines).toEqual(["***", "***", "***"])
  })

  test("builds stand on what earlier steps of the run have built, under the names that the user gave", async () => {
    const ran = await exec(
      `version: v1.1.0
steps:
- build: -t mine/base:1 base
- build: -t $Registry/${dialect}/app:v1 --build-arg GREETING="hello world" app
- cmd: $Registry/${dialect}/app:v1
- cmd: mine/base:1 cat /from-base
- push: ["$Registry/${dialect}/app:v1"]
`,
      {
        files: {
          "base/Dockerfile": `FROM ${base}\nRUN echo base > /from-base\n`,
          "app/Dockerfile":
            'FROM mine/base:1\nARG GREETING\nRUN echo "$GREETING" > /greeting\nCMD ["cat", "/from-base", "/greeting"]\n',
        },
      },
    )

    expect(ran.isSuccess, ran.text).toBe(true)
    expect(ran.lines.filter((line) => /^(base|hello world)$/.test(line))).toEqual(["base", "hello world", "base"])
    expect(ran.dependencies.map(({ image }) => image?.digest !== undefined)).toEqual([false, true])
  })

  test("build secrets come from a file of the workspace or a variable of the step, and stay out of the image", async () => {
    const ran = await exec(
      `version: v1.1.0
steps:
- build: -t secret-user --secret id=file,src=s.txt --secret id=var,env=TOKEN .
  env: ["TOKEN=from-variable"]
- cmd: secret-user
`,
      {
        files: {
          "s.txt": "from-file",
          Dockerfile: `FROM ${base}\nRUN --mount=type=secret,id=file --mount=type=secret,id=var cat /run/secrets/file /run/secrets/var | wc -c > /size\nCMD ["cat", "/size"]\n`,
        },
      },
    )

    expect(ran.isSuccess, ran.text).toBe(true)
    expect(ran.lines.at(-1)).toBe(String("from-filefrom-variable".length))
  })

  test("a list of platforms in one build makes one index", async () => {
    const image = `${registry.loginServer}/${dialect}/many:1`
    const ran = await exec(
      `version: v1.1.0\nsteps:\n- build: -t ${image} --platform linux/amd64,linux/arm64 .\n- push: ["${image}"]\n`,
      { files: { Dockerfile: "FROM scratch\nCOPY a.txt /\n", "a.txt": "a" } },
    )

    expect(ran.isSuccess, ran.text).toBe(true)
    const accept = "application/vnd.oci.image.index.v1+json,application/vnd.docker.distribution.manifest.list.v2+json"
    const manifest = await registry.call("GET", `/v2/${dialect}/many/manifests/1`, undefined, { accept }, "")
    const platforms = JSON.parse(manifest.text).manifests.map(
      ({ platform }: { platform: { architecture: string } }) => platform.architecture,
    )
    expect(platforms.toSorted()).toEqual(["amd64", "arm64"])
  })

  test.each([
    ["linux/386", "386", undefined],
    ["Linux/ARM64/v8", "arm64", "qemu-aarch64"],
    ["linux/arm/v7", "arm", "qemu-arm"],
    ["linux/s390x", "s390x", "qemu-s390x"],
  ])(
    "a build for %s runs its programs where this machine can, else the handler is named",
    async (platform, architecture, handler) => {
      const ran = await exec(`version: v1.1.0\nsteps:\n- build: --platform ${platform} .\n`, {
        files: { Dockerfile: 'FROM scratch\nCOPY probe /\nRUN ["/probe"]\n' },
        programs: { probe: PROBE_PROGRAMS[architecture] ?? Buffer.alloc(0) },
      })

      const handlers: string[] = await readdir("/proc/sys/fs/binfmt_misc").catch(() => [])
      const canRun = handler === undefined || handlers.includes(handler)
      expect(ran.isSuccess, ran.text).toBe(canRun)
      expect(ran.text).toMatch(canRun ? /^(?:#\d+ [\d.]+ )?slipway$/m : `need the binfmt handler ${handler}`)
    },
  )

  test("DOCKER_BUILDKIT=0 builds with docker's old builder, where the engine has it", async () => {
    const ran = await exec(
      `version: v1.1.0\nsteps:\n- build: -t old --build-arg A=1 .\n  env: ["DOCKER_BUILDKIT=0"]\n- cmd: old\n`,
      { files: { Dockerfile: `FROM ${base}\nARG A\nRUN echo "a=$A" > /a\nCMD ["cat", "/a"]\n` } },
    )

    expect(ran.isSuccess, ran.text).toBe(true)
    expect(ran.lines.at(-1)).toBe("a=1")
    if (dialect === "docker") expect(ran.text).toContain("Step 1/")
  })

  test("DOCKER_BUILDKIT=0 keeps the limits of a build, and is refused where the image would lack what it asks for", async () => {
    const files = { Dockerfile: `FROM ${base}\nRUN ulimit -n && df -k /dev/shm\n`, s: "x", "more/f": "f" }
    const build = (options: string) =>
      exec(`version: v1.1.0\nsteps:\n- build: ${options} -t old .\n  env: ["DOCKER_BUILDKIT=0"]\n`, { files })

    const limited = await build("--ulimit nofile=99:99 --shm-size 33m")
    const without = await build("--secret id=s,src=s --build-context more=more")

    expect(limited.isSuccess, limited.text).toBe(true)
    expect(limited.lines).toContain("99")
    expect(limited.text).toMatch(/\b33792\b/)
    expect(without.isSuccess, without.text).toBe(dialect === "podman")
    if (dialect === "docker") expect(without.text).toContain("--secret, --build-context: BuildKit is needed")
  })

  test("stages are built anew where a build says so, from named contexts too", async () => {
    const build = (tag: string) => `- build: -t ${tag} --no-cache-filter fresh --build-context more=more .`
    const ran = await exec(
      `version: v1.1.0\nsteps:\n${build("one")}\n${build("two")}\n- cmd: one cat /f /id\n- cmd: two cat /f /id\n`,
      {
        files: {
          Dockerfile: `FROM ${base} AS fresh\nCOPY --from=more f /\nRUN cat /proc/sys/kernel/random/uuid > /id\nFROM fresh\n`,
          "more/f": "of more\n",
        },
      },
    )

    expect(ran.isSuccess, ran.text).toBe(true)
    expect(ran.lines.filter((line) => line === "of more")).toHaveLength(2)
    const ids = ran.lines.filter((line) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(line))
    expect(new Set(ids).size).toBe(2)
  })

  test("an image whose registry is away for a moment is asked for again", async () => {
    const late = await startTestRegistry()
    const { image } = await pushBaseImage(late, `late/${dialect}`, "1")
    const port = Number(late.loginServer.split(":")[1])
    const proxy = await freePort()
    const loginServer = `127.0.0.1:${proxy}`
    let isOpen = false
    const front = createServer((socket) => {
      if (!isOpen) return void socket.destroy()
      const upstream = connect(port, "127.0.0.1")
      socket.on("error", () => upstream.destroy()).pipe(upstream)
      upstream.on("error", () => socket.destroy()).pipe(socket)
    })
    await new Promise<void>((resolve) => front.listen(proxy, "127.0.0.1", resolve))

    const ran = await exec(
      `version: v1.1.0\nsteps:\n- cmd: ${image.replace(late.loginServer, loginServer)} echo here\n`,
      {
        insecureRegistries: [loginServer],
        say(line) {
          if (line.includes("is tried again")) isOpen = true
        },
      },
    )

    front.close()
    await late.stop()
    expect(ran.isSuccess, ran.text).toBe(true)
    expect(ran.lines).toContain("here")
    expect(isOpen).toBe(true)
  })

  test.each<[string, StepRight[]]>([
    ["none", []],
    ["host", ["host-network"]],
  ])("a step may be on the network %s, by its property and by its text", async (network, rights) => {
    const ran = await exec(
      `version: v1.1.0\nsteps:\n- id: one\n  network: ${network}\n  cmd: BASE ls /sys/class/net\n- cmd: --network=${network} BASE ls /sys/class/net\n`,
      { rights },
    )

    expect(ran.isSuccess, ran.text).toBe(true)
    expect(ran.lines.filter((line) => line === "lo")).toHaveLength(2)
  })

  test("a platform that cannot be built is told before any step has run", async () => {
    const ran = await exec("version: v1.1.0\nsteps:\n- cmd: BASE echo ran\n- build: --platform windows/amd64 .\n", {
      files: { Dockerfile: `FROM ${base}\nRUN true\n` },
    })

    expect(ran.message).toMatch(/^platform windows\/amd64: no Windows builder is connected to this service/)
    expect(ran.lines).toEqual([])
  })

  test("what a step makes through the engine's socket ends with the run", async () => {
    await importDockerClient(choice)
    const name = `made-${randomUUID()}`

    const ran = await exec(
      `version: v1.1.0
steps:
- cmd: docker run --detach --name ${name} --volume /var/run/docker.sock:/s BASE sleep 600
- cmd: docker exec ${name} sh -c 'test -S /s && echo the socket is there'
- cmd: docker network create ${name}
- cmd: docker volume create ${name}
- cmd: BASE false
`,
      { rights: ["socket"] },
    )

    expect(ran.message, ran.text).toMatch(/acb_step_4: exit status 1$/)
    expect(ran.lines).toContain("the socket is there")
    const left = await Promise.all([
      names(),
      ask(choice, "network", "ls", "--format", "{{.Name}}"),
      ask(choice, "volume", "ls", "--format", "{{.Name}}"),
    ])
    expect(left.join("\n")).not.toContain(name)
  })

  test("builds beside containers take no names from them", async () => {
    const ran = await exec(
      `version: v1.1.0
steps:
- id: first
  build: .
- id: srv
  cmd: BASE sh -c 'mkdir /www; echo served > /www/index.html; exec httpd -f -p 80 -h /www'
  detach: true
- id: second
  build: .
- cmd: BASE sh -c 'for i in $(seq 50); do wget -q -O - http://srv/ && exit 0; sleep 0.1; done; exit 1'
`,
      { files: { Dockerfile: `FROM ${base}\nRUN date +%N > /once\n` } },
    )

    expect(ran.isSuccess, ran.text).toBe(true)
    expect(ran.lines).toContain("served")
  })

  test("ten runs of one task at once do not meet", async () => {
    const task = `version: v1.1.0
steps:
- build: -t ${registry.loginServer}/${dialect}/ten:latest .
- id: srv
  cmd: ${registry.loginServer}/${dialect}/ten:latest
  detach: true
- cmd: BASE sh -c 'for i in $(seq 50); do wget -q -O - http://srv/ && exit 0; sleep 0.1; done; exit 1'
- push: ["${registry.loginServer}/${dialect}/ten:latest"]
`
    const runs = await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        exec(task, {
          timeoutSeconds: 110,
          signal: AbortSignal.timeout(110_000),
          files: {
            Dockerfile: `FROM ${base}\nRUN mkdir /www && echo I am ${at} > /www/index.html\nCMD ["httpd", "-f", "-p", "80", "-h", "/www"]\n`,
          },
        }),
      ),
    )

    for (const [at, ran] of runs.entries()) {
      expect(ran.isSuccess, ran.text).toBe(true)
      expect(ran.lines).toContain(`I am ${at}`)
    }
    expect(new Set(runs.flatMap(({ dependencies }) => dependencies.map(({ image }) => image?.digest))).size).toBe(10)
  })
}
