/**
 * The name under which `az acr build` tags an image (task-file 3.2): in the run's registry, unless it begins with one of the known
 * registries or with `library/`. Task files name their images in full and are not changed.
 */
export function prefixImage(image: string, registry: string, knownRegistries: readonly string[]): string {
  const isKnown = knownRegistries.some((known) => known !== "" && image.startsWith(`${known}/`))
  return registry === "" || isKnown || image.startsWith("library/") ? image : `${registry}/${image}`
}
