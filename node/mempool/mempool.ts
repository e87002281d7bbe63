// Owns: transactions that wait for a block: bounds, order per lane, fair selection, expiry. Pure: no clock, no I/O.
// Not here: whether a transaction is valid (core/execution/check.ts), what a failure means for its sender (admission.ts).
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Height, TxId } from '../../core/base/ids.ts'
import type { BlockLane } from '../../core/execution/module.ts'
import type { CheckedTransaction } from '../../core/execution/check.ts'
import { MempoolError } from './errors.ts'

/** Bounds of a mempool: transactions, their bytes, and transactions per nonce lane and per account. */
export type MempoolLimits = {
  readonly countMax: number
  readonly bytesMax: number
  readonly perLaneMax: number
  readonly perAccountMax: number
}

/** The bounds unless the configuration says otherwise: 64 MiB, and room for a busy bank in one lane. */
export const MEMPOOL_LIMITS: MempoolLimits = { countMax: 50_000, bytesMax: 67_108_864, perLaneMax: 512, perAccountMax: 4_096 }

/** One sender's transactions in one nonce lane, lowest nonce first and without gaps from `base` where `ready`. */
type Queue = { readonly key: string; readonly sender: string; readonly items: CheckedTransaction[]; expected: bigint }

/** Transactions that wait for a block, within the limits. Refusals are Failure values. */
export type Mempool = {
  /**
   * Takes a checked transaction; `expectedNonce` is what the lane takes next at the head. A second copy is
   * MEMPOOL_DUPLICATE; with `accountMax` transactions of the sender waiting it is MEMPOOL_ACCOUNT_FULL. */
  readonly addTransaction: (checked: CheckedTransaction, expectedNonce: bigint, accountMax?: number) => Failure | null
  /** Why `addTransaction` would refuse it now, before anything dear is done for it; null where it would not. */
  readonly refusalOf: (checked: CheckedTransaction, expectedNonce: bigint, accountMax?: number) => Failure | null
  readonly has: (txId: TxId) => boolean
  readonly get: (txId: TxId) => CheckedTransaction | null
  /**
   * The next transactions in a fair order: authority lane, then urgent, then everyone in turn, light and heavy ones sharing a
   * block by what they cost to check; nonces of a lane in order.
   */
  readonly selectTransactions: () => Iterable<CheckedTransaction>
  /** After a block: drops what it holds, what it made stale (its nonce was taken) and what expired; returns the last two. */
  readonly removeCommitted: (
    committed: readonly CheckedTransaction[],
    height: Height,
  ) => { readonly expired: readonly TxId[]; readonly stale: readonly TxId[] }
  /** Drops one that turned out to be impossible, and those behind it in its lane; returns what it dropped, in order. */
  readonly remove: (txId: TxId) => readonly TxId[]
  /** True when some lane starts with the nonce that it takes next: a reason for a block. */
  readonly hasReady: () => boolean
  readonly count: () => number
  readonly bytes: () => number
  readonly ids: (limit: number) => readonly TxId[]
  /** The nonce after the last one waiting without a gap, or null when nothing of this lane waits. */
  readonly nextNonce: (sender: string, lane: number) => bigint | null
}

/** What waits, by id, by sender and lane, and counted by account. */
type Pool = {
  readonly byId: Map<TxId, CheckedTransaction>
  readonly queues: Map<string, Queue>
  readonly perAccount: Map<string, number>
  bytes: number
}

/** An empty mempool. */
export function createMempool(limits: MempoolLimits = MEMPOOL_LIMITS): Mempool {
  const pool: Pool = { byId: new Map(), queues: new Map(), perAccount: new Map(), bytes: 0 }
  const { byId, queues, perAccount } = pool
  return {
    refusalOf: (checked, expectedNonce, accountMax = limits.perAccountMax) =>
      refusalOf(pool, limits, { checked, expectedNonce, accountMax }),
    addTransaction(checked, expectedNonce, accountMax = limits.perAccountMax) {
      const offer = { checked, expectedNonce, accountMax }
      const refused = refusalOf(pool, limits, offer)
      if (refused !== null) return refused
      const { tx } = checked
      const queue = queueFor(pool, offer)
      queue.items.splice(insertionPoint(queue.items, tx.body.nonce), 0, checked)
      queues.set(queue.key, queue)
      byId.set(tx.id, checked)
      perAccount.set(tx.body.sender, (perAccount.get(tx.body.sender) ?? 0) + 1)
      pool.bytes += tx.bytes.length
      return null
    },
    has: (txId) => byId.has(txId),
    get: (txId) => byId.get(txId) ?? null,
    selectTransactions: () => selectFairly(queues),
    removeCommitted(committed, height) {
      const stale: TxId[] = []
      for (const { tx } of committed) {
        const queue = queues.get(queueKey(tx.body.sender, tx.body.lane))
        if (queue !== undefined) stale.push(...dropBelow(pool, queue, tx.body.nonce + 1n).filter((txId) => txId !== tx.id))
      }
      return { expired: dropExpired(pool, height), stale }
    },
    remove(txId) {
      const checked = byId.get(txId)
      const queue = checked === undefined ? undefined : queues.get(queueKey(checked.tx.body.sender, checked.tx.body.lane))
      if (checked === undefined || queue === undefined) return []
      const gone = queue.items.splice(queue.items.indexOf(checked))
      for (const dropped of gone) forget(pool, dropped)
      if (queue.items.length === 0) queues.delete(queue.key)
      return gone.map((dropped) => dropped.tx.id)
    },
    hasReady() {
      for (const queue of queues.values()) if (isReady(queue)) return true
      return false
    },
    count: () => byId.size,
    bytes: () => pool.bytes,
    ids: (limit) => [...byId.keys()].slice(0, limit),
    nextNonce(sender, lane) {
      const queue = queues.get(queueKey(sender, lane))
      if (queue === undefined || !isReady(queue)) return null
      return queue.expected + BigInt(runLength(queue))
    },
  }
}

function forget(pool: Pool, checked: CheckedTransaction): void {
  if (!pool.byId.delete(checked.tx.id)) return
  pool.bytes -= checked.tx.bytes.length
  const { sender } = checked.tx.body
  const left = (pool.perAccount.get(sender) ?? 1) - 1
  if (left === 0) pool.perAccount.delete(sender)
  else pool.perAccount.set(sender, left)
}

function dropBelow(pool: Pool, queue: Queue, expected: bigint): readonly TxId[] {
  queue.expected = expected
  const kept = queue.items.findIndex((checked) => checked.tx.body.nonce >= expected)
  const gone = queue.items.splice(0, kept === -1 ? queue.items.length : kept)
  for (const checked of gone) forget(pool, checked)
  pool.queues.delete(queue.key)
  // Who had a turn goes to the end of the line: a crowd that never ends does not keep a newcomer waiting for ever.
  if (queue.items.length > 0) pool.queues.set(queue.key, queue)
  return gone.map((checked) => checked.tx.id)
}

function queueKey(sender: string, lane: number): string {
  return `${sender}.${lane}`
}

function isReady(queue: Queue): boolean {
  return (queue.items[0] as CheckedTransaction).tx.body.nonce === queue.expected
}

function runLength(queue: Queue): number {
  let length = 0
  while (
    length < queue.items.length &&
    (queue.items[length] as CheckedTransaction).tx.body.nonce === queue.expected + BigInt(length)
  )
    length++
  return length
}

type Offer = { readonly checked: CheckedTransaction; readonly expectedNonce: bigint; readonly accountMax: number }

function queueFor({ queues }: Pool, { checked, expectedNonce }: Offer): Queue {
  const { sender, lane } = checked.tx.body
  const key = queueKey(sender, lane)
  return queues.get(key) ?? { key, sender, items: [], expected: expectedNonce }
}

function refusalOf(pool: Pool, limits: MempoolLimits, offer: Offer): Failure | null {
  const { checked, accountMax } = offer
  const { id, body } = checked.tx
  if (pool.byId.has(id)) return failure(MempoolError.DUPLICATE)
  const queue = queueFor(pool, offer)
  const account = pool.perAccount.get(body.sender) ?? 0
  const refused = checkRoom({ limits, count: pool.byId.size, bytes: pool.bytes, account, accountMax, queue, checked })
  if (refused !== null) return refused
  const isTaken = insertionPoint(queue.items, body.nonce) === -1
  return isTaken ? failure(MempoolError.NONCE_TAKEN, { nonce: body.nonce.toString(), lane: body.lane }) : null
}

function checkRoom(room: {
  limits: MempoolLimits
  count: number
  bytes: number
  account: number
  accountMax: number
  queue: Queue
  checked: CheckedTransaction
}): Failure | null {
  const { limits, queue, checked, accountMax } = room
  if (room.count >= limits.countMax || room.bytes + checked.tx.bytes.length > limits.bytesMax) return failure(MempoolError.FULL)
  if (room.account >= accountMax || queue.items.length >= limits.perLaneMax) return failure(MempoolError.ACCOUNT_FULL)
  if (checked.tx.body.nonce >= queue.expected + BigInt(limits.perLaneMax)) return failure(MempoolError.ACCOUNT_FULL)
  return null
}

// Position that keeps nonces ascending, or -1 when the nonce is taken. New transactions mostly go last.
function insertionPoint(items: readonly CheckedTransaction[], nonce: bigint): number {
  for (let at = items.length; at > 0; at--) {
    const before = (items[at - 1] as CheckedTransaction).tx.body.nonce
    if (before === nonce) return -1
    if (before < nonce) return at
  }
  return 0
}

const LANE_ORDER: readonly BlockLane[] = ['authority', 'urgent', 'normal']
const NORMAL = LANE_ORDER.indexOf('normal')

function rankOf(checked: CheckedTransaction): number {
  return LANE_ORDER.indexOf(checked.definition.blockLane ?? 'normal')
}

// Authority and urgent first, in rounds of one transaction per nonce lane; only transactions of that rank or before it are taken,
// so that an urgent one does not carry the ordinary ones behind it past everybody. Then everyone, by what it costs to check.
function* selectFairly(queues: ReadonlyMap<string, Queue>): Generator<CheckedTransaction> {
  const turns = [...queues.values()].filter(isReady).map((queue) => ({ queue, position: 0 }))
  for (let rank = 0; rank < NORMAL; rank++) {
    let open = turns
    while (open.length > 0) {
      const going: Turn[] = []
      for (const turn of open) {
        const next = nextOf(turn)
        if (next === null || rankOf(next) > rank) continue
        turn.position += 1
        going.push(turn)
        yield next
      }
      open = going
    }
  }
  yield* selectByCost(turns)
}

type Turn = { readonly queue: Queue; position: number }

function nextOf({ queue, position }: Turn): CheckedTransaction | null {
  const next = queue.items[position]
  return next !== undefined && next.tx.body.nonce === queue.expected + BigInt(position) ? next : null
}

/** From so many verification units on a transaction waits in the line of the heavy: a payment costs 1 or 2, a sealed ballot 8. */
const HEAVY_FROM = 5

/** Whether a transaction costs much to check: it waits in a line of its own, and a proposer counts it. */
export function isHeavy({ operations }: Pick<CheckedTransaction, 'operations'>): boolean {
  return operations >= HEAVY_FROM
}

// Two lines, each in rounds of one transaction per nonce lane. The one that has cost less so far goes next: a crowd of ballots
// leaves payments their half of a block's time, and payments leave ballots theirs.
function* selectByCost(turns: readonly Turn[]): Generator<CheckedTransaction> {
  const light: Line = { turns: [], at: 0, cost: 0 }
  const heavy: Line = { turns: [], at: 0, cost: 0 }
  const queueUp = (turn: Turn): void => {
    const next = nextOf(turn)
    if (next !== null) (isHeavy(next) ? heavy : light).turns.push(turn)
  }
  for (const turn of turns) queueUp(turn)
  for (;;) {
    const isHeavyNext = light.at === light.turns.length || (heavy.at < heavy.turns.length && heavy.cost < light.cost)
    const line = isHeavyNext ? heavy : light
    const turn = line.turns[line.at]
    const next = turn === undefined ? null : nextOf(turn)
    if (turn === undefined || next === null) return
    line.at += 1
    line.cost += next.operations
    turn.position += 1
    yield next
    queueUp(turn)
  }
}

type Line = { readonly turns: Turn[]; at: number; cost: number }

function dropExpired(pool: Pool, height: Height): readonly TxId[] {
  const expired = [...pool.byId.values()].filter((checked) => checked.tx.body.validUntil <= height)
  for (const checked of expired) {
    const key = queueKey(checked.tx.body.sender, checked.tx.body.lane)
    const queue = pool.queues.get(key)
    if (queue === undefined) continue
    const at = queue.items.indexOf(checked)
    if (at !== -1) queue.items.splice(at, 1)
    forget(pool, checked)
    if (queue.items.length === 0) pool.queues.delete(key)
  }
  return expired.map((checked) => checked.tx.id)
}
