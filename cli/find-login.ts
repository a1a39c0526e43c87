import { readFile } from "node:fs/promises"
import path from "node:path"
import { z } from "zod"
import { runCommand } from "../local/cli/run-command.ts"
import type { RegistryLogin } from "../shared/builders/run-spec.ts"
import { DOCKER_HUB } from "../shared/registry/image-reference.ts"

/** What of the file that docker and podman share (`config.json`, `auth.json`) says how to log in. */
const LoginFile = z.object({
  auths: z.record(z.string(), z.object({ auth: z.string().optional() })).optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
  credsStore: z.string().optional(),
})
type LoginFile = z.infer<typeof LoginFile>
const HelperAnswer = z.object({ Username: z.string(), Secret: z.string() })

/** Docker Hub's names; clients keep its login under the first. */
const HUB_NAMES = ["index.docker.io", DOCKER_HUB, "registry-1.docker.io"]
const HUB_KEY = "https://index.docker.io/v1/"
/** What a helper answers instead of a user when all it has is a token for docker itself. */
const TOKEN_USER = "<token>"

export type FoundLogin = { ok: true; login: RegistryLogin } | { ok: false; problem: string }

/**
 * The login of whoever runs the command for one registry, as `docker login` or `podman login` left it: in the file itself or with the
 * credential helper that the file names. `problem` is one line for the user and holds no secret.
 */
export async function findLogin(
  loginServer: string,
  environment: Readonly<Record<string, string>>,
): Promise<FoundLogin> {
  for (const file of loginFiles(environment)) {
    const text = await readFile(file, "utf8").catch(() => undefined)
    if (text === undefined) continue
    const config = parse(text)
    if (config === undefined) return refused(`${file} is no file of registry logins`)
    const found = entryOf(config, loginServer) ?? (await helperLogin(config, loginServer, environment))
    if (found?.userName === TOKEN_USER)
      return refused(`the login for ${loginServer} in ${file} is a token for docker itself: log in with a password`)
    if (found !== undefined) return { ok: true, login: { loginServer, ...found } }
  }
  return refused(`there is no login for ${loginServer}: docker login ${loginServer}`)
}

function loginFiles({ HOME = "", DOCKER_CONFIG, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR }: Record<string, string>) {
  return [
    path.join(DOCKER_CONFIG ?? path.join(HOME, ".docker"), "config.json"),
    ...(REGISTRY_AUTH_FILE === undefined ? [] : [REGISTRY_AUTH_FILE]),
    ...(XDG_RUNTIME_DIR === undefined ? [] : [path.join(XDG_RUNTIME_DIR, "containers", "auth.json")]),
  ]
}

type Login = { userName: string; password: string }

function entryOf({ auths = {} }: LoginFile, loginServer: string): Login | undefined {
  const names = namesOf(loginServer)
  for (const [key, { auth = "" }] of Object.entries(auths)) {
    const text = Buffer.from(auth, "base64").toString("utf8")
    const colon = text.indexOf(":")
    if (colon > 0 && names.includes(hostOf(key)))
      return { userName: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, "") }
  }
  return undefined
}

async function helperLogin(
  { credHelpers = {}, credsStore }: LoginFile,
  loginServer: string,
  environment: Readonly<Record<string, string>>,
): Promise<Login | undefined> {
  const names = namesOf(loginServer)
  const helper = Object.entries(credHelpers).find(([key]) => names.includes(hostOf(key)))?.[1] ?? credsStore
  if (helper === undefined || !/^[\w.-]+$/.test(helper)) return undefined
  const input = HUB_NAMES.includes(loginServer) ? HUB_KEY : loginServer
  const options = { env: { ...environment }, input, timeoutMs: 30_000 }
  const answer = await runCommand(`docker-credential-${helper}`, ["get"], options).catch(() => undefined)
  if (answer?.code !== 0) return undefined
  const login = HelperAnswer.safeParse(parseJson(answer.stdout))
  return login.success ? { userName: login.data.Username, password: login.data.Secret } : undefined
}

function namesOf(loginServer: string): string[] {
  return HUB_NAMES.includes(loginServer) ? HUB_NAMES : [loginServer]
}

function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, "").split("/")[0] ?? ""
}

function parse(text: string): LoginFile | undefined {
  return LoginFile.safeParse(parseJson(text)).data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refused(problem: string): FoundLogin {
  return { ok: false, problem }
}
