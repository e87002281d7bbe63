// Owns: candidates: executing a proposed or synced block on the committed state, and building our own. Nothing of a candidate
// reaches the disk's state before it is decided. Not here: committing (commit.ts), which transactions wait (mempool).
import { must } from '../core/base/assert.ts'
import { isFailure } from '../core/base/errors.ts'
import type { Failure } from '../core/base/errors.ts'
import type { Address, BlockId, Hash32, TimeMs } from '../core/base/ids.ts'
import { BLOCK_VERSION, BlockSchema, blockIdOf, evidenceHash, txRootOf } from '../core/chain/block.ts'
import type { Block, Header } from '../core/chain/block.ts'
import { certificateHash, checkCertificate } from '../core/chain/certificate.ts'
import type { Certificate, SignatureCheck } from '../core/chain/certificate.ts'
import { paramsHash } from '../core/chain/params.ts'
import type { ChainParams } from '../core/chain/params.ts'
import { recoveryHashOf } from '../core/chain/recovery.ts'
import type { SetChange } from '../core/chain/set-change.ts'
import { receiptsRoot } from '../core/chain/receipt.ts'
import type { Receipt } from '../core/chain/receipt.ts'
import type { ValidatorSet } from '../core/chain/validator-set.ts'
import { encode } from '../core/codec/schema.ts'
import { LIMITS } from '../core/base/limits.ts'
import { sha256Bytes } from '../core/crypto/hash.ts'
import { checkStatelessly, roomUnits } from '../core/execution/check.ts'
import type { CheckedTransaction, Recall } from '../core/execution/check.ts'
import { beginBlock, executeBlock } from '../core/execution/execute-block.ts'
import type { BlockResult } from '../core/execution/execute-block.ts'
import type { RoomFault } from '../core/execution/room-fault.ts'
import type { Genesis } from '../core/execution/init-genesis.ts'
import type { Registry } from '../core/execution/registry.ts'
import type { StateChange } from '../core/state/overlay.ts'
import type { StagedTree, StateTree } from '../core/state/tree.ts'
import type { ReadView } from '../core/state/view.ts'
import { nextBlockEnv } from './chain-head.ts'
import type { ChainHead } from './chain-head.ts'
import { isHeavy } from './mempool/mempool.ts'

/** A block that was executed on the committed head and is valid. */
export type Candidate = {
  readonly block: Block
  readonly blockId: BlockId
  readonly encoded: Uint8Array
  readonly txs: readonly CheckedTransaction[]
  readonly receipts: readonly Receipt[]
  readonly changes: readonly StateChange[]
  readonly staged: StagedTree
  readonly nextSet: ValidatorSet
  readonly nextParams: ChainParams
  /** The change of validators that the block begins with, where a recovery replaced them. */
  readonly recovered: SetChange | null
  /** Where a room's own code threw while this block was executed. */
  readonly faults: readonly RoomFault[]
}

/** What executing needs; `head` answers with the committed head of the moment. */
export type ExecutorParts = {
  readonly registry: Registry
  readonly genesis: Genesis
  readonly state: ReadView
  readonly tree: StateTree
  readonly head: () => ChainHead
  readonly checkSignature: SignatureCheck
  /** Remembers verdicts of costly checks between admission and block, where something does. */
  readonly recall?: Recall
}

/** What a proposer wants in its block and within which bounds. */
export type BuildRequest = {
  readonly proposer: Address
  /** A certificate of the head; null only for the first block. */
  readonly lastCommit: Certificate | null
  readonly time: TimeMs
  readonly bytesMax: number
  readonly txsMax: number
  /** Verification units that the proposer wants at most of what costs much to check; the first of those stands in any case. */
  readonly unitsMax?: number
  readonly candidates: Iterable<CheckedTransaction>
  /** Evidence that waits, the most urgent first; what may not stand in the block is left out. */
  readonly evidence?: readonly Uint8Array[]
  /** Asked between transactions: true once the proposer has spent enough time; its own matter, no rule of the chain. */
  readonly isTimeUp: () => boolean
  /** Told of each transaction that could not stand in the block. */
  readonly onBarred: (checked: CheckedTransaction, barred: Failure) => void
}

// The head, which the old validators signed, and those who sign from here on.
function recoveredBy({ header, certificate, set, recovery }: ChainHead): SetChange | null {
  if (recovery === undefined || recovery === null) return null
  const { validators } = set
  return { header, certificate: must(certificate, 'a recovery follows on a block'), validators, recovery }
}

/** What `recoveryHash` of the next header must be. */
export function expectedRecovery({ recovery }: ChainHead): Hash32 | null {
  return recovery === undefined || recovery === null ? null : recoveryHashOf(recovery.content)
}

/** The tree's view of state changes: hashed keys and values. */
export function treeChangesOf(changes: readonly StateChange[]) {
  return changes.map(({ key, value }) => ({ key: sha256Bytes(key), valueHash: value === null ? null : sha256Bytes(value) }))
}

/** Builds our own block from waiting transactions within the limits; always succeeds, at worst with none. */
export function buildCandidate(parts: ExecutorParts, request: BuildRequest): Candidate {
  const head = parts.head()
  const { registry, state, checkSignature } = parts
  const run = beginBlock({
    registry,
    base: state,
    block: nextBlockEnv(head, parts.genesis, request.time),
    facts: { parentId: head.blockId, lastCommit: request.lastCommit },
    checkSignature,
    recall: parts.recall,
    recovery: head.recovery?.content ?? null,
  })
  const evidence: Uint8Array[] = []
  for (const bytes of request.evidence ?? []) {
    if (evidence.length < LIMITS.blockEvidenceMax && run.addEvidence(bytes) === null) evidence.push(bytes)
  }
  const txs: CheckedTransaction[] = []
  let bodyBytes = 0
  let units = 0
  let heavyUnits = 0
  const { blockUnitsMax } = head.params
  const { unitsMax = blockUnitsMax } = request
  if (request.txsMax > 0) {
    for (const checked of request.candidates) {
      if (bodyBytes + checked.tx.bytes.length > request.bytesMax) break
      // What costs less may still stand here: a flood of ballots keeps no payment out, nor a payment a batch of a roll.
      const cost = roomUnits(checked)
      const isUnwanted = isHeavy(checked) && heavyUnits > 0 && heavyUnits + cost > unitsMax
      if (isUnwanted || units + cost > blockUnitsMax) continue
      const outcome = run.add(checked)
      if (isFailure(outcome)) {
        request.onBarred(checked, outcome)
        continue
      }
      txs.push(checked)
      bodyBytes += checked.tx.bytes.length
      units += cost
      if (isHeavy(checked)) heavyUnits += cost
      if (txs.length >= request.txsMax || request.isTimeUp()) break
    }
  }
  const result = run.finish()
  const staged = parts.tree.stage(treeChangesOf(result.changes))
  const { lastCommit, proposer, time } = request
  const nextSet = parts.registry.readNextSet(result.view)
  const { rootHash: stateRoot } = staged
  const header = buildHeader({ parts, head, nextSet, lastCommit, evidence, txs, result, time, proposer, stateRoot })
  const block = { header, lastCommit, evidence, txs: txs.map((checked) => checked.tx.bytes) }
  return assemble(parts, { block, txs, result, staged, nextSet })
}

type HeaderParts = {
  parts: ExecutorParts
  head: ChainHead
  /** Who validates after this block, by the state after it. */
  nextSet: ValidatorSet
  lastCommit: Certificate | null
  evidence: readonly Uint8Array[]
  txs: readonly CheckedTransaction[]
  result: BlockResult
  time: TimeMs
  proposer: Address
  stateRoot: Header['stateRoot']
}

function buildHeader(from: HeaderParts): Header {
  const { parts, head, txs, result } = from
  return {
    version: BLOCK_VERSION,
    chainId: parts.genesis.chainId,
    height: head.height + 1,
    time: from.time,
    parentId: head.blockId,
    lastCommitHash: certificateHash(from.lastCommit),
    txRoot: txRootOf(txs.map((checked) => checked.tx.wireHash)),
    receiptsRoot: receiptsRoot(result.receipts),
    stateRoot: from.stateRoot,
    validatorsHash: head.set.hash,
    nextValidatorsHash: from.nextSet.hash,
    paramsHash: paramsHash(head.params),
    evidenceHash: evidenceHash(from.evidence),
    recoveryHash: expectedRecovery(head),
    proposer: from.proposer,
    txCount: txs.length,
    bodyBytes: txs.reduce((sum, checked) => sum + checked.tx.bytes.length, 0),
  }
}

function assemble(
  parts: ExecutorParts,
  from: { block: Block; txs: readonly CheckedTransaction[]; result: BlockResult; staged: StagedTree; nextSet: ValidatorSet },
): Candidate {
  const { block, txs, result, staged } = from
  return {
    block,
    blockId: blockIdOf(block.header),
    encoded: encode(BlockSchema, block),
    txs,
    receipts: result.receipts,
    changes: result.changes,
    staged,
    nextSet: from.nextSet,
    nextParams: parts.registry.readChainParams(result.view),
    recovered: recoveredBy(parts.head()),
    faults: result.faults,
  }
}

/** Checks a whole block against the head and executes it. A sentence when it is not valid; nothing is kept then. */
export function executeCandidate(
  parts: ExecutorParts,
  block: Block,
  known: (bytes: Uint8Array, index: number) => CheckedTransaction | null,
): Candidate | string {
  const head = parts.head()
  const refused = checkHeader(parts, head, block)
  if (refused !== null) return refused
  const txs: CheckedTransaction[] = []
  for (let index = 0; index < block.txs.length; index++) {
    const bytes = block.txs[index] as Uint8Array
    const checked = known(bytes, index) ?? checkStatelessly(parts.registry, parts.genesis.hash, bytes)
    if (isFailure(checked)) return `transaction ${index}: ${checked.code}`
    txs.push(checked)
  }
  const tooCostly = checkUnits(parts, txs)
  if (tooCostly !== null) return tooCostly
  const env = nextBlockEnv(head, parts.genesis, block.header.time)
  const facts = { parentId: head.blockId, lastCommit: block.lastCommit }
  const { registry, state, checkSignature } = parts
  const { evidence, lastCommit } = block
  const result = executeBlock({
    registry,
    base: state,
    block: env,
    facts,
    checkSignature,
    recall: parts.recall,
    evidence,
    recovery: head.recovery?.content ?? null,
    txs,
  })
  if (isFailure(result)) return `a transaction or evidence may not stand in the block: ${result.code}`
  const staged = parts.tree.stage(treeChangesOf(result.changes))
  const { time, proposer } = block.header
  const nextSet = registry.readNextSet(result.view)
  const { rootHash: stateRoot } = staged
  const expected = buildHeader({ parts, head, nextSet, lastCommit, evidence, txs, result, time, proposer, stateRoot })
  const differing = (Object.keys(expected) as (keyof Header)[]).find((field) => expected[field] !== block.header[field])
  if (differing !== undefined) {
    parts.tree.discard(staged)
    return `${differing} is ${String(block.header[differing])}, executing gives ${String(expected[differing])}`
  }
  return assemble(parts, { block, txs, result, staged, nextSet })
}

/** A sentence where a block's transactions cost more than the head allows: then nothing of them is worth checking. */
export function checkUnits({ head }: Pick<ExecutorParts, 'head'>, txs: readonly CheckedTransaction[]): string | null {
  const units = txs.reduce((sum, checked) => sum + roomUnits(checked), 0)
  const { blockUnitsMax } = head().params
  if (units <= blockUnitsMax) return null
  return `the transactions cost ${units} verification units, at most ${blockUnitsMax} are allowed`
}

function checkHeader(parts: ExecutorParts, head: ChainHead, block: Block): string | null {
  const { header, lastCommit } = block
  if (header.chainId !== parts.genesis.chainId) return `chain ${header.chainId}, expected ${parts.genesis.chainId}`
  if (header.height !== head.height + 1) return `height ${header.height}, expected ${head.height + 1}`
  if (header.parentId !== head.blockId) return `parent ${header.parentId}, expected ${head.blockId}`
  if (header.time <= head.header.time) return `time ${header.time} is not after the parent’s ${head.header.time}`
  if (!head.set.indexByAuthority.has(header.proposer)) return 'the proposer is not a validator'
  if (header.txCount > head.params.blockTxsMax || header.bodyBytes > head.params.blockBytesMax)
    return 'the block is larger than the parameters allow'
  if (header.txCount !== block.txs.length) return `txCount ${header.txCount}, body has ${block.txs.length}`
  if (header.lastCommitHash !== certificateHash(lastCommit)) return 'lastCommitHash does not match the certificate'
  return head.height === 0
    ? lastCommit === null
      ? null
      : 'the first block has no certificate below it'
    : checkLastCommit(parts, head, block)
}

function checkLastCommit(parts: ExecutorParts, head: ChainHead, block: Block): string | null {
  const certificate = block.lastCommit
  if (certificate === null) return 'the certificate of the parent is missing'
  const about = certificate.type === 'precommit' && certificate.height === head.height && certificate.blockId === head.blockId
  if (!about) return 'the certificate is not for the parent'
  return checkCertificate({
    chainId: parts.genesis.chainId,
    set: head.signedBy,
    certificate,
    checkSignature: parts.checkSignature,
  })
}
