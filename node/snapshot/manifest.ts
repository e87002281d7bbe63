// Owns: the manifest of a snapshot: what it holds, in one text form that no byte of can change, and whether its head is final.
// Not here: the chunks (chunk.ts), stores and folders (node/maintenance).
import { NodeError, CodecError } from '../../core/base/errors.ts'
import { toHex } from '../../core/base/bytes.ts'
import type { BlockId, Hash32 } from '../../core/base/ids.ts'
import { asHash32 } from '../../core/base/ids.ts'
import { LIMITS } from '../../core/base/limits.ts'
import { HeaderSchema, blockIdOf } from '../../core/chain/block.ts'
import type { Header } from '../../core/chain/block.ts'
import { CertificateSchema, checkCertificate } from '../../core/chain/certificate.ts'
import type { SignatureCheck } from '../../core/chain/certificate.ts'
import type { City } from '../../core/chain/set-change.ts'
import { SetChangeListSchema, followSetChanges } from '../../core/chain/set-change.ts'
import { ValidatorListSchema, readValidatorSet } from '../../core/chain/validator-set.ts'
import type { ValidatorSet } from '../../core/chain/validator-set.ts'
import { choice, list, struct } from '../../core/codec/compound.ts'
import { code, hash32, u32, u53, u8 } from '../../core/codec/fields.ts'
import { encode, fromJson, toJson } from '../../core/codec/schema.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { createHasher } from '../../core/crypto/hash.ts'
import { verifySignature } from '../../core/crypto/keys.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { KEY_MAX } from '../../core/state/tree-range.ts'

/** Version of manifest and chunks; another one is refused. */
export const SNAPSHOT_FORMAT = 2

/** File name of the manifest. */
export const MANIFEST_NAME = 'manifest.json'

/** One chunk: the highest key in the tree that it answers for, and what its file must be. */
const ChunkEntrySchema = struct({ last: hash32, records: u32, bytes: u32, sha256: hash32 })

/** The chunks of a snapshot in the order of their keys. */
export const ChunkListSchema = list(ChunkEntrySchema, 1_000_000)

const ManifestSchema = struct({
  format: u8,
  chainId: code(LIMITS.chainIdCharsMax),
  network: choice({ city: 1, test: 2, devnet: 3 }),
  genesisHash: hash32,
  height: u53,
  blockId: hash32,
  stateRoot: hash32,
  header: HeaderSchema,
  certificate: CertificateSchema,
  /** The validators whose signatures the certificate holds; the header names their hash. */
  validators: ValidatorListSchema,
  /** Every change of validators up to this height: with the genesis they show whose signatures count. */
  changes: SetChangeListSchema,
  records: u53,
  bytes: u53,
  chunks: ChunkListSchema,
})

/** What a snapshot holds: a final header and its whole state in chunks of rising keys. */
export type Manifest = Infer<typeof ManifestSchema>

const hashManifest = createHasher('naru/snapshot/v1')
const LAST_KEY = asHash32(toHex(KEY_MAX))

/** Refuses a snapshot. */
export function refuseSnapshot(code: 'FORMAT' | 'CORRUPT' | 'CHAIN' | 'UNTRUSTED', message: string): never {
  throw new NodeError(`SNAPSHOT_${code}`, message)
}

/** The manifest's one text form. */
export function formatManifest(manifest: Manifest): string {
  const manifestHash = `0x${hashManifest(encode(ManifestSchema, manifest))}`
  const json = toJson(ManifestSchema, manifest, textContextOf(manifest.network)) as Record<string, unknown>
  return `${JSON.stringify({ ...json, manifestHash }, null, 2)}\n`
}

/** Reads a manifest. Throws NodeError SNAPSHOT_FORMAT for another version, SNAPSHOT_CORRUPT for any other text. */
export function parseManifest(text: string): Manifest {
  const { manifestHash, ...json } = parseObject(text)
  if (json['format'] !== SNAPSHOT_FORMAT) {
    const found = JSON.stringify(json['format'])
    refuseSnapshot(
      'FORMAT',
      `the snapshot has format ${found}, this version reads ${SNAPSHOT_FORMAT}: restore it with the release that made it`,
    )
  }
  let manifest: Manifest
  try {
    const network = json['network'] === 'city' || json['network'] === 'test' ? json['network'] : 'devnet'
    manifest = fromJson(ManifestSchema, json, textContextOf(network))
  } catch (error) {
    if (error instanceof CodecError) return refuseSnapshot('CORRUPT', `the manifest is damaged: ${error.message}`)
    throw error
  }
  if (formatManifest(manifest) !== text)
    refuseSnapshot('CORRUPT', `the manifest is damaged: it does not have the hash that it names (${String(manifestHash)})`)
  return manifest
}

function parseObject(text: string): Record<string, unknown> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    json = null
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return refuseSnapshot('CORRUPT', 'the manifest is no JSON object')
  return json as Record<string, unknown>
}

/** What is believed without proof: the chain, the validators of its genesis, and a block that the operator vouches for. */
export type SnapshotTrust = {
  readonly chainId: string
  readonly genesisHash: Hash32
  readonly set: ValidatorSet
  readonly blockId: BlockId | null
  /** Whose recoveries are believed among the changes of validators. */
  readonly city: City
  /** The header of a block at or below the snapshot that the operator vouches for: from there on changes must be signed. */
  readonly anchor?: Header
}

/**
 * Refuses a manifest whose header is not final on this chain. The validators are believed when the changes of the manifest lead
 * to them from the genesis, each signed by a quorum of those before, or when the operator vouches for the block itself.
 * Throws NodeError SNAPSHOT_CHAIN, SNAPSHOT_CORRUPT or SNAPSHOT_UNTRUSTED.
 */
export function assertManifest(manifest: Manifest, trust: SnapshotTrust): void {
  const { header, certificate, height } = manifest
  if (manifest.chainId !== trust.chainId || manifest.genesisHash !== trust.genesisHash || header.chainId !== trust.chainId) {
    const theirs = `${manifest.chainId} (genesis 0x${manifest.genesisHash})`
    refuseSnapshot('CHAIN', `the snapshot is of ${theirs}, this chain is ${trust.chainId} (genesis 0x${trust.genesisHash})`)
  }
  const set = readValidatorSet(manifest.validators)
  if (set === null) return refuseSnapshot('CORRUPT', 'the validators are no set')
  const faults: readonly (readonly [boolean, string])[] = [
    [header.height === height && height > 0, 'the header is of another height'],
    [blockIdOf(header) === manifest.blockId, 'the block id is not the header’s'],
    [header.stateRoot === manifest.stateRoot, 'the state root is not the header’s'],
    [header.validatorsHash === set.hash, 'the validators are not those that the header names'],
    [certificate.type === 'precommit' && certificate.height === height, 'the certificate is of another height or kind'],
    [certificate.blockId === manifest.blockId, 'the certificate is of another block'],
  ]
  for (const [isRight, text] of faults) if (!isRight) refuseSnapshot('CORRUPT', text)
  assertChunks(manifest)
  if (trust.blockId !== null && trust.blockId !== manifest.blockId)
    refuseSnapshot('UNTRUSTED', `the snapshot is of block 0x${manifest.blockId}, the trusted block is 0x${trust.blockId}`)
  assertSigners(manifest, trust, set)
  const refused = checkCertificate({ chainId: trust.chainId, set, certificate, checkSignature: verifySignature })
  if (refused !== null) refuseSnapshot('UNTRUSTED', `the certificate does not hold: ${refused}`)
}

// The last change may be at this very height; it is about the validators after it.
function assertSigners({ header, changes, height }: Manifest, trust: SnapshotTrust, signers: ValidatorSet): void {
  const refuse = (text: string): never =>
    refuseSnapshot('UNTRUSTED', `${text}: compare the block id of height ${height} with others and name it with --trust 0x…`)
  const { chainId, anchor, city } = trust
  // Who vouches for a block vouches for the hashes in its header; from there on every change must be signed.
  const vouched = trust.blockId === null ? (anchor?.height ?? -1) : height
  if (anchor !== undefined && (anchor.height > height || (anchor.height === height && blockIdOf(anchor) !== blockIdOf(header))))
    return refuse(`the snapshot does not stand on the checkpoint of height ${anchor.height}`)
  const follow = (from: ValidatorSet, above: number, upTo: number, checkSignature: SignatureCheck | null) =>
    followSetChanges({
      ...{ chainId, set: from, checkSignature, city },
      changes: changes.filter((change) => change.header.height > above && change.header.height <= upTo),
    })
  const claimed = follow(trust.set, -1, Math.min(vouched, height - 1), null)
  if (typeof claimed === 'string') return refuse(claimed)
  if (anchor !== undefined && anchor.height < height && claimed.hash !== anchor.nextValidatorsHash)
    return refuse(`the changes of validators do not fit the checkpoint of height ${anchor.height}`)
  const before = follow(claimed, vouched, height - 1, verifySignature)
  if (typeof before === 'string') return refuse(before)
  if (before.hash !== signers.hash)
    return refuse('the changes of validators do not lead from those of the genesis to those that signed')
  const after = follow(before, height - 1, Number.MAX_SAFE_INTEGER, trust.blockId === null ? verifySignature : null)
  if (typeof after === 'string' || after.hash !== header.nextValidatorsHash || (changes.at(-1)?.header.height ?? 0) > height)
    refuseSnapshot('CORRUPT', 'the changes of validators do not end with those that the header names for the next height')
}

function assertChunks({ chunks, records, bytes }: Manifest): void {
  let sum = { records: 0, bytes: 0 }
  let last = ''
  for (const chunk of chunks) {
    if (chunk.last <= last) refuseSnapshot('CORRUPT', 'the chunks are not in the order of their keys')
    last = chunk.last
    sum = { records: sum.records + chunk.records, bytes: sum.bytes + chunk.bytes }
  }
  if (last !== LAST_KEY) refuseSnapshot('CORRUPT', 'the last chunk does not reach the highest key')
  if (sum.records !== records || sum.bytes !== bytes)
    refuseSnapshot('CORRUPT', 'the chunks do not sum up to what the manifest says')
}
