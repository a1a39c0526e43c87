import { existsSync } from "node:fs"
import path from "node:path"
import { repositoryRoot } from "../repository-root.ts"

/** Programs of the Docker Engine that set-up unpacked for us, absolute paths. */
export type PrivateDocker = {
  dockerd: string
  docker: string
  buildx: string
  /** For `docker run --init` and for published ports; some releases bring them in other packages. */
  init: string | undefined
  /** Folders that hold these programs, first in dockerd's search path. */
  programFolders: string[]
}

/** Where Debian's and Ubuntu's packages put them; the first that exists counts. */
const PLACES = {
  dockerd: ["usr/sbin/dockerd", "usr/bin/dockerd"],
  docker: ["usr/bin/docker"],
  buildx: ["usr/libexec/docker/cli-plugins/docker-buildx", "usr/lib/docker/cli-plugins/docker-buildx"],
  init: ["usr/bin/tini-static", "usr/bin/docker-init", "usr/libexec/docker/docker-init"],
}

/** The private Docker Engine of this data folder, else the one that set-up unpacked for the default data folder. */
export function findPrivateDocker(dataFolder: string): PrivateDocker | undefined {
  const roots = [dataFolder, path.join(repositoryRoot(), ".slipway")].map((folder) =>
    path.join(folder, "engine", "root"),
  )
  return roots.map(programsBelow).find((programs) => programs !== undefined)
}

function programsBelow(root: string): PrivateDocker | undefined {
  const find = (places: string[]) => places.map((place) => path.join(root, place)).find((file) => existsSync(file))
  const dockerd = find(PLACES.dockerd)
  const docker = find(PLACES.docker)
  const buildx = find(PLACES.buildx)
  if (dockerd === undefined || docker === undefined || buildx === undefined) return undefined
  const programFolders = ["usr/sbin", "usr/bin", "usr/libexec/docker"].map((folder) => path.join(root, folder))
  return { dockerd, docker, buildx, init: find(PLACES.init), programFolders }
}
