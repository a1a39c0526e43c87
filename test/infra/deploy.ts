import { evaluate, type Values } from "./evaluate.ts"
import { declared, modulePath, type Template, type Templates } from "./read-template.ts"

/** A resource as it would be sent to Azure. */
export type Deployed = { type: string; symbol: string; isExisting: boolean; body: Values }

/**
 * Works out what a template would send to Azure, its modules included, in the order of their declarations.
 * @param answer what Azure would add to a resource: ids, endpoints
 * @param context values of argument-less functions such as `tenant()`
 */
export function deploy(
  templates: Templates,
  file: string,
  params: Values,
  answer: (type: string, body: Values) => Values,
  context: Values,
): { resources: Deployed[]; outputs: Values } {
  const template = templates.get(file)
  if (template === undefined) throw new Error(`no template ${file}`)
  const values: Values = { ...context }
  const resources: Deployed[] = []
  for (const { name, value } of declared(template, "param")) values[name] = params[name] ?? evaluate(value, values)
  for (const declaration of template.declarations) {
    const { kind, name, value } = declaration
    if (kind === "var") values[name] = evaluate(value, values)
    if (kind === "resource") {
      const type = declaration.type.split("@")[0] ?? ""
      const result = evaluate(value, values)
      const bodies = (Array.isArray(result) ? result : [result]).filter((body) => body !== undefined) as Values[]
      for (const body of bodies) resources.push({ type, symbol: name, isExisting: declaration.isExisting, body })
      values[name] = bodies[0] === undefined ? undefined : merged(bodies[0], answer(type, bodies[0]))
    }
    if (kind === "module") {
      const inner = deploy(
        templates,
        modulePath(template, declaration),
        paramsOf(template, name, values),
        answer,
        context,
      )
      resources.push(...inner.resources)
      values[name] = { outputs: inner.outputs }
    }
  }
  const outputs = declared(template, "output").map(({ name, value }) => [name, evaluate(value, values)] as const)
  return { resources, outputs: Object.fromEntries(outputs) }
}

function paramsOf(template: Template, module: string, values: Values): Values {
  const declaration = declared(template, "module").find(({ name }) => name === module)
  return (evaluate(declaration?.value, values) as { params?: Values }).params ?? {}
}

function merged(body: Values, added: Values): Values {
  return { ...body, ...added, properties: { ...(body.properties as Values), ...(added.properties as Values) } }
}
