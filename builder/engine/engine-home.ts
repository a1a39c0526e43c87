import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { DOCKER_HUB } from "../../shared/registry/image-reference.ts"
import { removeTree } from "../remove-tree.ts"

export type RegistryAuth = { loginServer: string; userName: string; password: string }

/**
 * The run's own folder for an engine's client: home, temporary files, registry logins (`config.json`, the format that docker
 * and podman share). Nothing of the operator's home, logins or settings is seen by a run.
 */
export async function createEngineHome(workFolder: string) {
  const folder = join(workFolder, "engine")
  const paths = {
    folder,
    home: join(folder, "home"),
    temporary: join(folder, "tmp"),
    credentials: join(folder, "credentials"),
    loginFile: join(folder, "credentials", "config.json"),
    registriesFile: join(folder, "registries.conf"),
  }
  const auths: Record<string, { auth: string }> = {}

  async function writeLogins(): Promise<void> {
    await writeFile(paths.loginFile, JSON.stringify({ auths }), { mode: 0o600 })
  }

  await mkdir(folder, { recursive: true, mode: 0o700 })
  await Promise.all([paths.home, paths.temporary, paths.credentials].map((path) => mkdir(path, { mode: 0o700 })))
  await writeLogins()

  return {
    ...paths,
    /** Sent by the engine to that login server and to no other. */
    async addLogin({ loginServer, userName, password }: RegistryAuth): Promise<void> {
      auths[loginKey(loginServer)] = { auth: Buffer.from(`${userName}:${password}`, "utf8").toString("base64") }
      await writeLogins()
    },
    /** The login for a registry as `user:password` in base64. */
    authOf: (registry: string) => auths[loginKey(registry)]?.auth,
    async remove(): Promise<void> {
      await removeTree(folder)
    },
  }
}
/** Docker's old name of its own registry is the only one that clients look up. */
export function loginKey(loginServer: string): string {
  return loginServer === DOCKER_HUB ? "https://index.docker.io/v1/" : loginServer
}

export type EngineHome = Awaited<ReturnType<typeof createEngineHome>>

/**
 * podman's registry settings for this run: the host's, plus plain HTTP for `insecureRegistries` (engines 6, difference 15)
 * and Docker Hub for names without a host, where the host's settings do not say (difference 16).
 */
export async function writeRegistriesFile(file: string, hostFile: string, insecureRegistries: string[]): Promise<void> {
  const host = await readFile(hostFile, "utf8").catch(() => "")
  const settings = host.replace(/^\s*#.*$/gm, "")
  const search = settings.includes("unqualified-search-registries")
    ? ""
    : `unqualified-search-registries = ["${DOCKER_HUB}"]\n`
  const insecure = insecureRegistries
    .filter((registry) => !settings.includes(`"${registry}"`))
    .map((registry) => `\n[[registry]]\nlocation = ${JSON.stringify(registry)}\ninsecure = true\n`)
  await writeFile(file, `${search}${host}\n${insecure.join("")}`)
}
