// Owns: the audit of a stopped node's store: every block executed again on a fresh state, every record compared with what
// executing gives, the first wrong one named. Not here: where it begins (audit-start.ts), signatures and links (audit-signed.ts).
import { NodeError, isFailure } from '../../core/base/errors.ts'
import type { Height } from '../../core/base/ids.ts'
import type { Block } from '../../core/chain/block.ts'
import { receiptsRoot } from '../../core/chain/receipt.ts'
import type { Receipt } from '../../core/chain/receipt.ts'
import type { SignatureCheck } from '../../core/chain/certificate.ts'
import type { ValidatorSet } from '../../core/chain/validator-set.ts'
import type { SetHistory } from '../storage/set-history.ts'
import { assertSetChanges, readNextSet } from './audit-sets.ts'
import { encode } from '../../core/codec/schema.ts'
import { BlockSchema } from '../../core/chain/block.ts'
import { checkStatelessly } from '../../core/execution/check.ts'
import type { CheckedTransaction } from '../../core/execution/check.ts'
import { buildCommitRecord } from '../commit.ts'
import { withRecovery } from '../chain-head.ts'
import { executeCandidate } from '../executor.ts'
import type { Candidate, ExecutorParts } from '../executor.ts'
import { KEYS, STATE_PREFIX } from '../storage/keys.ts'
import { buildCommitChanges, createChainStore, headerRecords } from '../storage/chain-store.ts'
import type { ChainStore } from '../storage/chain-store.ts'
import { LIMITS } from '../../core/base/limits.ts'
import { AuditFault, assertRecord, describeBytes, refuseRecord } from './audit-fault.ts'
import type { Finding } from './audit-fault.ts'
import { assertInvariants, assertWholeStore, findExtent } from './audit-store.ts'
import type { Extent } from './audit-store.ts'
import { assertLink, createRecentCheck, readBody, readSigned } from './audit-signed.ts'
import type { Signed } from './audit-signed.ts'
import type { AuditPoint } from './audit-point.ts'
import { goOn, startAtPoint } from './audit-resume.ts'
import { buildGenesisStart, viewOf } from './audit-start.ts'
import type { AuditStart, StartParts } from './audit-start.ts'

/** How far an audit is: `blocks` looked at so far, executed or not. */
export type AuditProgress = {
  readonly height: Height
  readonly top: Height
  readonly blocks: number
  readonly txs: number
  readonly ms: number
}

/** What is audited and how; `start` is asked once the extent of the store is known. */
export type AuditRequest = StartParts & {
  readonly start: (extent: Extent) => Promise<AuditStart>
  /** Blocks between two checks of the rooms' invariants over the whole state; 0 checks them at the end alone. */
  readonly invariantsEvery: number
  readonly onProgress: (progress: AuditProgress) => void
  /** Where a run that was broken off goes on: heights up to the point were found right, and are not read again. */
  readonly point?: AuditPoint | null
  /** Told how far it is, every `every` executed blocks. */
  readonly save?: { readonly every: number; readonly keep: (point: AuditPoint) => void }
}

/** An audit that found nothing wrong. */
export type AuditReport = {
  readonly oldest: Height
  readonly from: Height
  readonly top: Height
  /** Blocks looked at, and those of them that were executed. */
  readonly blocks: number
  readonly executed: number
  readonly txs: number
  readonly signatures: number
  readonly stateRecords: number
  readonly stateRoot: string
  readonly ms: number
}

type Run = AuditRequest & {
  readonly chain: ChainStore
  readonly extent: Extent
  readonly check: SignatureCheck
  /** Records that each prefix must have. */
  readonly counts: Map<string, number>
  readonly signatures: () => number
  readonly begunMs: number
  txs: number
}

/** Audits a store. The report, or the first wrong record. Throws NodeError where the audit itself cannot begin or read. */
export async function auditStore(request: AuditRequest): Promise<AuditReport | Finding> {
  try {
    return await runAudit(request)
  } catch (error) {
    if (error instanceof AuditFault) return error.finding
    throw error
  }
}

async function runAudit(request: AuditRequest): Promise<AuditReport> {
  const begunMs = performance.now()
  const { store, genesis } = request
  const extent = await findExtent(store, genesis.hash)
  const { point } = request
  const start = point ? await startAtPoint(request, extent, point) : await request.start(extent)
  const from = start.head.height + 1
  let verified = 0
  const recent = createRecentCheck()
  const check: SignatureCheck = (claim) => {
    verified++
    return recent(claim)
  }
  if (from < extent.oldest)
    throw new NodeError(
      'AUDIT_FROM',
      `bodies begin at height ${extent.oldest}, so the audit cannot execute height ${from}: begin higher`,
    )
  const chain = createChainStore(store)
  const run: Run = {
    ...request,
    chain,
    extent,
    check,
    counts: new Map(),
    signatures: () => verified,
    begunMs,
    txs: 0,
  }
  if (start.head.height > extent.top)
    throw new NodeError('AUDIT_FROM', `the audit would begin above height ${extent.top}, where the store ends`)
  const sets = await assertSetChanges(run)
  if (point) goOn(run, point)
  else readHistory(run, start, sets)
  const end = executeAll(run, start)
  assertInvariants(request.registry, end.records, extent.top)
  await assertWholeStore({ store, extent, counts: run.counts, records: end.records, head: end.head })
  return {
    oldest: extent.oldest,
    from,
    top: extent.top,
    blocks: blocksUpTo(extent, extent.top),
    executed: extent.top - start.head.height,
    txs: run.txs,
    signatures: verified,
    stateRecords: end.records.size,
    stateRoot: end.head.header.stateRoot,
    ms: performance.now() - begunMs,
  }
}

function blocksUpTo({ lowestHeader }: Extent, height: Height): number {
  return height - Math.max(1, lowestHeader) + 1
}

function tellProgress(run: Run, height: Height): void {
  run.onProgress({
    height,
    top: run.extent.top,
    blocks: blocksUpTo(run.extent, height),
    txs: run.txs,
    ms: performance.now() - run.begunMs,
  })
}

/** Heights below the start: signed, linked, and as far as bodies are held the same records as a commit writes. */
function readHistory(run: Run, start: AuditStart, sets: SetHistory): void {
  const { store, genesis, extent } = run
  const origin = buildGenesisStart(run).head
  let parent: Pick<Signed, 'blockId' | 'header'> | null = extent.lowestHeader === 1 ? origin : null
  for (let height = Math.max(1, extent.lowestHeader); height <= start.head.height; height++) {
    const set = setOf(run, sets, parent, height)
    const signed = readSigned(store, height, { chainId: genesis.chainId, set, checkSignature: run.check })
    if (parent !== null) assertLink(parent, signed)
    readNextSet(run.store, signed)
    if (height < extent.oldest) compareAll(run, height, headerRecords(signed.header, signed.certificate))
    else compareAll(run, height, unexecutedRecords(run, signed))
    // What an undo record must hold is only known by executing; that it may be there is.
    if (height > extent.top - LIMITS.undoBlocksKept && store.get(KEYS.undo(height)) !== null) countRecord(run, 'u/')
    parent = signed
    if (height % 256 === 0) tellProgress(run, height)
  }
}

function setOf(run: Run, sets: SetHistory, parent: Pick<Signed, 'header'> | null, height: Height): ValidatorSet {
  const following = parent === null ? run.chain.headerAt(height)?.validatorsHash : parent.header.nextValidatorsHash
  const named = run.chain.recoveryAt(height) === null ? following : sets.at(height).hash
  const set = named === undefined ? null : sets.byHash(named)
  if (set !== null) return set
  const text = `the validators of height ${height} are not known here`
  throw new NodeError('AUDIT_FROM', `${text}: begin at genesis, or let the audit begin at another block`)
}

function unexecutedRecords(run: Run, signed: Signed) {
  const { height } = signed.header
  const block = readBody(run.store, signed)
  const receipts = readReceipts(run, signed)
  const candidate = {
    block,
    blockId: signed.blockId,
    encoded: encode(BlockSchema, block),
    txs: checkedOf(run, block),
    receipts,
    recovered: signed.header.recoveryHash === null ? null : run.chain.setChangeAt(height - 1),
    changes: [],
    faults: [],
    nextSet: readNextSet(run.store, signed),
  }
  const record = buildCommitRecord({
    registry: run.registry,
    state: viewOf(new Map()),
    candidate,
    certificate: signed.certificate,
  })
  run.txs += block.txs.length
  // What a block changed is not known without executing it; the state's root at the start stands for all of it.
  return buildCommitChanges(record).filter(({ key }) => key !== KEYS.undo(height))
}

function checkedOf(run: Run, block: Block): readonly CheckedTransaction[] {
  return block.txs.map((bytes, index) => {
    const checked = checkStatelessly(run.registry, run.genesis.hash, bytes)
    if (!isFailure(checked)) return checked
    const { height } = block.header
    const expected = 'a transaction that this version reads'
    return refuseRecord({ key: KEYS.block(height), height, what: `transaction ${index}`, expected, found: checked.code })
  })
}

function readReceipts({ chain, store }: Run, { header }: Signed): readonly Receipt[] {
  const { height } = header
  const key = KEYS.receipts(height)
  const found = store.get(key)
  let receipts: readonly Receipt[] | null = null
  try {
    receipts = chain.receiptsAt(height)
  } catch {
    // Told below as what it is: no receipts.
  }
  const root = receipts === null ? null : receiptsRoot(receipts)
  if (receipts !== null && root === header.receiptsRoot) return receipts
  const what = found === null ? 'the record is missing' : 'the receipts do not have the root that the signed header names'
  return refuseRecord({ key, height, what, expected: `0x${header.receiptsRoot}`, found: describeBytes(found) })
}

/** From the start to the top: signed, linked, executed, and every record compared byte for byte. */
function executeAll(run: Run, start: AuditStart): AuditStart {
  const { registry, genesis, store, extent } = run
  const { records, tree } = start
  let { head } = start
  const state = viewOf(records)
  const parts: ExecutorParts = { registry, genesis, state, tree, head: () => head, checkSignature: run.check }
  for (let height = head.height + 1; height <= extent.top; height++) {
    const recovery = run.chain.recoveryAt(height)
    if (recovery !== null) head = withRecovery(head, recovery)
    const signed = readSigned(store, height, { chainId: genesis.chainId, set: head.set, checkSignature: run.check })
    assertLink(head, signed)
    const block = readBody(store, signed)
    const candidate = execute(parts, block)
    const { certificate, header, blockId } = signed
    const record = buildCommitRecord({ registry, state, candidate, certificate })
    compareAll(run, height, buildCommitChanges(record))
    for (const { key, value } of candidate.changes) value === null ? records.delete(key) : records.set(key, value)
    tree.commit(candidate.staged)
    head = { height, blockId, header, certificate, signedBy: head.set, set: candidate.nextSet, params: candidate.nextParams }
    run.txs += block.txs.length
    if (run.save !== undefined && height % run.save.every === 0 && height < extent.top)
      run.save.keep({ height, blockId, txs: run.txs, counts: [...run.counts], records })
    const isDue = run.invariantsEvery > 0 && height % run.invariantsEvery === 0 && height < extent.top
    if (isDue) assertInvariants(registry, records, height)
    if (height % 64 === 0 || height === extent.top) tellProgress(run, height)
  }
  return { records, tree, head }
}

function execute(parts: ExecutorParts, block: Block): Candidate {
  const outcome = executeCandidate(parts, block, () => null)
  if (typeof outcome !== 'string') return outcome
  const { height } = block.header
  // The body is what was signed, so either this version executes otherwise than the one that agreed on it, or a quorum lied.
  const what = 'executing the signed block gives another result'
  return refuseRecord({ key: KEYS.block(height), height, what, expected: 'the signed header', found: outcome })
}

/** Compares what a commit writes with what the store holds; the state itself is compared as a whole at the end. */
function compareAll(
  run: Run,
  height: Height,
  changes: ReturnType<typeof buildCommitChanges> | ReturnType<typeof headerRecords>,
): void {
  for (const { key, value } of changes) {
    if (value === null || key.startsWith(STATE_PREFIX) || key === KEYS.head) continue
    const prefix = key.slice(0, 2)
    if (prefix === 'u/' && (height <= run.extent.top - LIMITS.undoBlocksKept || height < run.extent.lowestUndo)) continue
    assertRecord(run.store, { key, height, value })
    // Counted with those below the lowest header (audit-sets.ts).
    if (prefix !== 'v/') countRecord(run, prefix)
  }
}

function countRecord({ counts }: Run, prefix: string): void {
  counts.set(prefix, (counts.get(prefix) ?? 0) + 1)
}
