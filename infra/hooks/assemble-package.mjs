// Run by azd before it packages the service (azure.yaml): puts into one folder exactly what Azure runs. The bundle holds every
// dependency, so the package.json that goes along names none and nothing is installed in Azure.
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { argv } from "node:process"
import { fileURLToPath } from "node:url"

/**
 * Writes the deployable folder. Errors: the file system's, when the bundle or host.json is not there yet.
 * @param {string} root the repository
 * @param {string} target replaced if it exists
 */
export async function assemblePackage(root, target) {
  const { name, version, type, main } = JSON.parse(await readFile(join(root, "package.json"), "utf8"))
  await rm(target, { recursive: true, force: true })
  await mkdir(dirname(join(target, main)), { recursive: true })
  await copyFile(join(root, main), join(target, main))
  await copyFile(join(root, "host.json"), join(target, "host.json"))
  await writeFile(join(target, "package.json"), JSON.stringify({ name, version, private: true, type, main }, null, 2))
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL("../..", import.meta.url))
  await assemblePackage(root, join(root, ".slipway", "package"))
}
