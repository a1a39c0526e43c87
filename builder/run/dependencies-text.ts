import type { ImageDependencies } from "../../shared/builders/builder-messages.ts"
import type { ImageDescriptor } from "../../shared/registry/image-descriptor.ts"

/** The dependencies as the lines that ACR's service prints, which look like YAML (task-file 9). */
export function dependenciesText(dependencies: ImageDependencies[]): string[] {
  return dependencies.flatMap(({ image, runtime, buildtime, gitRevision }) => {
    const lines = [
      ...(image === undefined ? [] : ["image:", ...fields(image)]),
      ...(runtime === undefined ? [] : ["runtime-dependency:", ...fields(runtime)]),
      ...(buildtime.length === 0 ? [] : ["buildtime-dependency:", ...buildtime.flatMap(item)]),
      ...(gitRevision === undefined ? ["git: {}"] : ["git:", `  git-head-revision: ${gitRevision}`]),
    ]
    return lines.map((line, index) => `${index === 0 ? "- " : "  "}${line}`)
  })
}

function fields({ registry, repository, tag, digest }: ImageDescriptor): string[] {
  return [
    `  registry: ${registry}`,
    `  repository: ${repository}`,
    ...(tag === undefined ? [] : [`  tag: ${tag}`]),
    ...(digest === undefined ? [] : [`  digest: ${digest}`]),
  ]
}

function item(image: ImageDescriptor): string[] {
  return fields(image).map((line, index) => (index === 0 ? `- ${line.trimStart()}` : line))
}
