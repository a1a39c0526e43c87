import { readInstructions } from "../../shared/dockerfile/read-instructions.ts"
import { splitWords } from "../../shared/dockerfile/split-words.ts"
import { EngineError } from "./engine-error.ts"

type Argument = { name: string; value: string }

/**
 * Names that mean something to podman itself, to what it starts or to the loader: as its environment they would change
 * where it looks, whom it trusts or which code it runs.
 */
const RESERVED = new RegExp(
  `^(?:${[
    "PATH|HOME|USER|LOGNAME|SHELL|PWD|OLDPWD|TERM|TMP|TEMP|TMPDIR|TZ|TZDIR|LANG|LANGUAGE|IFS|ENV|BASH_ENV|HOSTNAME",
    "GODEBUG|GOTRACEBACK|GOGC|GOMAXPROCS|GOMEMLIMIT|GORACE|GOCOVERDIR|GLIBC_TUNABLES|GCONV_PATH|LOCPATH|NLSPATH|HOSTALIASES",
    "LOCALDOMAIN|RES_OPTIONS|NOTIFY_SOCKET|SSH_AUTH_SOCK|container|ISOLATION",
    "(?:_|LC_|LD_|MALLOC_|RUST|SSL_|TLS_|XDG_|DBUS_|SYSTEMD_|LISTEN_|JOURNAL_|INVOCATION_|GNUPG|GPG|XTABLES_|NFT_|IPTABLES_)[\\s\\S]*",
    "(?:DOCKER|BUILDX|BUILDKIT|BUILDAH|PODMAN|LIBPOD|CONTAINER|CONTAINERS|CONMON|STORAGE|REGISTR|NETAVARK|AARDVARK|CNI|OCI|RUNC|CRUN|OTEL)[A-Z_][\\s\\S]*",
    "(?:HTTP|HTTPS|FTP|NO|ALL)_PROXY",
  ].join("|")})$`,
)
const PROXY = /^(?:HTTP|HTTPS|FTP|NO|ALL)_PROXY$/i

/** True when the argument must not become part of the environment of the program that builds. */
export function isReservedArgument(name: string): boolean {
  return RESERVED.test(name) || PROXY.test(name) || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
}

/**
 * The Dockerfile with the values of reserved arguments written in: after each `ARG` that declares one stands a second `ARG`
 * with the value as its default, and the proxy names, which need no declaration, are declared in every stage. For podman
 * only, which takes values from its own environment or its argument list and from nowhere else.
 */
export function withReservedArguments(text: string, reserved: readonly Argument[]): string {
  if (reserved.length === 0) return text
  const { instructions, escapeCharacter } = readInstructions(text)
  const lines = text.split("\n")
  const isStageOpen = instructions.map((_, at) =>
    instructions.slice(0, at + 1).some(({ keyword }) => keyword === "FROM"),
  )
  for (const [at, { keyword, rest, endLine }] of [...instructions.entries()].reverse()) {
    const declared = keyword === "ARG" ? splitWords(rest, escapeCharacter).map((word) => word.split("=")[0]) : []
    const given = reserved.filter(({ name }) => {
      return declared.includes(name) || (keyword === "FROM" && isStageOpen[at] && PROXY.test(name))
    })
    lines.splice(endLine, 0, ...given.map(argumentLine))
  }
  return lines.join("\n")
}

/** The very line that {@link withReservedArguments} adds: an engine that prints it must not be quoted. */
export function argumentLine({ name, value }: Argument): string {
  if (/[\r\n]/.test(value) || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new EngineError(
      "DockerfileInvalid",
      `podman cannot take the build argument ${name}: its name or a line break`,
    )
  }
  return `ARG ${name}='${value.replaceAll("'", `'"'"'`)}'`
}
