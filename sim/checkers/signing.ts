// Owns: what the keys of honest machines sign: once per place, in accord with the lock, journalled before it leaves.
// Not here: whether a certificate proves what it says (chain.ts).
import type { Address, Height } from '../../core/base/ids.ts'
import { SIGN_STEPS, readSignedContent } from '../../core/chain/vote.ts'
import type { Proposal, Vote, VoteContent } from '../../core/chain/vote.ts'
import type { ConsensusState } from '../../consensus/state.ts'
import { compareSignPoints } from '../../node/storage/sign-state.ts'
import type { SignPoint, SignedRecord } from '../../node/storage/sign-state.ts'
import { readFrame } from '../frames.ts'
import type { Report } from './violation.ts'

/** Watches every journal and every frame. */
export type SigningChecker = {
  readonly onSigned: (machine: number, record: SignedRecord) => void
  /** A consensus frame leaves: whatever it says in the machine's own name must be in its journal. */
  readonly onFrame: (machine: number, frame: Uint8Array) => void
  /** A machine opens its journal: what left it before must stand there, or lie below that, or not above its floor. */
  readonly onOpened: (machine: number, last: SignedRecord | null, floorHeight: Height) => void
  /** The machine's lock must be at least the one that it signed. */
  readonly forget: (machine: number) => void
  readonly checkLock: (machine: number, state: ConsensusState) => void
}

type Lock = { readonly height: Height; readonly round: number }

/** Builds the checker; `authorityOf` names the key of each machine. */
export function createSigningChecker(
  authorityOf: (machine: number) => Address,
  honest: (machine: number) => boolean,
  report: Report,
): SigningChecker {
  const words = new Map<string, string>()
  const locks = createLocks(report)
  const departed = createDeparted(report)
  const keyOf = (machine: number, place: { height: Height; round: number; step: number }): string =>
    `${machine} ${place.height} ${place.round} ${place.step}`

  return {
    onSigned(machine, record) {
      if (!honest(machine)) return
      const { height, round, step } = record
      const content = readSignedContent(record.signBytes)
      const key = keyOf(machine, record)
      const known = words.get(key)
      const word = wordOf(content)
      if (known !== undefined && known !== word)
        report('double-sign', machine, `step ${step} of ${height}/${round}: ${known}, then ${word}`)
      words.set(key, word)
      locks.onSigned(machine, step, content)
    },
    onFrame(machine, frame) {
      if (!honest(machine)) return
      const own = authorityOf(machine)
      for (const [step, message] of messagesIn(frame)) {
        const author = 'proposer' in message ? message.proposer : message.validator
        if (author !== own) continue
        checkOwn(report, words.get(keyOf(machine, { ...message, step })), { machine, step, message })
        departed.note(machine, { height: message.height, round: message.round, step })
      }
    },
    onOpened: departed.check,
    forget(machine) {
      locks.forget(machine)
      departed.forget(machine)
    },
    checkLock(machine, state) {
      if (honest(machine)) locks.check(machine, state)
    },
  }
}

type Locks = {
  readonly onSigned: (machine: number, step: number, content: VoteContent) => void
  readonly check: SigningChecker['checkLock']
  readonly forget: (machine: number) => void
}

// The lock of each machine is its last precommit for a block.
function createLocks(report: Report): Locks {
  const locks = new Map<number, Lock>()
  // A signature at a higher height ends every lock below: nothing is signed there any more.
  const lockAt = (machine: number, height: Height): Lock | undefined => {
    const lock = locks.get(machine)
    if (lock === undefined || lock.height >= height) return lock
    locks.delete(machine)
    return undefined
  }

  const onSigned = (machine: number, step: number, content: VoteContent): void => {
    const { height, round, validRound } = content
    const lock = lockAt(machine, height)
    if (content.blockId === null) return
    const isUnder = lock !== undefined && lock.height === height && lock.round < round && validRound < lock.round
    if (step === SIGN_STEPS.prevote && isUnder)
      report('lock', machine, `prevoted ${height}/${round} on valid round ${validRound}, locked in ${lock.round}`)
    if (step === SIGN_STEPS.precommit && round > (lock?.round ?? -1)) locks.set(machine, { height, round })
  }

  return {
    onSigned,
    check(machine, state) {
      const lock = locks.get(machine)
      if (lock === undefined || lock.height !== state.height) return
      if (state.lockedRound < lock.round && state.selfIndex !== -1)
        report('replay', machine, `signed a lock in ${lock.height}/${lock.round}, the machine holds ${state.lockedRound}`)
    },
    forget: (machine) => void locks.delete(machine),
  }
}

type Departed = {
  readonly note: (machine: number, point: SignPoint) => void
  readonly check: (machine: number, last: SignedRecord | null, floorHeight: Height) => void
  readonly forget: (machine: number) => void
}

// The highest signature of each machine that left it; noted of honest ones only.
function createDeparted(report: Report): Departed {
  const furthest = new Map<number, SignPoint>()
  return {
    note(machine, point) {
      const told = furthest.get(machine)
      if (told === undefined || compareSignPoints(point, told) > 0) furthest.set(machine, point)
    },
    check(machine, last, floorHeight) {
      const told = furthest.get(machine)
      if (told === undefined || (last !== null && compareSignPoints(last, told) >= 0)) return
      // A sign state that was lost or rotten comes back with a floor: old votes leave again from the log, and no other can.
      if (told.height <= floorHeight) return
      const { height, round, step } = told
      report('journal-first', machine, `step ${step} of ${height}/${round} left, and a crash took it out of the journal`)
    },
    forget: (machine) => void furthest.delete(machine),
  }
}

type OwnMessage = { machine: number; step: number; message: Proposal | Vote }

function checkOwn(report: Report, known: string | undefined, { machine, step, message }: OwnMessage): void {
  const place = `step ${step} of ${message.height}/${message.round}`
  if (known === undefined) report('journal-first', machine, `${place} left before it was durable`)
  else if (known !== wordOf(message)) report('double-sign', machine, `${place} left other than it was journalled`)
}

function wordOf({ blockId, validRound }: VoteContent): string {
  return `${blockId ?? 'nil'} ${validRound}`
}

function messagesIn(frame: Uint8Array): readonly (readonly [step: number, message: Proposal | Vote])[] {
  const message = readFrame(frame)
  if (message === null) return []
  switch (message.kind) {
    case 'proposal':
      return [[SIGN_STEPS.proposal, message.proposal]]
    case 'vote':
      return [[SIGN_STEPS[message.vote.type], message.vote]]
    case 'votes':
      return message.votes.map((vote) => [SIGN_STEPS[vote.type], vote] as const)
    default:
      return []
  }
}
