import { randomUUID } from "node:crypto"
import { rename, writeFile } from "node:fs/promises"

/** Writes a file that only its user may read, whole or not at all: it appears under its name once its content is there. */
export async function writePrivateFile(file: string, content: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, content, { mode: 0o600, flag: "wx", flush: true })
  await rename(draft, file)
}

/** The same for what everyone may read (certificates). */
export async function writePublicFile(file: string, content: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, content, { mode: 0o644, flag: "wx", flush: true })
  await rename(draft, file)
}
