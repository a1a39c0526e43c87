// Writes docs/task-file.schema.json for editors: `node scripts/task-file-schema.ts`; a test holds it equal to the schema.
import { writeFileSync } from "node:fs"
import { taskFileJsonSchema } from "../shared/task-file/task-file-json-schema.ts"

const FILE = new URL("../docs/task-file.schema.json", import.meta.url)

writeFileSync(FILE, taskFileJsonSchema())
