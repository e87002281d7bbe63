// Owns: `naru status`: one node in a few lines. Not here: a whole devnet (devnet/view.ts).
import type { CommandCall, CommandSpec } from '../command.ts'
import { formatTable } from '../output.ts'
import { callRpc } from '../rpc-client.ts'
import { rpcOf, TARGET_OPTIONS } from '../target.ts'

type Info = {
  readonly version: string
  readonly chainId: string
  readonly network: string
  readonly genesisHash: string
  readonly height: number
}
type Health = { readonly ready: boolean; readonly reasons: readonly { readonly code: string; readonly text: string }[] } & Record<
  string,
  unknown
>

async function runStatus(call: CommandCall): Promise<void> {
  const rpc = rpcOf(call)
  const [info, health, sync, mempool] = await Promise.all([
    callRpc<Info>(rpc, 'node_info'),
    callRpc<Health>(rpc, 'node_health'),
    callRpc<Record<string, unknown>>(rpc, 'node_sync'),
    callRpc<{ count: number }>(rpc, 'mempool_status'),
  ])
  const rows = [
    ['node', rpc],
    ['chain', `${info.chainId} (${info.network})`],
    ['version', info.version],
    ['height', String(info.height)],
    ['ready', health.ready ? 'yes' : `no: ${health.reasons.map(({ text }) => text).join('; ')}`],
    ['peers', String(health['peers'])],
    ['round', `${String(health['round'])}, ${String(health['step'])}`],
    ['mempool', String(mempool.count)],
    ['syncing', sync['syncing'] === true ? `yes, best peer at ${String(sync['bestPeerHeight'])}` : 'no'],
  ]
  call.out.result({ rpc, ...info, health, sync, mempool }, formatTable(rows))
}

/** The command `naru status`. */
export const statusCommands: readonly CommandSpec[] = [
  { path: '', about: 'How a node is doing', options: TARGET_OPTIONS, run: runStatus },
]
