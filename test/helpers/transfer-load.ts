// Owns: a closed-loop load of small transfers for tests that break nodes: each account has one transaction in flight, offers the same
// bytes until some node tells its end, and remembers what was acknowledged as final. Not here: rates and latencies (bench/load.ts).
import { setTimeout as sleep } from 'node:timers/promises'
import { toHex } from '../../core/base/bytes.ts'
import type { DevAccount } from '../../cli/devnet/accounts.ts'
import { DEV_KEY_ID } from '../../cli/devnet/accounts.ts'
import type { ChainRef } from '../../sdk/chain.ts'
import { createClient } from '../../sdk/client.ts'
import { NodeError } from '../../core/base/errors.ts'
import { RpcError } from '../../sdk/errors.ts'
import type { TxStatusJson } from '../../sdk/methods.ts'
import { transfer } from '../../sdk/rooms.ts'
import { buildTransaction, signTransaction } from '../../sdk/transaction.ts'
import { createWallet } from '../../sdk/wallet.ts'

/** A transaction that a node called final. */
export type Acknowledged = { readonly txId: string; readonly height: number }

/** A load that runs until `stop`, which waits for what is in flight. */
export type TransferLoad = {
  readonly acknowledged: readonly Acknowledged[]
  /** Answers that are no success and no broken connection; a right chain gives none. */
  readonly faults: readonly string[]
  readonly stop: () => Promise<void>
}

type Parts = { readonly urls: readonly string[]; readonly chain: ChainRef; readonly accounts: readonly DevAccount[] }

const WAIT_MS = 4_000
const VALID_AHEAD = 500

/** Starts one loop per account; account i pays one won to account i + 1, over and over. */
export function startTransferLoad(parts: Parts): TransferLoad {
  const acknowledged: Acknowledged[] = []
  const faults: string[] = []
  let stopped = false
  const clients = parts.urls.map((url) => createClient({ url, timeoutMs: WAIT_MS + 2_000 }))
  const { chain, accounts } = parts

  // The same bytes to one node after the other, until one tells the end.
  const settle = async (hex: string, first: number): Promise<TxStatusJson> => {
    for (let attempt = 0; ; attempt++) {
      const client = clients[(first + attempt) % clients.length]
      try {
        const status = await client?.call('tx_submitAndWait', { tx: hex, timeoutMs: WAIT_MS })
        if (status !== undefined && status.status !== 'pending' && status.status !== 'unknown') return status
      } catch (error) {
        const isBroken = error instanceof NodeError || (error instanceof RpcError && error.data.retryable === true)
        if (!isBroken) throw error
        await sleep(50)
      }
    }
  }

  const run = async (account: DevAccount, index: number): Promise<void> => {
    const wallet = createWallet({ seed: account.seed, keyId: DEV_KEY_ID, network: chain.network })
    const to = (accounts[(index + 1) % accounts.length] as DevAccount).id
    const first = clients[index % clients.length]?.call('account_getNonce', { account: wallet.address })
    let height = (await first)?.context.height ?? 0
    for (let nonce = BigInt((await first)?.value.next ?? '0'); !stopped; nonce++) {
      const envelope = { chain, sender: wallet.account, keyId: wallet.keyId, nonce, validUntil: height + VALID_AHEAD }
      const tx = signTransaction(buildTransaction({ ...envelope, ...transfer(chain, { to, amount: 1n }) }), wallet)
      const status = await settle(`0x${toHex(tx.bytes)}`, index + Number(nonce))
      if (status.status !== 'final' || status.receipt.code !== 0) {
        faults.push(`${account.name} nonce ${nonce}: ${JSON.stringify(status)}`)
        return
      }
      height = status.height
      acknowledged.push({ txId: status.hash, height })
    }
  }

  const loops = accounts.map((account, index) =>
    run(account, index).catch((error: unknown) => {
      faults.push(`${account.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    }),
  )
  return {
    acknowledged,
    faults,
    async stop() {
      stopped = true
      await Promise.all(loops)
      for (const client of clients) client.close()
    },
  }
}
