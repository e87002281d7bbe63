// Owns: what an audit tells of a height without executing it: certificate, header, links, body. Not here: executing (audit.ts).
import { equalBytes, toHex } from '../../core/base/bytes.ts'
import type { BlockId, Height } from '../../core/base/ids.ts'
import { BLOCK_ENCODED_BYTES_MAX, BlockSchema, HeaderSchema, blockIdOf, evidenceHash, txRootOf } from '../../core/chain/block.ts'
import type { Block, Header } from '../../core/chain/block.ts'
import { CertificateSchema, certificateHash, checkCertificate } from '../../core/chain/certificate.ts'
import type { Certificate, SignatureCheck } from '../../core/chain/certificate.ts'
import type { ValidatorSet } from '../../core/chain/validator-set.ts'
import { encode } from '../../core/codec/schema.ts'
import { verifySignature } from '../../core/crypto/keys.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import { LIMITS } from '../../core/base/limits.ts'
import { KEYS } from '../storage/keys.ts'
import type { Store } from '../storage/level.ts'
import { describeBytes, readRecord, refuseRecord } from './audit-fault.ts'

/** A height that a quorum signed. */
export type Signed = { readonly header: Header; readonly blockId: BlockId; readonly certificate: Certificate }

/** What signatures are checked against. */
export type SignedBy = { readonly chainId: string; readonly set: ValidatorSet; readonly checkSignature: SignatureCheck }

/**
 * Certificate and header of a height. The certificate is judged first, since a quorum's signatures can only be right for what
 * they were made for; a header that is not the one they name is then the wrong record.
 */
export function readSigned(store: Store, height: Height, by: SignedBy): Signed {
  const key = KEYS.certificate(height)
  const certificate = readRecord(store, { key, height, schema: CertificateSchema, bytesMax: LIMITS.consensusFrameBytesMax })
  const refused =
    certificate.type !== 'precommit' || certificate.height !== height
      ? `a ${certificate.type} certificate of height ${certificate.height}`
      : checkCertificate({ ...by, certificate })
  if (refused !== null) {
    const expected = `precommits of at least ${by.set.quorum} of ${by.set.validators.length} validators for height ${height}`
    refuseRecord({ key, height, what: refused, expected, found: describeBytes(store.get(key)) })
  }
  const headerKey = KEYS.header(height)
  const header = readRecord(store, { key: headerKey, height, schema: HeaderSchema, bytesMax: 65_536 })
  const blockId = blockIdOf(header)
  if (blockId !== certificate.blockId) {
    const expected = `the header 0x${certificate.blockId}, which a quorum signed`
    refuseRecord({ key: headerKey, height, what: 'not the header that was signed', expected, found: `header 0x${blockId}` })
  }
  return { header, blockId, certificate }
}

/** The body of a signed header. */
export function readBody(store: Store, { header }: Signed): Block {
  const { height } = header
  const key = KEYS.block(height)
  const block = readRecord(store, { key, height, schema: BlockSchema, bytesMax: BLOCK_ENCODED_BYTES_MAX })
  const parts: readonly (readonly [name: string, expected: string, found: string])[] = [
    ['header', toHex(encode(HeaderSchema, header)), toHex(encode(HeaderSchema, block.header))],
    ['txRoot', header.txRoot, txRootOf(block.txs.map(sha256))],
    ['lastCommitHash', header.lastCommitHash, certificateHash(block.lastCommit)],
    ['evidenceHash', header.evidenceHash, evidenceHash(block.evidence)],
  ]
  for (const [name, expected, found] of parts) {
    if (expected !== found)
      refuseRecord({ key, height, what: `${name} is not the signed header’s`, expected: `0x${expected}`, found: `0x${found}` })
  }
  return block
}

/** Ends the audit unless the header stands on its parent. */
export function assertLink(parent: { readonly blockId: BlockId; readonly header: Header }, { header }: Signed): void {
  const { height } = header
  if (header.parentId === parent.blockId && header.height === parent.header.height + 1 && header.time > parent.header.time) return
  const expected = `height ${parent.header.height + 1} on 0x${parent.blockId}, later than ${parent.header.time}`
  const found = `height ${header.height} on 0x${header.parentId} at ${header.time}`
  refuseRecord({ key: KEYS.header(height), height, what: 'the header does not stand on its parent', expected, found })
}

type Verified = { readonly publicKey: Uint8Array; readonly message: Uint8Array }
const GENERATION_MAX = 4_096

/** A signature check that remembers its last successes: a certificate stands in the store and again in the next block. */
export function createRecentCheck(): SignatureCheck {
  let recent = new Map<string, Verified>()
  let older = recent
  return (claim) => {
    const name = toHex(claim.signature)
    const known = recent.get(name) ?? older.get(name)
    if (known !== undefined && equalBytes(known.publicKey, claim.publicKey) && equalBytes(known.message, claim.message))
      return true
    if (!verifySignature(claim)) return false
    if (recent.size >= GENERATION_MAX) {
      older = recent
      recent = new Map()
    }
    recent.set(name, { publicKey: claim.publicKey, message: claim.message })
    return true
  }
}
