// Owns: blocks, headers, certificates, receipts and indexes as records; the one batch that a block is. Not here: when to commit.
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { asHash32 } from '../../core/base/ids.ts'
import type { Address, BlockId, Hash32, Height, TxId } from '../../core/base/ids.ts'
import { list, option, struct } from '../../core/codec/compound.ts'
import { bytes, hash32, text, u8, u32, u53 } from '../../core/codec/fields.ts'
import { decodeTrusted, encode } from '../../core/codec/schema.ts'
import type { Schema } from '../../core/codec/schema.ts'
import { BlockSchema, HeaderSchema, blockIdOf } from '../../core/chain/block.ts'
import type { Block, Header } from '../../core/chain/block.ts'
import { SetChangeSchema } from '../../core/chain/set-change.ts'
import type { SetChange } from '../../core/chain/set-change.ts'
import type { ValidatorSet } from '../../core/chain/validator-set.ts'
import { CertificateSchema } from '../../core/chain/certificate.ts'
import type { Certificate } from '../../core/chain/certificate.ts'
import { RecoverySchema } from '../../core/chain/recovery.ts'
import type { Recovery } from '../../core/chain/recovery.ts'
import { ReceiptSchema } from '../../core/chain/receipt.ts'
import type { Receipt } from '../../core/chain/receipt.ts'
import type { StateChange } from '../../core/state/overlay.ts'
import { LIMITS } from '../../core/base/limits.ts'
import { KEYS, STATE_PREFIX } from './keys.ts'
import type { Store, StoreChange } from './level.ts'

const HeadSchema = struct({ height: u53, blockId: hash32 })
const PlaceSchema = struct({ height: u53, index: u32 })
const HeightSchema = struct({ height: u53 })
const ReceiptListSchema = list(
  ReceiptSchema,
  LIMITS.blockTxsMax + (LIMITS.dueEventsMax + LIMITS.evidenceEventsMax) / LIMITS.eventsPerTxMax,
)
const UndoSchema = list(struct({ key: text(256), value: option(bytes(16_777_216)) }), 1_000_000)
const RecoveryListSchema = list(RecoverySchema, 16)
const FormatSchema = struct({ format: u8 })

/** Everything that one block adds to the store. */
export type CommitRecord = {
  readonly block: Block
  /** The block's canonical bytes. */
  readonly encoded: Uint8Array
  readonly blockId: BlockId
  readonly certificate: Certificate
  readonly receipts: readonly Receipt[]
  /** The change of validators that the block begins with, where a recovery replaced them. */
  readonly recovered: SetChange | null
  readonly txIds: readonly TxId[]
  readonly changes: readonly StateChange[]
  /** Values before the block, in the order of `changes`. */
  readonly before: readonly StateChange[]
  /** The validators after the block; null where that takes executing it, and then a change of them is no part of the record. */
  readonly nextSet: ValidatorSet | null
  /** Accounts that each transaction concerns. */
  readonly concerned: readonly (readonly Address[])[]
}

/** Where a transaction stands. */
export type Place = { readonly height: Height; readonly index: number }

/** Reads of the chain; every read is synchronous and null when the record is absent. */
export type ChainStore = {
  readonly head: () => { readonly height: Height; readonly blockId: BlockId } | null
  readonly blockAt: (height: Height) => Block | null
  /** The block's canonical bytes. */
  readonly blockBytesAt: (height: Height) => Uint8Array | null
  readonly headerAt: (height: Height) => Header | null
  readonly certificateAt: (height: Height) => Certificate | null
  readonly receiptsAt: (height: Height) => readonly Receipt[] | null
  /** The recovery with which a height began. */
  readonly recoveryAt: (height: Height) => Recovery | null
  /** Recoveries that the operator gave. */
  readonly recoveriesGiven: () => readonly Recovery[]
  readonly undoAt: (height: Height) => readonly StateChange[] | null
  /** The change of validators that the header of a height names, or null where it names none. */
  readonly setChangeAt: (height: Height) => SetChange | null
  readonly heightOf: (blockId: BlockId) => Height | null
  readonly placeOf: (txId: TxId) => Place | null
  readonly genesisHash: () => Hash32 | null
  /** Lowest height whose body, receipts and indexes are held (pruning, snapshots); 1 in a whole store. */
  readonly oldestHeight: () => Height
  /** Height below which what was pruned has given its room back; 1 where nothing was. */
  readonly compactedHeight: () => Height
  readonly format: () => number | null
  /** ONE atomic synced batch: block, certificate, receipts, indexes, state, undo, head. */
  readonly writeCommit: (record: CommitRecord) => Promise<void>
  /** The first state, the genesis hash and the format, in one batch. */
  readonly writeGenesis: (genesisHash: Hash32, format: number, changes: readonly StateChange[]) => Promise<void>
}

/** Builds typed access over the store. */
export function createChainStore(store: Store): ChainStore {
  const read = <T>(schema: Schema<T>, key: string): T | null => {
    const found = store.get(key)
    return found === null ? null : decodeTrusted(schema, found)
  }
  return {
    head: () => read(HeadSchema, KEYS.head),
    blockAt: (height) => read(BlockSchema, KEYS.block(height)),
    blockBytesAt: (height) => store.get(KEYS.block(height)),
    headerAt: (height) => read(HeaderSchema, KEYS.header(height)),
    certificateAt: (height) => read(CertificateSchema, KEYS.certificate(height)),
    receiptsAt: (height) => read(ReceiptListSchema, KEYS.receipts(height)),
    recoveryAt: (height) => read(SetChangeSchema, KEYS.setChange(height - 1))?.recovery ?? null,
    recoveriesGiven: () => read(RecoveryListSchema, KEYS.recoveriesGiven) ?? [],
    undoAt: (height) => read(UndoSchema, KEYS.undo(height)),
    setChangeAt: (height) => read(SetChangeSchema, KEYS.setChange(height)),
    heightOf: (blockId) => read(HeightSchema, KEYS.heightOfBlock(blockId))?.height ?? null,
    placeOf: (txId) => read(PlaceSchema, KEYS.transaction(txId)),
    genesisHash: () => {
      const found = store.get(KEYS.genesisHash)
      return found === null ? null : asHash32(toHex(found))
    },
    oldestHeight: () => read(HeightSchema, KEYS.oldest)?.height ?? 1,
    compactedHeight: () => read(HeightSchema, KEYS.compacted)?.height ?? 1,
    format: () => read(FormatSchema, KEYS.format)?.format ?? null,
    writeCommit: (record) => store.writeBatch(buildCommitChanges(record)),
    writeGenesis: (genesisHash, format, changes) =>
      store.writeBatch([
        ...changes.map(({ key, value }) => ({ key: STATE_PREFIX + key, value })),
        ...identityRecords(genesisHash, format),
      ]),
  }
}

/** Every record that a block writes, state included, byte for byte; also what an audit compares the store with. */
export function buildCommitChanges(record: CommitRecord): StoreChange[] {
  const { block, encoded, blockId, certificate, receipts, txIds, changes, before, nextSet, concerned, recovered } = record
  const { height } = block.header
  const out: StoreChange[] = [
    { key: KEYS.head, value: encode(HeadSchema, { height, blockId }) },
    { key: KEYS.block(height), value: encoded },
    { key: KEYS.header(height), value: encode(HeaderSchema, block.header) },
    { key: KEYS.certificate(height), value: encode(CertificateSchema, certificate) },
    { key: KEYS.receipts(height), value: encode(ReceiptListSchema, receipts) },
    { key: KEYS.undo(height), value: encode(UndoSchema, before) },
    { key: KEYS.heightOfBlock(blockId), value: encode(HeightSchema, { height }) },
  ]
  // In the place of the change that the parent may have named: the recovery voided it.
  if (recovered !== null) out.push(setChangeRecord(recovered))
  if (height > LIMITS.undoBlocksKept) out.push({ key: KEYS.undo(height - LIMITS.undoBlocksKept), value: null })
  if (nextSet !== null && block.header.nextValidatorsHash !== block.header.validatorsHash)
    out.push(setChangeRecord({ header: block.header, certificate, validators: nextSet.validators, recovery: null }))
  for (let index = 0; index < txIds.length; index++) {
    const txId = txIds[index] as TxId
    out.push({ key: KEYS.transaction(txId), value: encode(PlaceSchema, { height, index }) })
    for (const account of concerned[index] as readonly Address[]) {
      out.push({ key: KEYS.accountHistory(account, height, index), value: fromHex(txId) })
    }
  }
  for (const { key, value } of changes) out.push({ key: STATE_PREFIX + key, value })
  return out
}

/** The record of the recoveries that the operator gave. */
export function recoveriesRecord(recoveries: readonly Recovery[]): StoreChange {
  return { key: KEYS.recoveriesGiven, value: recoveries.length === 0 ? null : encode(RecoveryListSchema, recoveries) }
}

/** The record of the head, for those who move it without a block: rollback and restored snapshots. */
export function headRecord(height: Height, blockId: BlockId): StoreChange {
  return { key: KEYS.head, value: encode(HeadSchema, { height, blockId }) }
}

/** The record of the lowest height whose body, receipts and indexes are held. */
export function oldestRecord(height: Height): StoreChange {
  return { key: KEYS.oldest, value: encode(HeightSchema, { height }) }
}

/** The record of how far pruned room was given back. */
export function compactedRecord(height: Height): StoreChange {
  return { key: KEYS.compacted, value: encode(HeightSchema, { height }) }
}

/** The records that tell which chain a store holds and in which layout. */
export function identityRecords(genesisHash: Hash32, format: number): readonly StoreChange[] {
  return [
    { key: KEYS.genesisHash, value: fromHex(genesisHash) },
    { key: KEYS.format, value: encode(FormatSchema, { format }) },
  ]
}

/** The record of a change of validators. */
export function setChangeRecord(change: SetChange): StoreChange {
  return { key: KEYS.setChange(change.header.height), value: encode(SetChangeSchema, change) }
}

/** The records of a header that stands in a store without its body. */
export function headerRecords(header: Header, certificate: Certificate): readonly StoreChange[] {
  const { height } = header
  return [
    { key: KEYS.header(height), value: encode(HeaderSchema, header) },
    { key: KEYS.certificate(height), value: encode(CertificateSchema, certificate) },
    { key: KEYS.heightOfBlock(blockIdOf(header)), value: encode(HeightSchema, { height }) },
  ]
}

/** The header of a height with its id, or null. */
export function headerWithId(chain: ChainStore, height: Height): { header: Header; blockId: BlockId } | null {
  const header = chain.headerAt(height)
  return header === null ? null : { header, blockId: blockIdOf(header) }
}
