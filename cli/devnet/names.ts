// Owns: finding a node of a devnet by its name. Not here: accounts by name (target.ts).
import { findNearest } from '../../rpc/nearest.ts'
import { refuseUsage } from '../errors.ts'
import type { Layout, NodePlace } from './layout.ts'

/** The node of this name. Throws a usage error with the nearest name. */
export function findNode(layout: Layout, name: string): NodePlace {
  const found = layout.nodes.find((node) => node.name === name)
  if (found !== undefined) return found
  const known = layout.nodes.map((node) => node.name)
  const nearest = findNearest(name, known)
  return refuseUsage(
    `there is no node ${name}; ${nearest === null ? `known are ${known.join(', ')}` : `did you mean ${nearest}?`}`,
  )
}
