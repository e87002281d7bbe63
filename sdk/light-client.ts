// Owns: following a chain through a node that is not trusted: changes of the set, heads, headers and proofs, each verified before
// it is believed; noticing two final blocks of one height. Not here: what makes them valid (epochs.ts, verify.ts, fork.ts).
import type { Height, TimeMs } from '../core/base/ids.ts'
import { blockIdOf, HeaderSchema } from '../core/chain/block.ts'
import { CertificateSchema } from '../core/chain/certificate.ts'
import type { SetChange } from '../core/chain/set-change.ts'
import { decode, encode } from '../core/codec/schema.ts'
import type { ChainRef } from './chain.ts'
import type { Client } from './client.ts'
import { beginAtCheckpoint, decodeChange, lastEpochOf, trustAt } from './epochs.ts'
import type { Bootstrap, Checkpoint, TrustedChain } from './epochs.ts'
import { LightError } from './errors.ts'
import { checkFork, culpritsOf } from './fork.ts'
import type { Culprits, FinalHeader, ForkEvidence } from './fork.ts'
import { believe, createLightState, refuse } from './light-state.ts'
import type { LightState } from './light-state.ts'
import type { FinalHeaderJson, LightBootstrapJson, LightUpdatesJson } from './methods.ts'
import { decodeFinality, formatBytes, formatHash, parseBytes, parseTxId, readStateProof, readTransactionProof } from './proof.ts'
import type { ProofBase } from './proof.ts'
import { verifyStateProof, verifyTransactionProof } from './verify.ts'
import type { ProvenState, ProvenTransaction, Verdict } from './verify.ts'

/** How a light client is made. Times are ms. */
export type LightClientOptions = {
  /** The node that is asked. */
  readonly client: Client
  /** Other nodes, asked for the same heights by `compare`. */
  readonly witnesses?: readonly Client[]
  /** Which chain, and the rooms by which its records read; from the genesis document, never from the node. */
  readonly chain: ChainRef
  /** Where trust begins. */
  readonly trusted: TrustedChain
  /** How long old validators are believed: within it nobody may get hold of a quorum of keys that were given up. */
  readonly trustingPeriodMs?: number
  /** How far a header's time may lie ahead of ours. */
  readonly clockDriftMs?: number
  readonly nowMs?: () => TimeMs
}

/** Verified answers of a node that is not trusted. Each throws LightError where nothing shown holds, RpcError, NodeError. */
export type LightClient = {
  /** What is believed now. */
  readonly trusted: () => TrustedChain
  /** The highest verified block as a line to keep, from which `fetchCheckpoint` begins the next time; null before the first. */
  readonly checkpoint: () => Checkpoint | null
  /** The highest header verified so far, or null. */
  readonly head: () => FinalHeader | null
  /** Follows the changes of the set up to the node's head and verifies it. Never goes back. */
  readonly update: () => Promise<FinalHeader>
  /** A verified header of a height up to the head's. */
  readonly header: (height: Height) => Promise<FinalHeader>
  /** A verified record under a key at the node's head, or its absence. */
  readonly state: (key: string) => Promise<ProvenState>
  /** A verified final transaction with its receipt. */
  readonly transaction: (txId: string) => Promise<ProvenTransaction>
  /** Asks the witnesses for the head's height. Throws LightError LIGHT_FORK where one shows another final block. */
  readonly compare: () => Promise<{ readonly agreeing: number; readonly silent: number }>
}

/** Default trusting period: sixty days. */
export const TRUSTING_PERIOD_MS = 60 * 86_400_000
/** Default for how far a header may be ahead of our clock. */
export const CLOCK_DRIFT_MS = 10_000

/** Changes in one answer at most; a node that gives more in one update than years of changes is lying or broken. */
const CHANGES_PER_UPDATE_MAX = 10_000
const PART_BYTES_MAX = 65_536

/** The trust of a checkpoint that a node completes with the validators behind it. Throws LightError where they are not of it. */
export async function fetchCheckpoint(client: Client, checkpoint: Checkpoint): Promise<TrustedChain> {
  const json = await client.call('light_getBootstrap', { checkpoint: formatHash(checkpoint.blockId) })
  return believe(() => beginAtCheckpoint(checkpoint, readBootstrap(json)))
}

/** The bootstrap in a node's answer; nothing is verified. Throws CodecError. */
export function readBootstrap({ header, commit, validators, nextValidators }: LightBootstrapJson): Bootstrap {
  return {
    header: parseBytes(header, 'header'),
    commit: parseBytes(commit, 'commit'),
    validators: parseBytes(validators, 'validators'),
    nextValidators: nextValidators === null ? null : parseBytes(nextValidators, 'nextValidators'),
  }
}

/** A light client that believes nothing but signatures of the validators it follows. */
export function createLightClient(options: LightClientOptions): LightClient {
  const { client, chain, witnesses = [] } = options
  const state = createLightState(options.trusted, {
    trustingPeriodMs: options.trustingPeriodMs ?? TRUSTING_PERIOD_MS,
    clockDriftMs: options.clockDriftMs ?? CLOCK_DRIFT_MS,
    nowMs: options.nowMs ?? Date.now,
  })
  const update = (): Promise<FinalHeader> => followNode(client, state)
  return {
    trusted: state.trusted,
    head: state.head,
    checkpoint() {
      const { chainId, genesisHash } = state.trusted()
      const header = state.head()?.header ?? null
      if (header === null) return null
      return { network: chain.network, chainId, genesisHash, height: header.height, blockId: blockIdOf(header) }
    },
    update,
    async header(height) {
      state.requireFresh()
      const json = await client.call('light_getHeader', { height })
      const found = believe(() => readFinalHeader(json))
      if (found.header.height !== height) return refuse(`asked for height ${height}, given was ${found.header.height}`)
      return state.accept(found)
    },
    async state(key) {
      const { height } = (await update()).header
      const json = await client.call('state_getProof', { key, atLeast: height })
      const proof = believe(() => readStateProof(chain, json.value))
      const at = await acceptProof(client, state, proof)
      if (at < height) throw new LightError('LIGHT_BEHIND', `the record is of height ${at}, seen was ${height}: ask another node`)
      return proven(verifyStateProof({ trust: state.trustAt(at), proof, key }))
    },
    async transaction(txId) {
      await update()
      const id = parseTxId(txId)
      const json = await client.call('tx_getProof', { hash: formatHash(id) })
      const proof = believe(() => readTransactionProof(chain, json))
      const at = await acceptProof(client, state, proof)
      const found = proven(verifyTransactionProof({ trust: state.trustAt(at), proof }))
      return found.tx.id === id ? found : refuse('the proof is of another transaction')
    },
    async compare() {
      const { header } = state.head() ?? (await update())
      let agreeing = 0
      for (const witness of witnesses) {
        const found = await askWitness(witness, header.height)
        // A witness that shows nothing final proves nothing, against nobody.
        if (found !== null && found.header.height === header.height && state.confirm(found)) agreeing += 1
      }
      return { agreeing, silent: witnesses.length - agreeing }
    },
  }
}

/** Follows the changes up to the node's head and believes that head. */
async function followNode(client: Client, state: LightState): Promise<FinalHeader> {
  state.requireFresh()
  for (let taken = 0; taken <= CHANGES_PER_UPDATE_MAX; ) {
    const json = await client.call('light_getUpdates', { from: lastEpochOf(state.trusted()).from })
    const { changes, newest, more } = believe(() => readUpdates(json))
    for (const change of changes) state.follow(change)
    taken += changes.length
    if (more && changes.length > 0) continue
    if (more) return refuse('the node says that there are more changes and gives none')
    const { height } = state.accept(newest).header
    const seen = state.head()?.header.height ?? height
    if (height >= seen) return newest
    throw new LightError('LIGHT_BEHIND', `the node is at height ${height}, seen was ${seen}: ask another node`)
  }
  return refuse(`the node gives more than ${CHANGES_PER_UPDATE_MAX} changes`)
}

/** Believes the header of a proof, which may be newer than the last update; gives its height. */
async function acceptProof(client: Client, state: LightState, proof: ProofBase): Promise<Height> {
  const found = believe(() => decodeFinality(proof))
  if (found.header.height > (state.head()?.header.height ?? 0)) await followNode(client, state)
  return state.accept(found).header.height
}

function proven<T>(verdict: Verdict<T>): T {
  return verdict.ok ? verdict : refuse(verdict.reason)
}

async function askWitness(witness: Client, height: Height): Promise<FinalHeader | null> {
  try {
    return readFinalHeader(await witness.call('light_getHeader', { height }))
  } catch {
    return null
  }
}

/** Hands two certificates of one height to a node, which records and alarms. Throws RpcError, NodeError. */
export async function reportFork(client: Client, evidence: ForkEvidence): Promise<{ readonly height: Height }> {
  const { first, second } = evidence
  return client.call('light_reportFork', { first: formatFinalHeader(first), second: formatFinalHeader(second) })
}

/** Who is named by the evidence of a LIGHT_FORK, under the set of its height. Throws LightError where it is no evidence. */
export function nameCulprits(trusted: TrustedChain, evidence: ForkEvidence): Culprits {
  const trust = trustAt(trusted, evidence.height) ?? refuse(`height ${evidence.height} lies below where trust begins`)
  const fault = checkFork(trust, evidence)
  return fault === null ? culpritsOf(trust, evidence) : refuse(fault)
}

function formatFinalHeader({ header, commit }: FinalHeader): FinalHeaderJson {
  return { header: formatBytes(encode(HeaderSchema, header)), commit: formatBytes(encode(CertificateSchema, commit)) }
}

type Updates = { readonly changes: readonly SetChange[]; readonly newest: FinalHeader; readonly more: boolean }

function readUpdates({ changes, head, more }: LightUpdatesJson): Updates {
  if (!Array.isArray(changes)) return refuse('the answer holds no list of changes')
  const read = changes.map((change, at) => decodeChange(parseBytes(change, `changes[${at}]`)))
  return { changes: read, newest: readFinalHeader(head), more: more === true }
}

function readFinalHeader(json: FinalHeaderJson): FinalHeader {
  const { header, commit } = typeof json === 'object' && json !== null ? json : refuse('the answer holds no header')
  return {
    header: decode(HeaderSchema, parseBytes(header, 'header'), PART_BYTES_MAX),
    commit: decode(CertificateSchema, parseBytes(commit, 'commit'), PART_BYTES_MAX),
  }
}
