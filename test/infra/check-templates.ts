import { checkSyntax, type Problem } from "./bicep-syntax.ts"
import { checkModules, checkParameterFile } from "./check-modules.ts"
import { checkNames } from "./check-names.ts"
import { checkResources } from "./check-resources.ts"
import { checkKeys, checkSecretFlow } from "./check-secrets.ts"
import { readTemplate, readTemplates } from "./read-template.ts"

/**
 * Everything that can be said about templates without a Bicep compiler, one line a problem: `file:line message`.
 * Where a text cannot be parsed, only that is said.
 */
export function checkTemplates(texts: Record<string, string>, parameterFiles: Record<string, string> = {}): string[] {
  const templates = readTemplates(texts)
  const parameters = Object.entries(parameterFiles).map(([file, text]) => readTemplate(file, text))
  const all = [...templates.values(), ...parameters]
  const broken = all.flatMap(({ file, root }) => checkSyntax(file, root))
  if (broken.length > 0) return broken.map(lineOf)
  return [
    ...all.flatMap(checkNames),
    ...all.flatMap(checkKeys),
    ...[...templates.values()].flatMap((template) => [
      ...checkResources(template, templates),
      ...checkModules(template, templates),
      ...checkSecretFlow(template, templates),
    ]),
    ...parameters.flatMap((parameter) => checkParameterFile(parameter, templates)),
  ].map(lineOf)
}

function lineOf({ file, line, message }: Problem): string {
  return `${file}:${line} ${message}`
}
