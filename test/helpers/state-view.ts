// Owns: reading a running node's whole state for assertions. Not here: reads of the product (rpc).
import { wallets } from '../../modules/payment/store.ts'
import { STATE_PREFIX } from '../../node/storage/keys.ts'
import type { ChainNode } from '../../node/chain-node.ts'
import { REGISTRY } from '../../modules/registry.ts'
import type { Cluster } from './cluster.ts'

/** What a named account may spend, as one node has it. */
export function balanceOf(cluster: Cluster, index: number, name: string): bigint {
  const node = cluster.nodes[index]?.running
  const account = cluster.accounts.get(name)
  if (node === null || node === undefined || account === undefined) throw new Error(`no running node ${index} or account ${name}`)
  return wallets.get(node.state, account.address)?.balance ?? 0n
}

/** Every broken invariant of every room over a node's state. */
export async function brokenInvariants(node: ChainNode): Promise<readonly string[]> {
  const records: (readonly [string, Uint8Array])[] = []
  for await (const [key, value] of node.options.store.range({ gte: STATE_PREFIX, lt: 's0' }))
    records.push([key.slice(STATE_PREFIX.length), value])
  const scan = (prefix: string) => records.filter(([key]) => key.startsWith(prefix))
  return REGISTRY.modules.flatMap((room) => room.checkInvariants?.(scan) ?? [])
}
