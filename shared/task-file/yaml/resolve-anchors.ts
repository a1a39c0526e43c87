import { type Alias, isAlias, type Node, visit } from "yaml"

/**
 * What each alias (`*name`) of a document stands for: the nearest node above with that anchor. Undefined for one that stands for
 * nothing. One walk, where the parser's own look-up walks the document for each alias.
 */
export function resolveAnchors(root: Node): Map<Alias, Node | undefined> {
  const anchors = new Map<string, Node>()
  const targets = new Map<Alias, Node | undefined>()
  visit(root, {
    Node: (_key, node) => {
      if (isAlias(node)) targets.set(node, anchors.get(node.source))
      else if (node.anchor !== undefined) anchors.set(node.anchor, node)
    },
  })
  return targets
}
