/**
 * The images of a push step (task-file 3.3): `:latest` is added where the text holds neither `:` nor `@` (so a registry's port
 * suppresses it, which means the same), and none is there twice.
 */
export function pushedImages(images: readonly string[]): string[] {
  return [...new Set(images.map((image) => (/[:@]/.test(image) ? image : `${image}:latest`)))]
}
