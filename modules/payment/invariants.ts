// Owns: what always holds over the whole state of payment, to the won (domain.md 10, invariants 1 and 2).
// Not here: who checks it.
import { decodeTrusted } from '../../core/codec/schema.ts'
import type { Store } from '../../core/state/store.ts'
import { bankTotals, positions, queue, redemptions, wallets } from './store.ts'

type Scan = (prefix: string) => Iterable<readonly [string, Uint8Array]>

/** One sentence per breach. */
export function checkPaymentInvariants(scan: Scan): readonly string[] {
  return [...checkMoney(scan), ...checkPositions(scan), ...checkLocks(scan)]
}

// Invariant 1: all balances and locked won at a bank are its outstanding tokens.
function checkMoney(scan: Scan): readonly string[] {
  const held = new Map<string, bigint>()
  for (const [, wallet] of records(scan, wallets)) add(held, wallet.bank, wallet.balance + wallet.locked)
  const broken: string[] = []
  for (const [bank, { outstanding }] of records(scan, bankTotals)) {
    const sum = held.get(bank) ?? 0n
    if (sum !== outstanding) broken.push(`bank ${bank}: accounts hold ${sum} won, ${outstanding} are outstanding`)
    held.delete(bank)
  }
  for (const bank of held.keys()) broken.push(`bank ${bank}: accounts hold its won, but it has no totals`)
  return broken
}

// Invariant 2: each pair is kept once, so that it is antisymmetric; the pairs of a bank give its net, and all nets give zero.
function checkPositions(scan: Scan): readonly string[] {
  const owed = new Map<string, bigint>()
  const broken: string[] = []
  for (const [pair, { net }] of records(scan, positions)) {
    const [low = '', high = ''] = pair.split('/')
    if (low >= high) broken.push(`position ${pair}: not in the order of the codes`)
    add(owed, low, net)
    add(owed, high, -net)
  }
  let sum = 0n
  for (const [bank, { net }] of records(scan, bankTotals)) {
    sum += net
    const pairs = owed.get(bank) ?? 0n
    if (pairs !== net) broken.push(`bank ${bank}: owes ${net} won, its pairs say ${pairs}`)
  }
  if (sum !== 0n) broken.push(`banks owe each other ${sum} won in sum`)
  return broken
}

// Locked won waits in pending redemptions, and each of those stands in the queue.
function checkLocks(scan: Scan): readonly string[] {
  const queued = new Set([...records(scan, queue)].map(([, entry]) => entry.reqId as string))
  const locked = new Map<string, bigint>()
  const broken: string[] = []
  for (const [reqId, { account, amount, status }] of records(scan, redemptions)) {
    if (status !== 'pending') continue
    add(locked, account, amount)
    if (!queued.has(reqId)) broken.push(`redemption ${reqId}: pending, but not in the queue`)
  }
  for (const [account, wallet] of records(scan, wallets)) {
    const sum = locked.get(account) ?? 0n
    if (sum !== wallet.locked) broken.push(`account ${account}: ${wallet.locked} won locked, redemptions say ${sum}`)
  }
  return broken
}

function* records<K, V>(scan: Scan, store: Store<K, V>): Iterable<readonly [string, V]> {
  for (const [key, bytes] of scan(`${store.prefix}/`))
    yield [key.slice(store.prefix.length + 1), decodeTrusted(store.schema, bytes)]
}

function add(sums: Map<string, bigint>, key: string, amount: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + amount)
}
