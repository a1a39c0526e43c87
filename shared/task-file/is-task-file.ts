/** Scripts count as task files, though only YAML can be read. */
const EXTENSIONS = /\.(?:yaml|yml|toml|json|sh|bash|zsh|ps1|ps|cmd|bat|ts|js|php|py|rb|lua)$/i

/** Whether a file that a request names is a task file; any other one is a Dockerfile (task-file 10). */
export function isTaskFile(path: string): boolean {
  return EXTENSIONS.test(path)
}
