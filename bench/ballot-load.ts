// Owns: floods of ballots: many carriers, each with one ballot on its way, until the time is over.
// Not here: the ballots (polls.ts).
import { setTimeout as sleep } from 'node:timers/promises'
import { toHex } from '../core/base/bytes.ts'
import type { DevAccount } from '../cli/devnet/accounts.ts'
import { callMethod, post, readHeadHeight } from './json-rpc.ts'
import { carrierOf } from './polls.ts'
import type { Order } from './polls.ts'

/** What to cast, who carries it, where. Carrier i sends to node i modulo all; `nonces` are what each carrier takes next. */
export type BallotLoad = {
  readonly rpcUrls: readonly string[]
  readonly genesisHash: string
  readonly carriers: readonly DevAccount[]
  readonly nonces: bigint[]
  /** The next ballot of a carrier by its place, or null when it has none. */
  readonly next: (carrier: number) => Order | null
  readonly seconds: number
}

/** What became of the ballots; `seconds` from the first to the last that was final (or answered, of a flood of forgeries). */
export type BallotResult = {
  readonly sent: number
  readonly final: number
  readonly seconds: number
  readonly errors: Readonly<Record<string, number>>
}

const FOLLOW_MS = 10
const RETRY_MS = 50
const FINAL_WAIT_MS = 60_000

type Follower = { readonly wait: (id: string) => Promise<boolean>; readonly stop: () => Promise<void> }

// Tells who waits for a transaction when a block has it.
async function follow(url: string): Promise<Follower> {
  const waiting = new Map<string, (isFinal: boolean) => void>()
  let height = await readHeadHeight(url)
  let stopped = false
  const run = async (): Promise<void> => {
    while (!stopped) {
      const head = await readHeadHeight(url).catch(() => height)
      for (; height < head; height++) {
        const params = { height: height + 1, full: false }
        const block = await callMethod<{ value: { txs: readonly string[] } }>(url, 'chain_getBlock', params)
        for (const id of block.value.txs) waiting.get(id)?.(true)
      }
      await sleep(FOLLOW_MS)
    }
    for (const tell of waiting.values()) tell(false)
  }
  const done = run()
  return {
    wait: (id) =>
      new Promise((tell) => {
        const end = (isFinal: boolean): void => {
          clearTimeout(timer)
          waiting.delete(id)
          tell(isFinal)
        }
        const timer = setTimeout(() => end(false), FINAL_WAIT_MS)
        waiting.set(id, end)
      }),
    async stop() {
      stopped = true
      await done
    },
  }
}

type Answer = { readonly error?: { readonly data?: { readonly code?: string }; readonly message: string } }

async function submit(url: string, hex: string): Promise<string | null> {
  try {
    const answer = (await post(url, { jsonrpc: '2.0', id: 1, method: 'tx_submit', params: { tx: hex } })) as Answer
    return answer.error === undefined ? null : (answer.error.data?.code ?? answer.error.message)
  } catch (error) {
    return (error as { code?: string }).code ?? 'CONNECTION'
  }
}

// What a client sends again a moment later.
const isBusy = (code: string): boolean => code.startsWith('MEMPOOL_') || code === 'RPC_BUSY' || code.startsWith('E')

/** Casts ballots, one of each carrier at a time, until none is left or the time is over; what is on its way is waited for. */
export async function castBallots(load: BallotLoad): Promise<BallotResult> {
  const follower = await follow(load.rpcUrls[0] as string)
  const validUntil = (await readHeadHeight(load.rpcUrls[0] as string)) + 590
  const begun = performance.now()
  const until = begun + load.seconds * 1_000
  const tally = { sent: 0, final: 0, lastAt: begun, errors: {} as Record<string, number> }
  const carry = async (account: DevAccount, at: number): Promise<void> => {
    const sign = carrierOf(account, load.genesisHash)
    const url = load.rpcUrls[at % load.rpcUrls.length] as string
    for (let order = load.next(at); order !== null && performance.now() < until; order = load.next(at)) {
      const tx = sign(order, load.nonces[at] as bigint, validUntil)
      const isFinal = follower.wait(`0x${tx.id}`)
      let refused = await submit(url, `0x${toHex(tx.bytes)}`)
      tally.sent += 1
      while (refused !== null && isBusy(refused) && performance.now() < until) {
        count(tally.errors, refused)
        await sleep(RETRY_MS)
        refused = await submit(url, `0x${toHex(tx.bytes)}`)
      }
      // An answer that came too late says nothing: the ballot may be final all the same.
      if (refused !== null && refused !== 'DEADLINE') {
        count(tally.errors, refused)
        continue
      }
      load.nonces[at] = (load.nonces[at] as bigint) + 1n
      if (!(await isFinal)) return count(tally.errors, 'NOT_FINAL')
      tally.final += 1
      tally.lastAt = performance.now()
    }
  }
  await Promise.all(load.carriers.map(carry))
  await follower.stop()
  return { sent: tally.sent, final: tally.final, seconds: (tally.lastAt - begun) / 1_000, errors: tally.errors }
}

/** Sends forged ballots, each carrier the next one once the last was answered, until the time is over. */
export async function castForgeries(load: BallotLoad): Promise<BallotResult> {
  const validUntil = (await readHeadHeight(load.rpcUrls[0] as string)) + 590
  const begun = performance.now()
  const until = begun + load.seconds * 1_000
  const errors: Record<string, number> = {}
  let sent = 0
  const forge = async (account: DevAccount, at: number): Promise<void> => {
    const sign = carrierOf(account, load.genesisHash)
    const url = load.rpcUrls[at % load.rpcUrls.length] as string
    for (let order = load.next(at); order !== null && performance.now() < until; order = load.next(at)) {
      const refused = await submit(url, `0x${toHex(sign(order, load.nonces[at] as bigint, validUntil).bytes)}`)
      sent += 1
      count(errors, refused ?? 'ADMITTED')
      if (refused === null) load.nonces[at] = (load.nonces[at] as bigint) + 1n
      else if (isBusy(refused)) await sleep(RETRY_MS)
    }
  }
  await Promise.all(load.carriers.map(forge))
  return { sent, final: 0, seconds: (performance.now() - begun) / 1_000, errors }
}

function count(errors: Record<string, number>, code: string): void {
  errors[code] = (errors[code] ?? 0) + 1
}
