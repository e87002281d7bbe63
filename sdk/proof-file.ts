// Owns: proofs as files that verify offline, years later: one JSON text per proof, in one form. Not here: checking (verify.ts).
import { utf8ToBytes } from '../core/base/bytes.ts'
import { CodecError } from '../core/base/errors.ts'
import { createHasher } from '../core/crypto/hash.ts'
import type { MerkleProof } from '../core/crypto/merkle.ts'
import { formatBytes, parseBytes, parseHash, parsePath } from './proof.ts'
import type { StateProof, TransactionProof } from './proof.ts'
import type { Bootstrap } from './epochs.ts'
import type { ReceiptBundle } from './receipt-bundle.ts'

/** Version of the file forms; an unknown one is refused. */
export const PROOF_FILE_VERSION = 1

/** A proof with its kind. */
export type Proof =
  | ({ readonly kind: 'state' } & StateProof)
  | ({ readonly kind: 'transaction' } & TransactionProof)
  | ({ readonly kind: 'receipt' } & ReceiptBundle)

/** File form of a state proof; bytes and hashes are `0x` hex. */
export type StateProofFile = {
  readonly version: 1
  readonly kind: 'state'
  readonly chainId: string
  readonly genesisHash: string
  readonly key: string
  readonly value: string | null
  readonly proof: string
  readonly header: string
  readonly commit: string
  /** Hash of all the fields above: a change is told apart from a proof of something else. */
  readonly digest: string
}

type PathFile = { readonly index: number; readonly count: number; readonly siblings: readonly string[] }

/** File form of the proof of a transaction and its receipt; bytes and hashes are `0x` hex. */
export type TransactionProofFile = {
  readonly version: 1
  readonly kind: 'transaction'
  readonly chainId: string
  readonly genesisHash: string
  readonly tx: string
  readonly txPath: PathFile
  readonly receipt: string
  readonly receiptPath: PathFile
  readonly header: string
  readonly commit: string
  readonly digest: string
}

type AnchorFile = {
  readonly header: string
  readonly commit: string
  readonly validators: string
  readonly nextValidators: string | null
}

/** File form of a receipt that proves itself; `anchor` is null where it begins at the genesis. */
export type ReceiptFile = Omit<TransactionProofFile, 'kind' | 'digest'> & {
  readonly kind: 'receipt'
  readonly anchor: AnchorFile | null
  readonly changes: readonly string[]
  readonly digest: string
}

const TRANSACTION_FIELDS = ['tx', 'txPath', 'receipt', 'receiptPath', 'header', 'commit'] as const
const ANCHOR_FIELDS = ['header', 'commit', 'validators', 'nextValidators'] as const

const FIELDS = {
  state: ['version', 'kind', 'chainId', 'genesisHash', 'key', 'value', 'proof', 'header', 'commit', 'digest'],
  transaction: ['version', 'kind', 'chainId', 'genesisHash', ...TRANSACTION_FIELDS, 'digest'],
  receipt: ['version', 'kind', 'chainId', 'genesisHash', ...TRANSACTION_FIELDS, 'anchor', 'changes', 'digest'],
} as const

const hashFields = createHasher('naru/proof-file/v1')

// The path of an absent key shows its neighbours absent too: without the digest, a changed key could be as true as the first.
function seal<F extends object>(fields: F): F & { readonly digest: string } {
  return { ...fields, digest: `0x${hashFields(utf8ToBytes(JSON.stringify(fields)))}` }
}

function pathFile({ index, count, siblings }: MerkleProof): PathFile {
  return { index, count, siblings: siblings.map((sibling) => `0x${sibling}`) }
}

/** File form of a state proof. */
export function encodeStateProof(proof: StateProof): StateProofFile {
  const { chainId, genesisHash, key, value, header, commit } = proof
  const base = { version: PROOF_FILE_VERSION, kind: 'state', chainId, genesisHash: `0x${genesisHash}` } as const
  const record = { key, value: value === null ? null : formatBytes(value), proof: formatBytes(proof.proof) }
  return seal({ ...base, ...record, header: formatBytes(header), commit: formatBytes(commit) })
}

function transactionFields(proof: TransactionProof) {
  return {
    tx: formatBytes(proof.tx),
    txPath: pathFile(proof.txPath),
    receipt: formatBytes(proof.receipt),
    receiptPath: pathFile(proof.receiptPath),
    header: formatBytes(proof.header),
    commit: formatBytes(proof.commit),
  }
}

/** File form of the proof of a transaction. */
export function encodeTransactionProof(proof: TransactionProof): TransactionProofFile {
  const { chainId, genesisHash } = proof
  const base = { version: PROOF_FILE_VERSION, kind: 'transaction', chainId, genesisHash: `0x${genesisHash}` } as const
  return seal({ ...base, ...transactionFields(proof) })
}

function anchorFile({ header, commit, validators, nextValidators }: Bootstrap): AnchorFile {
  const after = nextValidators === null ? null : formatBytes(nextValidators)
  return { header: formatBytes(header), commit: formatBytes(commit), validators: formatBytes(validators), nextValidators: after }
}

/** File form of a receipt that proves itself. */
export function encodeReceipt(proof: ReceiptBundle): ReceiptFile {
  const { chainId, genesisHash } = proof
  const base = { version: PROOF_FILE_VERSION, kind: 'receipt', chainId, genesisHash: `0x${genesisHash}` } as const
  const anchor = proof.anchor === null ? null : anchorFile(proof.anchor)
  return seal({ ...base, ...transactionFields(proof), anchor, changes: proof.changes.map(formatBytes) })
}

function openFile(json: unknown): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new CodecError('a proof file is a JSON object')
  const file = json as Record<string, unknown>
  const { version, kind } = file
  if (version !== PROOF_FILE_VERSION)
    throw new CodecError(`version: expected ${PROOF_FILE_VERSION}, got ${JSON.stringify(version)}`)
  if (kind !== 'state' && kind !== 'transaction' && kind !== 'receipt')
    throw new CodecError(`kind: expected state, transaction or receipt, got ${JSON.stringify(kind)}`)
  const expected: readonly string[] = FIELDS[kind]
  const names = Object.keys(file)
  const isWhole = names.length === expected.length && expected.every((name) => Object.hasOwn(file, name))
  if (!isWhole) throw new CodecError(`a ${kind} proof has the fields ${expected.join(', ')}, this one ${names.join(', ')}`)
  return file
}

function textAt(file: Record<string, unknown>, name: string): string {
  const value = file[name]
  if (typeof value !== 'string') throw new CodecError(`${name}: expected text`)
  return value
}

/**
 * The proof of a file form. Throws CodecError on an unknown version, a missing or unknown field, a value of another form, or a
 * digest that is not of the other fields.
 */
export function decodeProof(json: unknown): Proof {
  const file = openFile(json)
  const proof = decodeFields(file)
  if (fileOf(proof).digest === file['digest']) return proof
  throw new CodecError('digest: the proof file was changed after it was written')
}

function fileOf(proof: Proof): StateProofFile | TransactionProofFile | ReceiptFile {
  if (proof.kind === 'state') return encodeStateProof(proof)
  return proof.kind === 'receipt' ? encodeReceipt(proof) : encodeTransactionProof(proof)
}

function parseAnchor(json: unknown): Bootstrap | null {
  if (json === null) return null
  const file = (typeof json === 'object' && !Array.isArray(json) ? json : {}) as Record<string, unknown>
  const names = Object.keys(file)
  if (names.length !== ANCHOR_FIELDS.length || !ANCHOR_FIELDS.every((name) => Object.hasOwn(file, name)))
    throw new CodecError(`anchor: expected null, or ${ANCHOR_FIELDS.join(', ')}`)
  const { nextValidators } = file
  return {
    header: parseBytes(file['header'], 'anchor.header'),
    commit: parseBytes(file['commit'], 'anchor.commit'),
    validators: parseBytes(file['validators'], 'anchor.validators'),
    nextValidators: nextValidators === null ? null : parseBytes(nextValidators, 'anchor.nextValidators'),
  }
}

function parseChanges(json: unknown): readonly Uint8Array[] {
  if (!Array.isArray(json)) throw new CodecError('changes: expected a list')
  return json.map((change, at) => parseBytes(change, `changes[${at}]`))
}

function decodeFields(file: Record<string, unknown>): Proof {
  const base = {
    chainId: textAt(file, 'chainId'),
    genesisHash: parseHash(file['genesisHash'], 'genesisHash'),
    header: parseBytes(file['header'], 'header'),
    commit: parseBytes(file['commit'], 'commit'),
  }
  if (file['kind'] === 'state') {
    const value = file['value'] === null ? null : parseBytes(file['value'], 'value')
    return { kind: 'state', ...base, key: textAt(file, 'key'), value, proof: parseBytes(file['proof'], 'proof') }
  }
  const transaction = {
    ...base,
    tx: parseBytes(file['tx'], 'tx'),
    txPath: parsePath(file['txPath'], 'txPath'),
    receipt: parseBytes(file['receipt'], 'receipt'),
    receiptPath: parsePath(file['receiptPath'], 'receiptPath'),
  }
  if (file['kind'] === 'transaction') return { kind: 'transaction', ...transaction }
  return { kind: 'receipt', ...transaction, anchor: parseAnchor(file['anchor']), changes: parseChanges(file['changes']) }
}

/** Text of a proof file: JSON with two spaces, one field a line, a line end at the end. */
export function formatProof(proof: Proof): string {
  return `${JSON.stringify(fileOf(proof), null, 2)}\n`
}

/** The proof of a file's text. Throws CodecError unless the text is exactly what `formatProof` writes: no character is idle. */
export function parseProof(text: string): Proof {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new CodecError('a proof file is JSON; this text is not')
  }
  const proof = decodeProof(json)
  if (formatProof(proof) === text) return proof
  throw new CodecError(
    'the proof file was changed after it was written: its fields, spaces or line ends are not as this format has them',
  )
}
