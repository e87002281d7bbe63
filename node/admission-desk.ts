// Owns: one transaction's way into the mempool, from a client or a peer, and the memory of how it ended.
// Not here: the pool (mempool), the network (tx-relay.ts).
import { failure, isFailure } from '../core/base/errors.ts'
import type { Failure } from '../core/base/errors.ts'
import type { Address, Height, TxId } from '../core/base/ids.ts'
import type { SignatureCheck } from '../core/chain/certificate.ts'
import { EnvelopeError } from '../core/execution/errors.ts'
import { checkEnvelope, checkStatelessly, checkTransaction, roomUnits } from '../core/execution/check.ts'
import type { CheckContext, CheckedTransaction, Recall } from '../core/execution/check.ts'
import type { Genesis } from '../core/execution/init-genesis.ts'
import type { Registry } from '../core/execution/registry.ts'
import { nextNonce, readAccount } from '../core/state/accounts.ts'
import type { ReadView } from '../core/state/view.ts'
import { nextBlockEnv } from './chain-head.ts'
import type { ChainHead } from './chain-head.ts'
import { MempoolError } from './mempool/errors.ts'
import type { Mempool } from './mempool/mempool.ts'
import type { Clock } from './ports.ts'

/** How a transaction ended without being final. */
export type Ending =
  | { readonly kind: 'rejected'; readonly failure: Failure }
  | { readonly kind: 'expired'; readonly height: Height }

/** What the desk checks against and whom it tells. */
export type AdmissionParts = {
  readonly registry: Registry
  readonly genesis: Genesis
  readonly state: ReadView
  readonly head: () => ChainHead
  readonly clock: Clock
  readonly mempool: Mempool
  readonly checkSignature: SignatureCheck
  /** Remembers verdicts of costly checks. */
  readonly recall?: Recall | undefined
  /** Makes verdicts of costly checks on other threads; null where nothing is to be waited for. */
  readonly judge?: (txs: readonly CheckedTransaction[]) => Promise<void> | null
  readonly isFinal: (txId: TxId) => boolean
  readonly onAdmitted: () => void
}

/** The one way into the mempool. A refusal is a Failure value, never thrown. */
export type AdmissionDesk = {
  /** Decodes, checks against the head, takes in. The room's own check runs only where the nonce is the next one. */
  readonly admit: (wire: Uint8Array) => CheckedTransaction | Failure
  /** As `admit`, with costly checks made on another thread first, once the envelope is in order. */
  readonly admitLater: (wire: Uint8Array) => CheckedTransaction | Failure | Promise<CheckedTransaction | Failure>
  readonly checkBytes: (wire: Uint8Array) => CheckedTransaction | Failure
  readonly noteEnding: (txId: TxId, ending: Ending) => void
  /** What a lane takes next at the head, waiting transactions aside. */
  readonly nextNonce: (account: Address, lane: number) => bigint
  readonly endingOf: (txId: TxId) => Ending | null
}

// Credits are checked against the head alone, so what one account may park is bounded by its class: citizen, organisation; then
// by the pool's own bound.
const WAITING_MAX_BY_CLASS: readonly number[] = [64, 1_024]

const ENDINGS_MAX = 20_000
/** Transactions whose costly checks may be made or wait for it at once, and of one account. */
const JUDGING_MAX = 2_048
const JUDGING_PER_ACCOUNT_MAX = 512
/** Their verification units: some ten seconds of one thread, whatever a single one costs; and of one account. */
const JUDGING_UNITS_MAX = 16_384
const JUDGING_UNITS_PER_ACCOUNT_MAX = 4_096

/** Builds the desk. */
export function createAdmissionDesk(parts: AdmissionParts): AdmissionDesk {
  const endings = new Map<TxId, Ending>()
  const judging = createJudging()
  const checkBytes = (wire: Uint8Array) => checkStatelessly(parts.registry, parts.genesis.hash, wire)
  const noteEnding = (txId: TxId, ending: Ending): void => {
    if (endings.size >= ENDINGS_MAX) endings.delete(endings.keys().next().value as TxId)
    endings.set(txId, ending)
  }
  const isKnown = ({ tx }: CheckedTransaction): boolean => parts.mempool.has(tx.id) || parts.isFinal(tx.id)
  const refuse = ({ tx }: CheckedTransaction, refused: Failure | null): Failure | null => {
    // The id does not cover the signatures: whoever puts a wrong one on it must not end the real transaction.
    if (refused !== null && refused.code !== EnvelopeError.BAD_SIGNATURE.code)
      noteEnding(tx.id, { kind: 'rejected', failure: refused })
    return refused
  }
  const take = (checked: CheckedTransaction): CheckedTransaction | Failure => {
    const { id, body } = checked.tx
    if (isKnown(checked)) return failure(MempoolError.DUPLICATE, { txId: `0x${id}` })
    const refused = refuse(checked, checkAgainstHead(parts, checked))
    if (refused !== null) return refused
    const account = readAccount(parts.state, body.sender)
    const full = parts.mempool.addTransaction(checked, nextNonce(account, body.lane), accountMaxOf(parts, checked))
    if (full !== null) return full
    endings.delete(id)
    parts.onAdmitted()
    return checked
  }
  return {
    checkBytes,
    noteEnding,
    nextNonce: (account, lane) => nextNonce(readAccount(parts.state, account), lane),
    endingOf: (txId) => endings.get(txId) ?? null,
    admit(wire) {
      const checked = checkBytes(wire)
      return isFailure(checked) ? checked : take(checked)
    },
    admitLater(wire) {
      const checked = checkBytes(wire)
      if (isFailure(checked)) return checked
      if (checked.definition.costly === undefined || isKnown(checked)) return take(checked)
      // What is refused whatever its proofs are, a stranger's batch of a roll for one, is refused before any is checked.
      const refused = refuse(checked, checkAgainstHead({ ...parts, recall: () => null }, checked))
      if (refused !== null) return refused
      const { sender, lane } = checked.tx.body
      const accountMax = accountMaxOf(parts, checked)
      const expected = nextNonce(readAccount(parts.state, sender), lane)
      const twin = judging.twinOf(checked)
      if (twin !== null) return twin
      const full = parts.mempool.refusalOf(checked, expected, accountMax) ?? judging.refusalOf(checked, accountMax)
      if (full !== null) return full
      const pending = parts.judge?.([checked]) ?? null
      return pending === null ? take(checked) : judging.hold(checked, pending, () => take(checked))
    },
  }
}

function accountMaxOf({ state }: AdmissionParts, { tx }: CheckedTransaction): number | undefined {
  return WAITING_MAX_BY_CLASS[readAccount(state, tx.body.sender).creditClass]
}

/** Transactions whose costly checks are being made, counted by sender: a queue as the mempool is one, with bounds of its own. */
type Judging = {
  /** The end of the same transaction where its checks are being made already: it takes one place, however often it is sent. */
  readonly twinOf: (checked: CheckedTransaction) => Promise<Failure> | null
  readonly refusalOf: (checked: CheckedTransaction, accountMax: number | undefined) => Failure | null
  readonly hold: (checked: CheckedTransaction, pending: Promise<void>, end: () => Taken) => Promise<Taken>
}
type Taken = CheckedTransaction | Failure

// A flood of forged ballots is never admitted, so that the mempool's bounds do not stop it; whoever waits behind it must not wait
// for long.
function createJudging(): Judging {
  const ends = new Map<TxId, Promise<Taken>>()
  const bySender = new Map<Address, { readonly count: number; readonly units: number }>()
  let units = 0
  const ownOf = ({ tx }: CheckedTransaction) => bySender.get(tx.body.sender) ?? { count: 0, units: 0 }
  const leave = (checked: CheckedTransaction): void => {
    const { id, body } = checked.tx
    const [cost, own] = [roomUnits(checked), ownOf(checked)]
    ends.delete(id)
    units -= cost
    if (own.count <= 1) bySender.delete(body.sender)
    else bySender.set(body.sender, { count: own.count - 1, units: own.units - cost })
  }
  return {
    twinOf({ tx: { id } }) {
      const end = ends.get(id)
      if (end === undefined) return null
      return end.then((taken) => (isFailure(taken) ? taken : failure(MempoolError.DUPLICATE, { txId: `0x${id}` })))
    },
    refusalOf(checked, accountMax = JUDGING_PER_ACCOUNT_MAX) {
      const [cost, own] = [roomUnits(checked), ownOf(checked)]
      if (ends.size >= JUDGING_MAX || units + cost > JUDGING_UNITS_MAX) return failure(MempoolError.FULL)
      const isFull = own.count >= Math.min(accountMax, JUDGING_PER_ACCOUNT_MAX)
      return isFull || own.units + cost > JUDGING_UNITS_PER_ACCOUNT_MAX ? failure(MempoolError.ACCOUNT_FULL) : null
    },
    hold(checked, pending, end) {
      const { id, body } = checked.tx
      const [cost, own] = [roomUnits(checked), ownOf(checked)]
      const ended = pending.then(() => {
        leave(checked)
        return end()
      })
      ends.set(id, ended)
      bySender.set(body.sender, { count: own.count + 1, units: own.units + cost })
      units += cost
      return ended
    },
  }
}

function contextAtHead(parts: AdmissionParts): CheckContext {
  const head = parts.head()
  const now = parts.clock.nowMs()
  const block = nextBlockEnv(head, parts.genesis, now > head.header.time ? now : head.header.time + 1)
  const { registry, state: view, checkSignature, recall } = parts
  return { registry, view, block, checkSignature, recall }
}

function checkAgainstHead(parts: AdmissionParts, checked: CheckedTransaction): Failure | null {
  const context = contextAtHead(parts)
  const { sender, lane, nonce } = checked.tx.body
  // What an earlier waiting transaction will change is not known here: later nonces are checked when their turn comes.
  const isNext = nextNonce(readAccount(parts.state, sender), lane) === nonce
  return isNext ? checkTransaction(context, checked, 'exact') : checkEnvelope(context, checked, 'ahead')
}
