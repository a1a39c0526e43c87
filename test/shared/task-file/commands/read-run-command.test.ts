import { describe, expect, test } from "vitest"
import { readRunCommand } from "../../../../shared/task-file/commands/read-run-command.ts"

const read = (text: string) => {
  const result = readRunCommand(text.split(" "))
  if (!result.ok) throw new Error(result.problems.join("\n"))
  return result.command
}
const problemsOf = (text: string) => {
  const result = readRunCommand(text.split(" "))
  return result.ok ? [] : result.problems
}

describe("a run command", () => {
  test("is an image and what goes to its program, untouched", () => {
    expect(read("alpine:3 sh -c --rm -v /:/x")).toEqual({
      options: [],
      mounts: [],
      envFiles: [],
      image: "alpine:3",
      arguments: ["sh", "-c", "--rm", "-v", "/:/x"],
      privileges: [],
      socket: undefined,
    })
  })

  test("has options in front of its image", () => {
    const command = read(
      "--rm -it -e A=b --env=C --entrypoint sh --network n1 --cpus 1.5 -p 80:80 --init=false alpine x",
    )

    expect(command.image).toBe("alpine")
    expect(command.arguments).toEqual(["x"])
    expect(command.options).toEqual([
      { name: "rm", value: "true" },
      { name: "interactive", value: "true" },
      { name: "tty", value: "true" },
      { name: "env", value: "A=b" },
      { name: "env", value: "C" },
      { name: "entrypoint", value: "sh" },
      { name: "network", value: "n1" },
      { name: "cpus", value: "1.5" },
      { name: "publish", value: "80:80" },
      { name: "init", value: "false" },
    ])
  })

  test("reads files of the workspace only", () => {
    expect(read("--env-file .env --env-file /workspace/a/../b alpine").envFiles).toEqual([
      "/workspace/.env",
      "/workspace/b",
    ])
    expect(problemsOf("--env-file /etc/passwd alpine")).toEqual([expect.stringContaining("name one below /workspace")])
    expect(problemsOf("--env-file ../x alpine")).toEqual([expect.stringContaining("name one below /workspace")])
  })

  test("without an image is a mistake, but not behind an unknown option", () => {
    expect(problemsOf("--rm")).toEqual(["the step names no image: write the image, then its arguments."])
    expect(problemsOf("--rmm")).toEqual(["unknown flag: --rmm of docker run. Did you mean --rm?"])
  })

  test("with several mistakes tells all of them", () => {
    expect(problemsOf("-v /etc:/etc --restart always --nme x alpine")).toHaveLength(3)
    expect(problemsOf("-v /etc:/etc --restart always --name x alpine")).toHaveLength(3)
  })
})

describe("what only the operator can allow", () => {
  test.each([
    ["--privileged"],
    ["--device /dev/kvm"],
    ["--cap-add SYS_ADMIN"],
    ["--security-opt seccomp=unconfined"],
    ["--pid host"],
    ["--pid=host"],
    ["--ipc host"],
    ["--uts host"],
    ["--userns host"],
    ["--cgroupns host"],
    ["--network host"],
    ["--net=host"],
    ["--network name=host,alias=x"],
    ["--gpus all"],
    ["--runtime x"],
    ["--device-cgroup-rule x"],
    ["--oom-kill-disable"],
  ])("%s is told as a fact, with its reason", (option) => {
    const { privileges } = read(`${option} alpine`)

    expect(privileges).toEqual([{ option: expect.stringMatching(/^--[a-z-]+$/), reason: expect.stringMatching(/./) }])
  })

  test.each([["--privileged=false"], ["--pid private"], ["--network bridge"], ["--ipc none"], ["--cap-drop ALL"]])(
    "%s asks for nothing",
    (option) => {
      expect(read(`${option} alpine`).privileges).toEqual([])
    },
  )

  test.each([
    ["-v /var/run/docker.sock:/var/run/docker.sock", { target: "/var/run/docker.sock", isReadOnly: false }],
    ["-v /run/docker.sock:/s:ro", { target: "/s", isReadOnly: true }],
    ["-v /var/run/../run/docker.sock:/s", { target: "/s", isReadOnly: false }],
    ["--mount type=bind,src=/var/run/docker.sock,dst=/s", { target: "/s", isReadOnly: false }],
    ["-v /run/podman/podman.sock:/s", { target: "/s", isReadOnly: false }],
  ])("%s asks for the socket", (option, socket) => {
    expect(read(`${option} alpine`)).toMatchObject({ socket, mounts: [] })
  })
})

describe("what no run may", () => {
  test.each([
    ["--network container:other", "other run"],
    ["--pid=container:other", "other run"],
    ["--ipc container:other", "other run"],
    ["--network ns:/proc/1/ns/net", "other run"],
    ["--volumes-from other", "share files through /workspace"],
    ["--volume-driver local", "driver"],
    ["--cidfile x", "file of the machine"],
    ["--label-file x", "use --label"],
    ["--cgroup-parent x", "limits"],
    ["--name x", "id of its step"],
    ["--restart always", "retries"],
    ["--log-driver none", "log"],
    ["--link x", "by their ids"],
    ["--use-api-socket", "socket"],
    ["-v /:/host", "path of the machine"],
    ["-v /etc/passwd:/x:ro", "path of the machine"],
    ["-v /workspace/../etc:/x", "path of the machine"],
    ["-v /workspacex:/x", "path of the machine"],
    ["-v ../x:/x", "path of the machine"],
    ["-v /workspace:/x:rshared", "mode rshared"],
    ["-v /workspace:x", "no absolute path"],
    ["-v a:b:c:d", "no source:target"],
    ["-v :/x", "no source:target"],
    ["-v a$b:/x", "no name of a volume"],
    ["--mount type=bind,source=/,target=/x", "path of the machine"],
    ["--mount type=volume,source=v,target=/x,volume-opt=device=/", "volume-opt is not allowed"],
    ["--mount type=npipe,source=v,target=/x", "npipe"],
    ["--mount type=bind,source=/workspace,target=/x,bind-propagation=shared", "bind-propagation"],
    ["--mount type=bind,target=/x", "path of the machine"],
  ])("%s is refused, with its reason", (option, reason) => {
    expect(problemsOf(`${option} alpine`)).toEqual([expect.stringContaining(reason)])
  })
})

describe("mounts", () => {
  const workspace = (path: string) => ({ type: "workspace", path })
  test.each([
    ["-v /workspace:/src", { source: workspace("/workspace"), target: "/src", isReadOnly: false }],
    ["-v /workspace/a/../b:/src/:ro", { source: workspace("/workspace/b"), target: "/src/", isReadOnly: true }],
    ["-v ./a:/src", { source: workspace("/workspace/a"), target: "/src", isReadOnly: false }],
    ["-v data:/data:rw,z", { source: { type: "volume", name: "data" }, target: "/data", isReadOnly: false }],
    ["-v /data", { source: { type: "anonymous" }, target: "/data", isReadOnly: false }],
    [
      "--mount type=bind,source=/workspace,target=/src,readonly",
      { source: workspace("/workspace"), target: "/src", isReadOnly: true },
    ],
    [
      "--mount source=data,destination=/data,ro=false",
      { source: { type: "volume", name: "data" }, target: "/data", isReadOnly: false },
    ],
    ["--mount target=/data", { source: { type: "anonymous" }, target: "/data", isReadOnly: false }],
    ["--mount type=tmpfs,dst=/t", { source: { type: "tmpfs" }, target: "/t", isReadOnly: false }],
    [
      '--mount type=bind,"source=/workspace/a,b",target=/src',
      { source: workspace("/workspace/a,b"), target: "/src", isReadOnly: false },
    ],
  ])("%s", (option, mount) => {
    expect(read(`${option} alpine`).mounts).toEqual([mount])
  })
})
