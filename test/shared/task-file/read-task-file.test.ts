import { describe, expect, test } from "vitest"
import { MAX_TASK_FILE_BYTES } from "../../../shared/task-file/decode-task-file.ts"
import { readTaskFile } from "../../../shared/task-file/read-task-file.ts"
import type { SecretReference } from "../../../shared/task-file/task.ts"
import type { TaskFileInput } from "../../../shared/task-file/task-file-input.ts"
import { problemLine } from "../../../shared/task-file/text/problem-line.ts"
import { renderTemplate } from "../../../shared/templates/render-template.ts"

const options = { now: () => new Date("2026-01-02T03:04:05Z"), environment: {} }
const input: TaskFileInput = {
  render: (source, roots) => renderTemplate(source, roots, options),
  roots: (secrets) => ({ Run: { ID: "ca1", Registry: "r.io" }, Values: { n: "1" }, Secrets: secrets }),
  loadAlias: async (source) => ({ ok: false, problem: `open ${source}: no such file or directory` }),
  resolveSecrets: async () => ({ ok: true, values: {} }),
  platform: "linux",
}

async function read(text: string, more: Partial<TaskFileInput> = {}) {
  const result = await readTaskFile(text, { ...input, ...more })
  if (!result.ok) throw new Error(result.problems.map((problem) => problemLine("acb.yaml", problem)).join("\n"))
  return result
}

async function problemsOf(text: string, more: Partial<TaskFileInput> = {}) {
  const result = await readTaskFile(text, { ...input, ...more })
  return result.ok ? [] : result.problems.map((problem) => problemLine("acb.yaml", problem))
}

async function warningsOf(text: string) {
  return (await read(text)).warnings.map((warning) => problemLine("acb.yaml", warning))
}

describe("a task file", () => {
  test("is read with all its defaults", async () => {
    const { task, warnings } = await read("steps:\n- cmd: alpine echo hi\n")

    expect(warnings).toEqual([])
    expect(task).toEqual({
      version: "v1.0.0",
      workingDirectory: "",
      networks: [{ name: "acb_default_network", driver: "bridge", isIpv6: false, isExternal: false, isDefault: true }],
      volumes: [],
      secrets: [],
      steps: [
        {
          type: "cmd",
          id: "acb_step_0",
          after: [],
          cmd: "alpine echo hi",
          entryPoint: "",
          isDetached: false,
          isKept: false,
          isPulled: false,
          timeoutSeconds: 600,
          startDelaySeconds: 0,
          retries: 0,
          retryDelaySeconds: 5,
          retryOnErrors: [],
          repeat: 0,
          isErrorIgnored: false,
          env: [],
          workingDirectory: "",
          isWorkingDirectoryOverrideDisabled: false,
          network: "acb_default_network",
          volumeMounts: [],
          isPrivileged: false,
          user: "",
          isolation: "",
          cpus: "",
          ports: [],
          expose: [],
        },
      ],
    })
  })

  test("may have a byte order mark, CRLF and a second version in front, as az writes it", async () => {
    const { task } = await read("\ufeffversion: v1.1.0\r\nversion: v1.0.0\r\nsteps:\r\n- cmd: |\r\n    a\r\n    b\r\n")

    expect(task.version).toBe("v1.0.0")
    expect(task.steps).toMatchObject([{ cmd: "a\nb\n" }])
  })

  test("keeps the lines of a script that look like comments", async () => {
    const { task } = await read("steps:\n# gone {{\n- cmd: |\n    #!/bin/sh\n    # stays\n    echo\n")

    expect(task.steps).toMatchObject([{ cmd: "#!/bin/sh\n# stays\necho\n" }])
  })

  test("has secret files as the bytes that they are", async () => {
    const { task } = await read(
      "volumes:\n- name: v\n  secret:\n    f: AP8=\n    g: |\n      aGVs\n      bG8=\nsteps: []\n",
    )

    expect(task.volumes).toEqual([
      {
        name: "v",
        files: [
          { name: "f", content: new Uint8Array([0, 255]) },
          { name: "g", content: new Uint8Array(Buffer.from("hello")) },
        ],
      },
    ])
  })

  test("says which builds ask for a cache, and which say nothing of it", async () => {
    const { task } = await read("steps:\n- build: -t app:1 .\n  cache: Enabled\n- build: -t app .\n")

    expect(task.steps).toMatchObject([{ cache: "enabled" }, { cache: undefined }])
  })

  test("shows its texts after each pass", async () => {
    const { texts } = await read("version: v1.1.0\nalias:\n  values: {a: b}\nsteps:\n- cmd: $a $ID\n")

    expect(texts).toEqual({
      aliased: "version: v1.1.0\nsteps:\n- cmd: b {{.Run.ID}}\n",
      rendered: "version: v1.1.0\nsteps:\n- cmd: b ca1\n",
    })
  })
})

describe("mistakes", () => {
  test("are all told at once, in the user's own file, with what to do", async () => {
    const text = `version: v9
env: ['A=1,2']
secrets:
- id: s s
  keyvault: https://v.vault.azure.net/secrets/x
volumes:
- name: a/b
  secret: {f: '!'}
networks:
- driver: bridge
steps:
- id: one
  cmd: a
  build: .
- id: one
  push: x
- cmd: b
  retries: -1
  timeout: 10m
  when: [two, '-']
- cmd: c
  when: [oen, last]
  workingDirectory: ../..
  volumeMounts:
  - {name: nope, mountPath: /x}
- id: last
`
    expect(await problemsOf(text)).toEqual([
      expect.stringMatching(/^acb.yaml:4:7: .*secret ID cannot contain spaces: use /),
      expect.stringMatching(/^acb.yaml:7:9: volume name is not well formed. Only use /),
      expect.stringMatching(/^acb.yaml:8:15: the content of f is not base64: write /),
      expect.stringMatching(/^acb.yaml:16:9: steps\[1].push: cannot unmarshal !!str `x` into \[]string: write a list/),
      expect.stringMatching(
        /^acb.yaml:19:12: steps\[2].timeout: cannot unmarshal !!str `10m` into int: write a whole number/,
      ),
    ])
    const withoutSecrets = text.replace(/secrets:\n.*\n.*\n/, "")
    expect(await problemsOf(withoutSecrets)).toEqual([
      expect.stringMatching(/^acb.yaml:1:10: invalid version specified: "v9", .*: write v1.1.0/),
      expect.stringMatching(/^acb.yaml:2:7: .*cannot parse task environment variable 2 correctly: write NAME=value/),
      expect.stringMatching(/^acb.yaml:4:9: volume name is not well formed/),
      expect.stringMatching(/^acb.yaml:5:15: the content of f is not base64/),
      expect.stringMatching(/^acb.yaml:7:3: network is missing a name/),
      expect.stringMatching(
        /^acb.yaml:11:3: step must only contain a single build, cmd, or push property: make several/,
      ),
      expect.stringMatching(/^acb.yaml:12:7: one already exists as a vertex: ids are unique/),
      expect.stringMatching(/^acb.yaml:13:9: steps\[1].push: cannot unmarshal/),
      expect.stringMatching(/^acb.yaml:15:12: step must specify retries >= 0/),
      expect.stringMatching(/^acb.yaml:16:12: steps\[2].timeout: cannot unmarshal/),
      expect.stringMatching(/^acb.yaml:17:9: step cannot contain other IDs in when .*: remove - or the others/),
      expect.stringMatching(/^acb.yaml:19:10: oen does not exist as a vertex .* Did you mean one\?/),
      expect.stringMatching(/^acb.yaml:19:15: last does not exist as a vertex .*: put that step above/),
      expect.stringMatching(/^acb.yaml:20:21: working directory ..\/.. leaves \/workspace/),
      expect.stringMatching(/^acb.yaml:22:12: mount name, nope, does not correspond to a volume. Declare it/),
      expect.stringMatching(/^acb.yaml:23:3: step is missing a cmd, build, or push property: give it one/),
    ])
  })

  test("have their place through comments, aliases and templates", async () => {
    const text = `# a comment
version: v1.1.0
alias:
  values:
    long: "12345678901234567890"
steps:
# another one
{{ if true }}
- id: "$long$ID" # {{ .Run.ID }}
  cmd: x
  timeout: $long$long
  retries: soon
{{ end }}
- cmd: "{{ .Run.Registry }}" # $long
  wehn: [x]
  repeat: often
`
    const result = await readTaskFile(text, input)

    expect(result.ok ? [] : result.problems.map(({ line, column }) => [line, column])).toEqual([
      [11, 12],
      [12, 12],
      [16, 11],
    ])
    expect(result.warnings.map(({ line, column, message }) => [line, column, message])).toEqual([
      [15, 3, expect.stringContaining("Did you mean when?")],
    ])
  })

  test("in templates have the place in the user's file, in the alias section too", async () => {
    const inSteps = "# c\nversion: v1.1.0\nsteps:\n- cmd: $ID {{ .Run.ID | nope }}\n"
    const inAlias = "# c\nversion: v1.1.0\nalias:\n  values:\n    a: '{{ fail \"no\" }}'\nsteps: []\n"

    expect(await problemsOf(inSteps)).toEqual([
      expect.stringMatching(/^acb.yaml:4:\d+: error while rendering templates: /),
    ])
    expect(await problemsOf(inAlias)).toEqual([
      expect.stringMatching(/^acb.yaml:5:\d+: error while rendering templates: .*no/),
    ])
  })

  test("that a loop repeats are told once", async () => {
    const text = "steps:\n{{ range until 3 }}\n- cmd: x\n  timeout: soon\n{{ end }}"

    expect(await problemsOf(text)).toHaveLength(3)
    expect(await problemsOf(text.replace("timeout: soon", "retries: -1"))).toHaveLength(1)
  })

  test("of the whole file are told: too long, nothing left", async () => {
    expect(await problemsOf(`# ${"x".repeat(MAX_TASK_FILE_BYTES)}`)).toEqual([
      expect.stringContaining("is longer than"),
    ])
    expect(await problemsOf('{{ "" }}')).toEqual([expect.stringContaining("rendered template was empty")])
    expect(await problemsOf("")).toEqual([])
  })

  test("of a list item that is nothing is told", async () => {
    expect(await problemsOf("steps:\n- cmd: a\n-\n")).toEqual([expect.stringContaining("step is missing a cmd")])
  })

  test.each([
    [
      "volumes",
      "volumes:\n- name: v\n  secret: {a: ''}\n- name: v\n  secret: {'..': ''}\nsteps: []\n",
      [/4:9: volume with duplicate name/, /5:12: file name, \.\., is not/],
    ],
    [
      "mounts on a push",
      "volumes: [{name: v, secret: {a: ''}}]\nsteps:\n- push: [a]\n  volumeMounts: [{name: v, mountPath: /x}]\n",
      [/4:3: invalid use of Mounts/],
    ],
    [
      "half a mount",
      "steps:\n- cmd: a\n  volumeMounts: [{mountPath: /x}]\n",
      [/3:18: mount name or container file path is empty/],
    ],
    [
      "secrets",
      "secrets:\n- id: a\n- keyvault: x\n  clientID: y\nsteps: []\n",
      [
        ...[/2:3: failed to validate secret with ID: a/, /3:3: secret is missing an ID/],
        ...[/3:13: .*no URL of a Key Vault secret/, /4:13: .*not a valid guid/],
      ],
    ],
    [
      "too many secrets",
      `secrets:\n${Array.from({ length: 101 }, (_, at) => `- {id: s${at}, keyvault: "https://v.a/secrets/x"}\n`).join("")}steps: []\n`,
      [/102:3: more than 100 secrets/],
    ],
    ["networks", "networks: [{name: a}, {name: a}]\nsteps: []\n", [/1:30: network with name a already exists/]],
    ["a task working directory", "workingDirectory: ../x\nsteps:\n- cmd: a\n", [/1:19: working directory/]],
    [
      "an environment without end",
      `env: [${"A=1,".repeat(30_000)}]\nsteps:\n${"- cmd: x\n".repeat(10)}`,
      [/1:6: 30000 variables in 10 steps are too many/],
    ],
  ])("of %s are told", async (_, text, expected) => {
    expect(await problemsOf(text)).toEqual(expected.map((one) => expect.stringMatching(one)))
  })
})

describe("warnings", () => {
  test("are for keys that nobody knows, or that fit another type of step", async () => {
    const text = `steps:
- cmd: a
  cache: enabled
  workingdirectory: x
- build: .
  detach: yes
- push: [b]
  env: [A=1]
  exitedWith: [0]
timout: 5
`
    expect(await warningsOf(text)).toEqual([
      "acb.yaml:3:3: cache has no effect on a cmd step: remove it, or put it on a build step.",
      "acb.yaml:4:3: steps[0]: unknown key workingdirectory: upper and lower case count. Did you mean workingDirectory?",
      "acb.yaml:6:3: detach has no effect on a build step: remove it, or put it on a cmd step.",
      "acb.yaml:8:3: env has no effect on a push step: remove it, or put it on a cmd or build step.",
      "acb.yaml:9:3: exitedWith has no effect: remove it.",
      "acb.yaml:10:1: unknown key timout: it is ignored.",
    ])
  })

  test("are for commands that will be refused when they run", async () => {
    expect(await warningsOf("steps:\n- cmd: --rmm alpine\n- cmd: -v /:/x alpine\n- cmd: a $X\n")).toEqual([
      expect.stringMatching(/^acb.yaml:2:8: unknown flag: --rmm of docker run. Did you mean --rm/),
      expect.stringMatching(/^acb.yaml:3:8: --volume .*path of the machine/),
    ])
  })

  test("are for build texts that docker will refuse", async () => {
    expect(await warningsOf("steps:\n- build: --tga a . b\n")).toEqual([
      expect.stringMatching(/^acb.yaml:2:10: unknown flag: --tga of docker build. Did you mean --tag/),
      expect.stringContaining("requires exactly 1 argument"),
    ])
  })

  test.each([
    ["file:///etc", /names a file of the machine that builds, which no run may read. Use https:/],
    ["git://h/a.git", /neither encrypts nor proves what it brings; use https:/],
    ["https://h/x.zip", /is no tar; offer it as \.tar\.gz/],
    ["https://u:p/w@h/x.tar", /is no URL: write https:.*In a login, \/ @ : and # are written as %2F/],
    ["http://u:pw@h/x.tar", /plain http:\/\/ would show to everybody: use https:/],
    ["/dev/null", /is no context of a build: name a folder/],
    [
      "--platform linux/sparc .",
      /--platform linux\/sparc: no builder runs its programs; write one like linux\/amd64.*linux\/386\.$/,
    ],
    ["--platform linux/amd46 .", /Did you mean amd64\?$/],
    ["--platform=linux/arm64,Windows/amd64 .", /--platform Windows\/amd64 needs a Windows builder.*write linux\/amd64/],
    ["--network db .", /--network db is not supported by BuildKit: write none, or leave it out/],
  ])("are for builds that no run can do: %s", async (build, message) => {
    const warnings = await warningsOf(`steps:\n- build: ${build}\n`)

    expect(warnings).toEqual([expect.stringMatching(message)])
    expect(warnings[0]).toMatch(/^acb.yaml:2:10: /)
    expect(warnings[0]).not.toContain("p/w")
  })

  test.each([
    ".",
    "https://h/x.tar.gz",
    "http://h/x.tar",
    "https://u:pw@h/x.tar",
    "git@h:a/b.git#main:dir",
    "oci://r.io/a",
    "file.tar",
    "--platform linux .",
    "--platform Linux/ARM64/v8,linux/arm/v7,linux/386,linux/x86_64 .",
    "--platform arm64 .",
    "--network none .",
    "$WHERE",
    "--platform $P .",
  ])("are not for builds that one may do: %s", async (build) => {
    expect(await warningsOf(`steps:\n- build: ${build}\n`)).toEqual([])
  })

  test("are for networks that nobody declares", async () => {
    const text = `networks:
- name: backend
steps:
- cmd: a
  network: bakcend
- cmd: --network other a
- build: .
  network: private
- cmd: a
  network: backend
- cmd: --network none a
  network: host
`
    expect(await warningsOf(text)).toEqual([
      "acb.yaml:5:12: there is no network bakcend: name it under networks. Did you mean backend?",
      "acb.yaml:6:8: there is no network other: name it under networks.",
      "acb.yaml:8:12: there is no network private: name it under networks.",
    ])
    expect((await read("steps:\n- cmd: a\n  network: ext\n", { network: "ext" })).warnings).toEqual([])
  })

  test("are for variables without a value", async () => {
    expect(await warningsOf("steps:\n- cmd: a\n  env: [FOO]\n")).toEqual([
      expect.stringMatching(/^acb.yaml:3:9: FOO has no value/),
    ])
  })
})

describe("aliases", () => {
  const withFiles = (files: Record<string, string>) => ({
    loadAlias: async (source: string) => {
      const text = files[source]
      return text === undefined ? { ok: false as const, problem: "no such file" } : { ok: true as const, text }
    },
  })
  const text = "version: v1.1.0\nalias:\n  src: [a.yaml, b.yaml]\n  values: {x: own}\nsteps:\n- cmd: $x $y $z\n"

  test("come from the file itself, then later files, then earlier ones", async () => {
    const files = withFiles({ "a.yaml": "x: a\ny: a\nz: a\n", "b.yaml": "\ufeffx: b\r\ny: b\r\n" })

    expect((await read(text, files)).task.steps).toMatchObject([{ cmd: "own b a" }])
  })

  test("of files are told with their line there, at the entry that names the file", async () => {
    const files = withFiles({ "a.yaml": "ok: 1\nnot-ok: 2\nbad: [1]\n" })

    expect(await problemsOf(text, files)).toEqual([
      "acb.yaml:3:9: a.yaml: line 3: bad: cannot unmarshal !!seq into string: write a text.",
      expect.stringMatching(
        /^acb.yaml:3:9: a.yaml: line 2: alias key names only support alphanumeric characters: rename not-ok/,
      ),
      "acb.yaml:3:17: b.yaml: no such file",
    ])
  })

  test("are all told, with the directive", async () => {
    const wrong = "version: v1.1.0\nalias:\n  directive: ab\n  values: {a-b: 1, c: [d]}\n  vlaues: {}\nsteps: []\n"

    expect(await problemsOf(wrong)).toEqual([
      expect.stringMatching(/^acb.yaml:3:3: \$ directive can only be overwritten by a single character/),
      expect.stringMatching(/^acb.yaml:4:12: alias key names only support alphanumeric characters/),
      expect.stringMatching(/^acb.yaml:4:23: error during alias unmarshaling: alias.values.c: cannot unmarshal/),
    ])
  })

  test("of images are for Linux", async () => {
    const cmd = "version: v1.1.0\nsteps:\n- cmd: bash echo\n"

    expect((await read(cmd, { platform: "windows" })).task).toMatchObject({
      steps: [{ cmd: "bash echo" }],
      networks: [{ driver: "nat" }],
    })
  })

  test("cannot make a text without end", async () => {
    const huge = `version: v1.1.0\nalias:\n  values: {a: ${"x".repeat(200_000)}}\nx: ${"$a".repeat(50)}\nsteps: []\n`

    expect(await problemsOf(huge)).toEqual([expect.stringContaining("once its aliases are replaced")])
  })
})

describe("secrets", () => {
  const text = `secrets:
- id: token
  keyvault: https://v.vault.azure.net/secrets/token
- id: user
  keyvault: https://v.vault.azure.net/secrets/user
  clientID: 00000000-0000-4000-8000-000000000000
steps:
- cmd: img {{ .Secrets.user }} {{ .Secrets.token }}
`

  test("are found in a first pass, asked for once, and rendered in a second one", async () => {
    const asked: SecretReference[][] = []
    const resolveSecrets: TaskFileInput["resolveSecrets"] = async (references) => {
      asked.push(references)
      return { ok: true, values: { token: "t0", user: "u0" } }
    }

    const { task } = await read(text, { resolveSecrets })

    expect(task.steps).toMatchObject([{ cmd: "img u0 t0" }])
    expect(asked).toEqual([
      [
        { id: "token", keyVault: "https://v.vault.azure.net/secrets/token", clientId: "" },
        {
          id: "user",
          keyVault: "https://v.vault.azure.net/secrets/user",
          clientId: "00000000-0000-4000-8000-000000000000",
        },
      ],
    ])
  })

  test("cost no warning of the alias section, and repeat none", async () => {
    const odd = `version: v1.1.0\nalias:\n  vlaues: {}\n${text}  wehn: []\n`

    expect(await warningsOf(odd)).toEqual([
      expect.stringMatching(/^acb.yaml:3:3: .*Did you mean values/),
      expect.stringMatching(/^acb.yaml:12:3: .*Did you mean when/),
    ])
  })

  test("that cannot be had are told where they are named", async () => {
    const resolveSecrets: TaskFileInput["resolveSecrets"] = async () => ({
      ok: false,
      problems: [{ id: "user", message: "no such secret" }],
    })

    expect(await problemsOf(text, { resolveSecrets })).toEqual([
      "acb.yaml:4:3: failed to resolve secret user: no such secret",
    ])
  })

  test("are not asked for while the file has mistakes, nor when there are none", async () => {
    const resolveSecrets = () => Promise.reject(new Error("asked"))

    expect(await problemsOf(`${text}  timeout: soon\n`, { resolveSecrets })).toHaveLength(1)
    expect(await problemsOf("steps:\n- cmd: img secrets {{ .Secrets.none }}\n", { resolveSecrets })).toEqual([])
  })
})

describe("what the run adds", () => {
  test("counts where the file is silent", async () => {
    const more = { environment: ["A=9", "B=2,C=3"], workingDirectory: "w", network: "ext" }

    const { task } = await read(
      "env: [A=1]\nsteps:\n- cmd: x\n  env: [C=own]\n- cmd: y\n  network: host\n  workingDirectory: /z\n",
      more,
    )

    expect(task.networks).toMatchObject([{ name: "ext", isExternal: true, isDefault: true }])
    expect(task.steps).toMatchObject([
      { env: ["C=own", "A=1", "B=2"], workingDirectory: "w", network: "ext" },
      { env: ["A=1", "B=2", "C=3"], workingDirectory: "/z", network: "host" },
    ])
  })
})
