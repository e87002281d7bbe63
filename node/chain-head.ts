// Owns: the committed head as one immutable value: what consensus, mempool and RPC read until the next commit replaces it.
// Not here: how it changes (commit.ts), how it is found again after a restart (recover.ts).
import type { BlockId, Hash32, Height, TimeMs } from '../core/base/ids.ts'
import { ZERO_HASH } from '../core/base/ids.ts'
import type { Header } from '../core/chain/block.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import type { ChainParams } from '../core/chain/params.ts'
import type { ValidatorSet } from '../core/chain/validator-set.ts'
import { paramsHash } from '../core/chain/params.ts'
import { BLOCK_VERSION, evidenceHash } from '../core/chain/block.ts'
import type { Recovery } from '../core/chain/recovery.ts'
import { buildValidatorSet } from '../core/chain/validator-set.ts'
import { merkleRoot } from '../core/crypto/merkle.ts'
import type { Genesis } from '../core/execution/init-genesis.ts'
import type { BlockEnv } from '../core/execution/module.ts'
import type { Registry } from '../core/execution/registry.ts'
import type { ReadView } from '../core/state/view.ts'

/** The head: `set` and `params` are those of the next height. Height 0 is the genesis, which has no certificate. */
export type ChainHead = {
  readonly height: Height
  readonly blockId: BlockId
  readonly header: Header
  readonly certificate: Certificate | null
  /** The set whose members signed `certificate`. */
  readonly signedBy: ValidatorSet
  readonly set: ValidatorSet
  readonly params: ChainParams
  /** The recovery that the next block begins with; `set` is its set then. Null or absent at every other height. */
  readonly recovery?: Recovery | null
}

/** The head of a chain without blocks; its "block id" is the genesis hash, the parent of block 1. */
export function genesisHead(genesis: Genesis, registry: Registry, state: ReadView, stateRoot: Hash32): ChainHead {
  const set = registry.readNextSet(state)
  const params = registry.readChainParams(state)
  const header: Header = {
    version: BLOCK_VERSION,
    chainId: genesis.chainId,
    height: 0,
    time: genesis.time,
    parentId: ZERO_HASH,
    lastCommitHash: ZERO_HASH,
    txRoot: merkleRoot([]),
    receiptsRoot: merkleRoot([]),
    stateRoot,
    validatorsHash: set.hash,
    nextValidatorsHash: set.hash,
    paramsHash: paramsHash(params),
    evidenceHash: evidenceHash([]),
    recoveryHash: null,
    proposer: (set.validators[0] as (typeof set.validators)[number]).authority,
    txCount: 0,
    bodyBytes: 0,
  }
  return { height: 0, blockId: genesis.hash, header, certificate: null, signedBy: set, set, params }
}

/** The head with the validators of a recovery in the place of those that the state names for the next height. */
export function withRecovery(head: ChainHead, recovery: Recovery): ChainHead {
  return { ...head, recovery, set: buildValidatorSet(recovery.content.validators) }
}

/** The surroundings of the next block at a given time. */
export function nextBlockEnv(head: ChainHead, genesis: Genesis, time: TimeMs): BlockEnv {
  return { chainId: genesis.chainId, genesisHash: genesis.hash, height: head.height + 1, time, params: head.params }
}
