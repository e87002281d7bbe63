// Owns: taking up recoveries that an operator gave at the start (consensus.md 4, G11): judged, kept over restarts, put in force
// when the head is the block that they name. Not here: when the city's keys decided one (core/chain/recovery.ts), the file
// (recovery-file.ts). There is no other way in: no peer and no client can bring a recovery.
import { NodeError } from '../core/base/errors.ts'
import type { Hash32, Height, Round } from '../core/base/ids.ts'
import type { SignatureCheck } from '../core/chain/certificate.ts'
import { activationOf, checkRecovery, recoveryHashOf } from '../core/chain/recovery.ts'
import type { Recovery } from '../core/chain/recovery.ts'
import type { Genesis } from '../core/execution/init-genesis.ts'
import type { Registry } from '../core/execution/registry.ts'
import type { ReadView } from '../core/state/view.ts'
import { withRecovery } from './chain-head.ts'
import type { ChainHead } from './chain-head.ts'
import type { Logger } from './logger.ts'
import { recoveriesRecord } from './storage/chain-store.ts'
import type { ChainStore } from './storage/chain-store.ts'
import type { Journal } from './storage/journal.ts'
import type { Store } from './storage/level.ts'

/** Where a key signed last. */
export type SignPoint = { readonly height: Height; readonly round: Round }

/** The chain that a recovery is judged on. */
type JudgeParts = {
  readonly registry: Registry
  readonly genesis: Genesis
  readonly chain: Pick<ChainStore, 'headerAt'>
  readonly state: ReadView
  readonly head: ChainHead
  /** Where each of this node's keys signed last. */
  readonly keys: readonly SignPoint[]
  readonly checkSignature: SignatureCheck
}

/** The same with what the operator gave, and where it is kept. */
export type RecoveryParts = Omit<JudgeParts, 'chain' | 'keys'> & {
  readonly given: readonly Recovery[]
  readonly chain: ChainStore
  readonly store: Pick<Store, 'writeBatch'>
  readonly journals: readonly Journal[]
  readonly log: Logger
}

/** The head with a recovery in force where one names it. Throws NodeError RECOVERY_WRONG_BLOCK. */
export type HeadAfterRecovery = (head: ChainHead) => ChainHead

/** Judges what was given now and before; keeps what has not been carried out. Throws NodeError RECOVERY_* and changes nothing. */
export async function takeRecoveries(parts: RecoveryParts): Promise<HeadAfterRecovery> {
  const { chain, head, log } = parts
  const before = chain.recoveriesGiven()
  // A file of now replaces one of before for the same height: the city corrected it.
  const kept = before.filter((known) => !parts.given.some((recovery) => isOfSameHeight(recovery, known)))
  const waiting = [...kept, ...parts.given].filter(({ content }) => content.height >= head.height)
  const keys = parts.journals.map((journal) => journal.state().last).filter((last) => last !== null)
  for (const recovery of parts.given) judgeRecovery({ ...parts, keys }, recovery, before)
  if (hashesOf(waiting) !== hashesOf(before)) await parts.store.writeBatch([recoveriesRecord(waiting)])
  for (const { content } of waiting) {
    const [height, validators] = [activationOf(content), content.validators.map(({ name }) => name).join(', ')]
    log.warn('A recovery takes over at the height after the block that it names', { height, validators })
  }
  return (at) => headAfter(waiting, at)
}

function headAfter(waiting: readonly Recovery[], head: ChainHead): ChainHead {
  const recovery = waiting.find(({ content }) => content.height === head.height)
  if (recovery === undefined) return head
  assertBlock(recovery, head)
  return withRecovery(head, recovery)
}

function isOfSameHeight(a: Recovery, b: Recovery): boolean {
  return a.content.height === b.content.height
}

function hashesOf(recoveries: readonly Recovery[]): string {
  return recoveries.map(({ content }) => recoveryHashOf(content)).join(' ')
}

/** Throws NodeError RECOVERY_* unless this node may start with it; `before` are those that it has taken up already. */
export function judgeRecovery(parts: JudgeParts, recovery: Recovery, before: readonly Recovery[]): void {
  const { registry, genesis, state, head, checkSignature } = parts
  const { chainId, hash: genesisHash } = genesis
  const roots = registry.readRoots(state)
  const { validatorsMin } = head.params
  const fault = checkRecovery({ chainId, genesisHash, roots, validatorsMin, recovery, checkSignature })
  if (fault !== null) throw refused(fault.code, `${fault.text}. Ask the keepers of the root keys for the right file`)
  const { height } = recovery.content
  const recoveryHash = recoveryHashOf(recovery.content)
  if (height < head.height) return assertCarriedOut(parts, recovery, recoveryHash)
  if (height > head.height) return
  assertBlock(recovery, head)
  const isKnown = before.some(({ content }) => recoveryHashOf(content) === recoveryHash)
  if (!isKnown) for (const last of parts.keys) assertSigned(last, recovery)
}

// A file that was carried out may stay in the configuration for ever.
function assertCarriedOut({ chain, head }: JudgeParts, { content }: Recovery, recoveryHash: Hash32): void {
  const activation = activationOf(content)
  const header = chain.headerAt(activation)
  if (header === null || header.recoveryHash === recoveryHash) return
  const text = `the recovery ends the old validators at height ${content.height}, this node holds height ${head.height} already`
  throw refused(
    'RECOVERY_WRONG_HEIGHT',
    `${text}: the old validators went on. Compare the heads of all nodes before anything else`,
  )
}

function assertBlock({ content }: Recovery, head: ChainHead): void {
  if (content.blockId === head.blockId) return
  const text = `the recovery names block 0x${content.blockId} at height ${content.height}, this node holds 0x${head.blockId}`
  throw refused('RECOVERY_WRONG_BLOCK', `${text}. Two histories exist: compare all nodes before anything else`)
}

// The sign state stays as it is: the new height begins above every round that this key has signed there (W4).
function assertSigned(last: SignPoint, { content }: Recovery): void {
  const activation = activationOf(content)
  if (last.height < activation || (last.height === activation && last.round < content.firstRound)) return
  const signed = `height ${last.height} round ${last.round}`
  const text = `this node’s key signed at ${signed}, the recovery begins height ${activation} in round`
  const fix = 'let the root keys sign one that begins above the last round of every key that stays (naru keys show-state)'
  throw refused('RECOVERY_JOURNAL_AHEAD', `${text} ${content.firstRound}: ${fix}`)
}

function refused(code: string, text: string): NodeError {
  return new NodeError(code, text)
}
