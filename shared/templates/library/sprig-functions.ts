import { certificateFunctions } from "./certificate-functions.ts"
import { cryptoFunctions } from "./crypto-functions.ts"
import { defaultFunctions } from "./default-functions.ts"
import type { FunctionTable } from "./define-function.ts"
import { encodingFunctions } from "./encoding-functions.ts"
import { listFunctions } from "./list-functions.ts"
import { mapFunctions } from "./map-functions.ts"
import { numberFunctions } from "./number-functions.ts"
import { pathFunctions } from "./path-functions.ts"
import { randomFunctions } from "./random-functions.ts"
import { regexFunctions } from "./regex-functions.ts"
import { semverFunctions } from "./semver-functions.ts"
import { splitFunctions } from "./split-functions.ts"
import { textFunctions } from "./text-functions.ts"
import { timeFunctions } from "./time-functions.ts"
import { urlFunctions } from "./url-functions.ts"

/** All 150 functions of sprig 2.22, `b64enc` as ACR overrides it (task-file 4). */
export const sprigFunctions: FunctionTable = {
  ...certificateFunctions,
  ...cryptoFunctions,
  ...defaultFunctions,
  ...encodingFunctions,
  ...listFunctions,
  ...mapFunctions,
  ...numberFunctions,
  ...pathFunctions,
  ...randomFunctions,
  ...regexFunctions,
  ...semverFunctions,
  ...splitFunctions,
  ...textFunctions,
  ...timeFunctions,
  ...urlFunctions,
}
