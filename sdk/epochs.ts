// Owns: who validated when, as a verifier follows it from a genesis or a checkpoint through signed changes of the set.
// Not here: fetching the changes (light-client.ts), proofs under one set (verify.ts).
import type { BlockId, Hash32, Height, TimeMs } from '../core/base/ids.ts'
import { asHash32 } from '../core/base/ids.ts'
import { CodecError } from '../core/base/errors.ts'
import { blockIdOf, HeaderSchema } from '../core/chain/block.ts'
import type { Header } from '../core/chain/block.ts'
import { CertificateSchema } from '../core/chain/certificate.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import { checkRecovery } from '../core/chain/recovery.ts'
import type { Recovery, Roots } from '../core/chain/recovery.ts'
import { verifySignature } from '../core/crypto/keys.ts'
import { setAfter, SetChangeSchema } from '../core/chain/set-change.ts'
import type { SetChange } from '../core/chain/set-change.ts'
import { readValidatorSet, ValidatorListSchema } from '../core/chain/validator-set.ts'
import type { ValidatorSet } from '../core/chain/validator-set.ts'
import { decode } from '../core/codec/schema.ts'
import type { NetworkName } from '../core/crypto/address.ts'
import { checkFinality } from './finality.ts'
import type { Trust } from './trust.ts'

/** A set from a height on, until the next epoch begins. */
export type Epoch = { readonly from: Height; readonly set: ValidatorSet }

/** What a light client believes: the chain, and its sets by height. `time` is that of the newest header behind it. */
export type TrustedChain = {
  readonly chainId: string
  readonly genesisHash: Hash32
  readonly epochs: readonly [Epoch, ...Epoch[]]
  readonly time: TimeMs
  /** The city's root keys, where trust began at the genesis document; without them no recovery can be followed. */
  readonly roots?: Roots | null
}

/** A block that somebody trustworthy vouches for: a city's web page, a newspaper, one's own earlier visit. */
export type Checkpoint = {
  readonly network: NetworkName
  readonly chainId: string
  readonly genesisHash: Hash32
  readonly height: Height
  readonly blockId: BlockId
}

/** What a node gives for a checkpoint; every part in its canonical bytes. `nextValidators` only where the header names others. */
export type Bootstrap = {
  readonly header: Uint8Array
  readonly commit: Uint8Array
  readonly validators: Uint8Array
  readonly nextValidators: Uint8Array | null
}

const CHECKPOINT = /^checkpoint:(city|test|devnet):([a-z0-9-]{1,64}):([1-9][0-9]{0,15}):0x([0-9a-f]{64}):0x([0-9a-f]{64})$/
const PART_BYTES_MAX = 65_536
const CHANGE_BYTES_MAX = 3 * PART_BYTES_MAX

/** One line for a page or a poster: `checkpoint:<network>:<chain id>:<height>:0x<block id>:0x<genesis hash>`. */
export function formatCheckpoint({ network, chainId, height, blockId, genesisHash }: Checkpoint): string {
  return `checkpoint:${network}:${chainId}:${height}:0x${blockId}:0x${genesisHash}`
}

/** The checkpoint of its one line. Throws CodecError on any other text. */
export function parseCheckpoint(text: string): Checkpoint {
  const [, network, chainId, height, blockId, genesisHash] = CHECKPOINT.exec(text) ?? []
  if (chainId === undefined || height === undefined || blockId === undefined || genesisHash === undefined) {
    const shown = JSON.stringify(text.slice(0, 80))
    throw new CodecError(`${shown}: a checkpoint reads checkpoint:<network>:<chain id>:<height>:0x<block>:0x<genesis>`)
  }
  const hashes = { blockId: asHash32(blockId), genesisHash: asHash32(genesisHash) }
  return { network: network as NetworkName, chainId, height: Number(height), ...hashes }
}

/** Trust that begins with a genesis document; `time` is the document's. */
export function beginAtGenesis({ chainId, genesisHash, set, roots = null }: Trust, time: TimeMs): TrustedChain {
  return { chainId, genesisHash, epochs: [{ from: 1, set }], time, roots }
}

/** Trust that begins with a checkpoint, or one sentence why the bootstrap is not of it. Throws CodecError for other bytes. */
export function beginAtCheckpoint(checkpoint: Checkpoint, bootstrap: Bootstrap): TrustedChain | string {
  const { chainId, genesisHash, height, blockId } = checkpoint
  const header = decode(HeaderSchema, bootstrap.header, PART_BYTES_MAX)
  if (blockIdOf(header) !== blockId || header.height !== height) return `the header is not the one of checkpoint ${height}`
  const set = readValidatorSet(decode(ValidatorListSchema, bootstrap.validators, PART_BYTES_MAX))
  if (set === null || set.hash !== header.validatorsHash) return 'the validators are not those that the checkpoint names'
  const certificate = decode(CertificateSchema, bootstrap.commit, PART_BYTES_MAX)
  const fault = checkFinality({ chainId, set }, header, certificate)
  if (fault !== null) return fault
  const chain = { chainId, genesisHash, epochs: [{ from: height, set }] as const, time: header.time }
  if (header.nextValidatorsHash === header.validatorsHash)
    return bootstrap.nextValidators === null ? chain : 'the checkpoint names no other validators, and some are given'
  if (bootstrap.nextValidators === null) return 'the validators that the checkpoint names for the next block are not given'
  const validators = decode(ValidatorListSchema, bootstrap.nextValidators, PART_BYTES_MAX)
  return followChange(chain, { header, certificate, validators, recovery: null })
}

/** A change of the set in its canonical bytes. Throws CodecError on anything else. */
export function decodeChange(bytes: Uint8Array): SetChange {
  return decode(SetChangeSchema, bytes, CHANGE_BYTES_MAX)
}

/**
 * Follows one change: the last header of an epoch, final by that epoch's own set, names the next one. Gives one sentence where it
 * does not show that; nothing is believed then.
 */
export function followChange(chain: TrustedChain, change: SetChange): TrustedChain | string {
  const { header, certificate } = change
  const { height } = header
  const last = lastEpochOf(chain)
  if (height < last.from) return `the change at height ${height} lies below the newest known, which holds from ${last.from}`
  const fault = checkFinality({ chainId: chain.chainId, set: last.set }, header, certificate)
  if (fault !== null) return `the change at height ${height}: ${fault}`
  const refused = change.recovery === null ? null : refusedRecovery(chain, change.recovery)
  if (refused !== null) return `the change at height ${height}: ${refused}`
  const set = setAfter(change)
  if (set === null) return `the validators given for after height ${height} are not those that it names`
  return { ...chain, epochs: [...chain.epochs, { from: height + 1, set }], time: Math.max(chain.time, header.time) }
}

// Where too many validators were lost for good, the city's root keys speak in their place (the guide on a lost quorum).
function refusedRecovery({ chainId, genesisHash, roots }: TrustedChain, recovery: Recovery): string | null {
  if (roots === undefined || roots === null)
    return 'a recovery by root keys that are not known here: begin at the genesis document or at a later checkpoint'
  return checkRecovery({ chainId, genesisHash, roots, validatorsMin: 1, recovery, checkSignature: verifySignature })?.text ?? null
}

/** The epoch that has not ended as far as is known. */
export function lastEpochOf({ epochs }: TrustedChain): Epoch {
  return epochs.at(-1) ?? epochs[0]
}

/** Trust in the set of a height; null below the beginning. Above the last known change it is the set after that change. */
export function trustAt({ chainId, genesisHash, epochs }: TrustedChain, height: Height): Trust | null {
  const epoch = epochs.findLast(({ from }) => from <= height)
  return epoch === undefined ? null : { chainId, genesisHash, set: epoch.set }
}

/** Null when the header is final under the set of its height, else one sentence why not. */
export function checkHeader(chain: TrustedChain, header: Header, commit: Certificate): string | null {
  const trust = trustAt(chain, header.height)
  const { from } = chain.epochs[0]
  return trust === null ? `height ${header.height} lies below ${from}, where trust begins` : checkFinality(trust, header, commit)
}
