/** What stands behind `#` in a git location: `ref`, `ref:folder`, `:folder`; split at the first colon (task-file 7.4). */
export function readFragment(fragment: string): { ref: string; folder: string } {
  const colon = fragment.indexOf(":")
  if (colon < 0) return { ref: fragment, folder: "" }
  return { ref: fragment.slice(0, colon), folder: fragment.slice(colon + 1) }
}
