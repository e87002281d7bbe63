// Owns: bad networks on a devnet: who is cut from whom, who is slow, told to each node's operator socket.
// Not here: how links fail (node/network).
import { parseDelay } from '../duration.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import { callRpc } from '../rpc-client.ts'
import { nodeAddresses } from './layout.ts'
import type { Layout, NodePlace } from './layout.ts'
import { findNode } from './names.ts'
import { livePid } from './processes.ts'

type Fault = { readonly drop: boolean; readonly delayMs: number; readonly jitterMs: number; readonly lossPercent: number }

/** One link as one node sees it. */
export type LinkChange = { readonly node: string; readonly peer: string; readonly fault: Fault | null }

/** Groups of names of `v1,v2 | v3,v4`. Throws a usage error unless there are two groups or more without a name in common. */
export function parseGroups(layout: Layout, words: readonly string[]): readonly (readonly NodePlace[])[] {
  const groups = words
    .join(' ')
    .split('|')
    .map((group) => group.split(/[\s,]+/).filter((name) => name !== ''))
  if (groups.length < 2 || groups.some((group) => group.length === 0)) refuseUsage("write the groups as v1,v2 '|' v3,v4")
  const names = groups.flat()
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) refuseUsage(`${twice} stands in two groups`)
  return groups.map((group) => group.map((name) => findNode(layout, name)))
}

/** Cuts every link between the groups, on both sides. */
export async function splitNetwork(dir: string, layout: Layout, words: readonly string[]): Promise<readonly LinkChange[]> {
  const groups = parseGroups(layout, words)
  const fault: Fault = { drop: true, delayMs: 0, jitterMs: 0, lossPercent: 0 }
  const links = groups.flatMap((group) => groups.filter((other) => other !== group).flatMap((other) => pairs(group, other)))
  return applyFaults(dir, links, fault)
}

/** Slows everything to and from the named nodes. */
export async function delayNetwork(
  dir: string,
  layout: Layout,
  names: readonly string[],
  delay: string,
): Promise<readonly LinkChange[]> {
  return applyFaults(dir, linksOf(layout, names), { drop: false, ...parseDelay(delay), lossPercent: 0 })
}

/** Loses a share of the messages to and from the named nodes. */
export async function loseNetwork(
  dir: string,
  layout: Layout,
  names: readonly string[],
  share: string,
): Promise<readonly LinkChange[]> {
  const lossPercent = Number(/^(\d{1,3})%?$/.exec(share)?.[1])
  if (!(lossPercent >= 1 && lossPercent <= 100)) refuseUsage(`${JSON.stringify(share)} is no loss; write 1% to 100%`)
  return applyFaults(dir, linksOf(layout, names), { drop: false, delayMs: 0, jitterMs: 0, lossPercent })
}

// Each link is worsened by one of its ends only, or the fault would count twice.
function linksOf(layout: Layout, names: readonly string[]): (readonly [NodePlace, NodePlace])[] {
  const slow = names.map((name) => findNode(layout, name))
  return slow.flatMap((node, index) =>
    pairs(
      [node],
      layout.nodes.filter((other) => other !== node && !slow.slice(0, index).includes(other)),
    ),
  )
}

/** Makes every link whole again. */
export async function healNetwork(dir: string, layout: Layout): Promise<readonly LinkChange[]> {
  const running = layout.nodes.filter(({ name }) => livePid(dir, name) !== null)
  return applyFaults(
    dir,
    pairs(running, layout.nodes).filter(([node, peer]) => node !== peer),
    null,
  )
}

function pairs(from: readonly NodePlace[], to: readonly NodePlace[]): (readonly [NodePlace, NodePlace])[] {
  return from.flatMap((node) => to.map((peer) => [node, peer] as const))
}

async function applyFaults(
  dir: string,
  links: readonly (readonly [NodePlace, NodePlace])[],
  fault: Fault | null,
): Promise<readonly LinkChange[]> {
  const stopped = links.find(([node]) => livePid(dir, node.name) === null)
  if (stopped !== undefined) {
    throw new CliError(EXIT.unreachable, 'NODE_NOT_RUNNING', `${stopped[0].name} is not running, so its links cannot be changed`)
  }
  await Promise.all(
    links.map(([node, peer]) =>
      callRpc(`unix:${nodeAddresses(dir, node).admin}`, 'admin_setLinkFault', { peer: peer.peerId, fault }, 5_000),
    ),
  )
  return links.map(([node, peer]) => ({ node: node.name, peer: peer.name, fault }))
}
