import { mkdir, readFile, rename, writeFile } from "node:fs/promises"
import path from "node:path"
import { problemsOf } from "../shared/problems-of.ts"
import { envScript } from "./env-script.ts"
import { freePort, isPortFree } from "./free-port.ts"
import { type FirstStart, makeStackState } from "./make-stack-state.ts"
import { servicePrincipalOf } from "./principal-of.ts"
import { StackState } from "./stack-state.ts"
import { INNER_HOST } from "./stack-urls.ts"
import { ensureCertificates } from "./tls/ensure-certificates.ts"

export type OpenStackOptions = FirstStart & {
  /** The operator's environment; `SSL_CERT_FILE` in it counts as the system's certificates. */
  env: Record<string, string | undefined>
}

const FOLDERS = ["run", "logs", "builds", "ca", "az", "storage", "service-bus", "registry", "engine"]
/** Known to nobody but the parts, so another one does as well. */
const INNER_PORTS = ["hostPort", "blobPort", "tablePort", "serviceBusPort"] as const

/**
 * The stack of a data folder, ready for its parts to start: made at the first call, kept ever after. The caller holds the
 * data folder's lock. Errors: a port that is taken (with the setting that moves it), a `stack.json` that is not ours.
 */
export async function openStack(options: OpenStackOptions): Promise<StackState> {
  for (const folder of ["", ...FOLDERS]) {
    await mkdir(path.join(options.dataFolder, folder), { recursive: true, mode: 0o700 })
  }
  const known = await readStack(options.dataFolder)
  const stack = known === undefined ? await makeStackState(options) : await move(known, options)
  await checkOuterPorts(stack)
  if (JSON.stringify(stack) !== JSON.stringify(known)) await writePrivate(stackFile(options.dataFolder), stack)
  await ensureCertificates(path.join(stack.dataFolder, "ca"), certificateNames(stack), {
    systemBundleFile: systemBundleFile(options.env),
  })
  await writeSignInFiles(stack)
  return stack
}

/** The stack that was made in this folder, if any. Errors: a file that cannot be read as one. */
export async function readStack(dataFolder: string): Promise<StackState | undefined> {
  const file = stackFile(dataFolder)
  let text: string
  try {
    text = await readFile(file, "utf8")
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined
    throw error
  }
  const result = StackState.safeParse(parseJson(text))
  if (result.success) return result.data
  throw new Error(`${file} cannot be used: ${problemsOf(result.error).join("; ")}. Restore it, or remove ${dataFolder}`)
}

/** The same stack where its settings or its machine have changed: another folder, address or front port, inner ports taken. */
async function move(known: StackState, options: OpenStackOptions): Promise<StackState> {
  if (options.registryPort !== undefined && options.registryPort !== known.registry.port) {
    throw new Error(
      `SLIPWAY_REGISTRY_PORT is ${options.registryPort}, but this stack's registry has port ${known.registry.port} for good, since its images are named after it`,
    )
  }
  const stack = { ...known, dataFolder: options.dataFolder, host: options.host }
  stack.frontPort = options.frontPort ?? known.frontPort
  const taken = new Set([stack.frontPort, stack.registry.port])
  for (const name of INNER_PORTS) {
    const isUsable = !taken.has(stack[name]) && (await isPortFree(INNER_HOST, stack[name]))
    if (isUsable) taken.add(stack[name])
    else stack[name] = await freePort(INNER_HOST, taken)
  }
  return stack
}

async function checkOuterPorts({ host, frontPort, registry }: StackState): Promise<void> {
  if (frontPort === registry.port) throw new Error(`port ${frontPort} cannot be both the front's and the registry's`)
  if (!(await isPortFree(host, frontPort))) {
    throw new Error(`port ${frontPort} is taken by another program: choose another one with SLIPWAY_PORT`)
  }
  if (!(await isPortFree(host, registry.port))) {
    throw new Error(
      `port ${registry.port}, which this stack's registry keeps for good, is taken by another program: end that`,
    )
  }
}

function certificateNames({ host }: StackState): string[] {
  return [...new Set(["localhost", "127.0.0.1", ...(host === "0.0.0.0" ? [] : [host])])]
}

/** A shell that sourced an `env.sh` names a bundle of ours there. */
function systemBundleFile(env: OpenStackOptions["env"]): string | undefined {
  const file = env.SSL_CERT_FILE
  return file === undefined || file === "" || file.endsWith("/ca/bundle.pem") ? undefined : file
}

async function writeSignInFiles(stack: StackState): Promise<void> {
  const at = (name: string) => path.join(stack.dataFolder, name)
  await writeFile(at("az-secret"), `${servicePrincipalOf(stack, "admin").secret}\n`, { mode: 0o600 })
  await writeFile(at("env.sh"), envScript(stack), { mode: 0o600 })
}

async function writePrivate(file: string, content: unknown): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

function stackFile(dataFolder: string): string {
  return path.join(dataFolder, "stack.json")
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
