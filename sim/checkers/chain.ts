// Owns: agreement, validity and certificates: one block per height everywhere, executed and verified again by a stranger.
// Not here: signatures of single messages (signing.ts), progress (liveness.ts).
import { must } from '../../core/base/assert.ts'
import { blockIdOf } from '../../core/chain/block.ts'
import type { Block } from '../../core/chain/block.ts'
import { CertificateSchema, checkCertificate } from '../../core/chain/certificate.ts'
import type { Certificate } from '../../core/chain/certificate.ts'
import type { ValidatorSet } from '../../core/chain/validator-set.ts'
import type { BlockId, Height, TimeMs } from '../../core/base/ids.ts'
import { encode } from '../../core/codec/schema.ts'
import { initGenesis } from '../../core/execution/init-genesis.ts'
import { sha256, sha256Bytes } from '../../core/crypto/hash.ts'
import { createStateTree } from '../../core/state/tree.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { genesisHead } from '../../node/chain-head.ts'
import type { ChainHead } from '../../node/chain-head.ts'
import type { ChainNode } from '../../node/chain-node.ts'
import { executeCandidate } from '../../node/executor.ts'
import type { Candidate } from '../../node/executor.ts'
import type { World } from '../world.ts'
import type { Report } from './violation.ts'

/** What the whole network decided, as the checker executed it itself. */
export type ChainChecker = {
  readonly onCommit: (machine: number, candidate: Candidate, certificate: Certificate) => void
  /** A machine came back: everything that it had told its listeners must still be there. */
  readonly onStarted: (machine: number, node: ChainNode) => void
  /** An old store was put back on purpose: what this machine told before no longer counts. */
  readonly forget: (machine: number) => void
  readonly height: () => Height
  readonly heightOf: (machine: number) => Height
  readonly txCount: () => number
}

/** What the checker is built from; `nowMs` is the true wall time. */
export type ChainCheckerParts = {
  readonly world: World
  readonly honest: (machine: number) => boolean
  readonly report: Report
  readonly nowMs: () => TimeMs
  readonly checkEvidence: (block: Block) => void
}

/** How far ahead of the true time an honest clock may be; the others are among the faulty. */
const HONEST_SKEW_MS = 200

/** Builds the checker on the run's genesis. */
export function createChainChecker({ world, honest, report, nowMs, checkEvidence }: ChainCheckerParts): ChainChecker {
  const replica = createReplica(world)
  const decided: BlockId[] = [world.genesis.hash]
  /** Whose quorum each height needs, by height; nobody's below the first block. */
  const signers: ValidatorSet[] = [replica.head().set]
  const told = new Map<number, Height>()
  let txs = 0

  const checkProof = createProofCheck(world, report)

  const checkNext = (machine: number, { block, blockId }: Pick<Candidate, 'block' | 'blockId'>): void => {
    signers.push(replica.head().set)
    const refused = replica.apply(block)
    if (refused !== null)
      report('validity', machine, `block ${blockId} at height ${block.header.height} is not valid: ${refused}`)
    const aheadMs = block.header.time - nowMs()
    if (aheadMs > HONEST_SKEW_MS + replica.head().params.precisionMs)
      report('validity', machine, `block ${blockId} is ${aheadMs} ms ahead of the true time`)
    checkEvidence(block)
    decided.push(blockId)
    txs += block.txs.length
  }

  return {
    height: () => decided.length - 1,
    heightOf: (machine) => told.get(machine) ?? 0,
    txCount: () => txs,
    forget: (machine) => void told.delete(machine),
    onCommit(machine, candidate, certificate) {
      if (!honest(machine)) return
      const { height } = candidate.block.header
      const before = told.get(machine)
      if (before !== undefined && height !== before + 1)
        report('durability', machine, `committed height ${height} after telling of height ${before}`)
      told.set(machine, height)
      if (height === decided.length) checkNext(machine, candidate)
      else if (height > decided.length) report('agreement', machine, `height ${height} came before height ${decided.length}`)
      if (decided[height] !== candidate.blockId)
        report('agreement', machine, `height ${height}: ${candidate.blockId}, another machine has ${decided[height]}`)
      checkProof(machine, certificate, { set: signers[height], blockId: decided[height] })
    },
    onStarted(machine, node) {
      if (!honest(machine)) return
      const { height, blockId } = node.head()
      const before = told.get(machine) ?? 0
      if (height < before) report('durability', machine, `restarted at height ${height} after telling of height ${before}`)
      // A batch may have reached the disk in a crash without anyone being told.
      for (let next = decided.length; next <= height; next++) {
        const block = must(node.chain.blockAt(next), 'a block below the head')
        checkNext(machine, { block, blockId: blockIdOf(block.header) })
        const certificate = must(node.chain.certificateAt(next), 'a certificate below the head')
        checkProof(machine, certificate, { set: signers[next], blockId: decided[next] })
      }
      if (before !== 0 || height > 0) told.set(machine, height)
      if (decided[height] !== undefined && decided[height] !== blockId)
        report('agreement', machine, `restarted on ${blockId} at height ${height}, decided was ${decided[height]}`)
    },
  }
}

type Expected = { readonly set: ValidatorSet | undefined; readonly blockId: BlockId | undefined }

// Each different certificate once, by nothing but the set, the block id and the rule.
function createProofCheck(world: World, report: Report): (machine: number, certificate: Certificate, expected: Expected) => void {
  const proved = new Set<string>()
  return (machine, certificate, { set, blockId }) => {
    const key = sha256(encode(CertificateSchema, certificate))
    if (proved.has(key)) return
    proved.add(key)
    const isForIt = set !== undefined && certificate.type === 'precommit' && certificate.blockId === blockId
    const refused = isForIt
      ? checkCertificate({ chainId: world.genesis.chainId, set, certificate, checkSignature: world.checkSignature })
      : 'it is not a commit of the decided block'
    if (refused !== null)
      report('certificate', machine, `the certificate of height ${certificate.height} does not verify: ${refused}`)
  }
}

type Replica = { readonly apply: (block: Candidate['block']) => string | null; readonly head: () => ChainHead }

// Its own state, tree and head: nothing is shared with any node.
function createReplica(world: World): Replica {
  const { genesis, checkSignature } = world
  const records = new Map<string, Uint8Array>()
  for (const { key, value } of initGenesis(REGISTRY, genesis)) if (value !== null) records.set(key, value)
  const state = { get: (key: string) => records.get(key) ?? null }
  const tree = createStateTree()
  tree.buildFrom([...records].map(([key, value]) => ({ key: sha256Bytes(key), valueHash: sha256Bytes(value) })))
  let head = genesisHead(genesis, REGISTRY, state, tree.committedHash())
  const parts = { registry: REGISTRY, genesis, state, tree, head: () => head, checkSignature }
  return {
    head: () => head,
    apply(block) {
      const outcome = executeCandidate(parts, block, () => null)
      if (typeof outcome === 'string') return outcome
      tree.commit(outcome.staged)
      const { stateRoot } = block.header
      if (stateRoot !== tree.committedHash()) return `its state root is ${stateRoot}, executing gives ${tree.committedHash()}`
      for (const { key, value } of outcome.changes) {
        if (value === null) records.delete(key)
        else records.set(key, value)
      }
      const { header } = block
      const { nextSet: set, nextParams: params, blockId } = outcome
      head = { height: header.height, blockId, header, certificate: null, signedBy: head.set, set, params }
      return null
    },
  }
}
