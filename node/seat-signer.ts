// Owns: which of this node's keys has a seat at the height after the head, and the signer for it: a seat that is gained, lost or
// has another key is taken up without a restart. Not here: signing (signer.ts), journals (storage/journal.ts).
import { equalBytes, toHex } from '../core/base/bytes.ts'
import type { Height, Round } from '../core/base/ids.ts'
import type { Validator, ValidatorSet } from '../core/chain/validator-set.ts'
import type { Signer } from '../core/crypto/ed25519-rule.ts'
import type { ChainHead } from './chain-head.ts'
import type { Logger } from './logger.ts'
import { createConsensusSigner } from './signer.ts'
import type { ConsensusSigner } from './signer.ts'
import type { Journal } from './storage/journal.ts'

/** A consensus key with the journal that keeps it from signing twice (G6: one journal per key). */
export type ValidatorKey = { readonly key: Signer; readonly publicKey: Uint8Array; readonly journal: Journal }

/** What the signer is found by. */
export type SeatSignerParts = {
  readonly chainId: string
  readonly keys: readonly ValidatorKey[]
  readonly head: () => ChainHead
  readonly log: Logger
  /** The round in which a height begins (G11). */
  readonly firstRoundOf: (height: Height) => Round
  readonly onRefused: (reason: string, conflict: boolean) => void
}

/** The signer of the height after the head; null while none of the keys has a seat there. */
export type SeatSigner = () => ConsensusSigner | null

/** Builds the lookup; it says in the log when the seat changes. */
export function createSeatSigner(parts: SeatSignerParts): SeatSigner {
  const { keys, head, log } = parts
  let judged: { readonly set: ValidatorSet; readonly seat: Seat | null } | null = null
  return () => {
    const { set, height } = head()
    if (judged?.set === set) return judged.seat?.signer ?? null
    const before = judged?.seat ?? null
    const seat = findSeat(parts, set, before)
    if (keys.length > 0 && (judged === null || seat?.key !== before?.key)) tell(log, { seat, before, height: height + 1, keys })
    judged = { set, seat }
    return seat?.signer ?? null
  }
}

type Seat = { readonly key: ValidatorKey; readonly member: Validator; readonly signer: ConsensusSigner }

function findSeat(
  { chainId, keys, onRefused, firstRoundOf }: SeatSignerParts,
  set: ValidatorSet,
  before: Seat | null,
): Seat | null {
  for (const key of keys) {
    const member = set.validators.find(({ publicKey }) => equalBytes(publicKey, key.publicKey))
    if (member === undefined) continue
    if (before?.key === key && before.member.authority === member.authority) return before
    const { authority } = member
    return {
      key,
      member,
      signer: createConsensusSigner({ chainId, authority, key: key.key, journal: key.journal, firstRoundOf, onRefused }),
    }
  }
  return null
}

type Change = { seat: Seat | null; before: Seat | null; height: number; keys: readonly ValidatorKey[] }

function tell(log: Logger, { seat, before, height, keys }: Change): void {
  if (seat !== null) {
    log.info('This node signs as a validator', { height, validator: seat.member.name, publicKey: hexOf(seat.key) })
    return
  }
  const text = before === null ? 'The key has no seat at this height; the node follows as an observer' : 'The seat has ended'
  log.warn(text, { height, publicKeys: keys.map(hexOf) })
}

function hexOf({ publicKey }: ValidatorKey): string {
  return `0x${toHex(publicKey)}`
}
