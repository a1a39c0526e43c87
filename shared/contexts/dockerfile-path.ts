import { posix } from "node:path"

/**
 * Where the Dockerfile of a build is, relative to where the build's own paths begin (task-file 7.1). `contextFolder` is the folder
 * of the context once it is fetched, `file` the text of `-f`, empty when there is none. Of a local context `-f` counts from the
 * working directory, of a fetched one from what was fetched.
 */
export function dockerfilePath(isLocal: boolean, contextFolder: string, file: string): string {
  if (isLocal && file !== "") return posix.normalize(file)
  return posix.join(contextFolder, file === "" ? "Dockerfile" : file)
}
