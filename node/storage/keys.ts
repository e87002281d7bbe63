// Owns: the table of every key prefix in the store; a retired one stays here as a comment.
// Not here: the layout of state keys (each room's store.ts).
import { sortableHex } from '../../core/base/bytes.ts'
import type { Address, BlockId, Hash32, Height, TxId } from '../../core/base/ids.ts'

/** State records, by the rooms' own keys. */
export const STATE_PREFIX = 's/'
/** The key after every state record. */
export const STATE_END = 's0'

/** Keys of everything that is not state. Heights are fixed-width, so that key order is height order and pruning is a range. */
export const KEYS = {
  format: 'm/format',
  genesisHash: 'm/genesis-hash',
  /** Height of the head and its block id. */
  head: 'm/head',
  /** Lowest height whose body, receipts and indexes are held; absent while that is 1. Headers and certificates may go lower. */
  oldest: 'm/oldest',
  /** Recoveries that this node's operator gave; those of heights below the head are carried out. */
  recoveriesGiven: 'm/recoveries-given',
  /** Height below which what was pruned has given its room back; absent before the first time. */
  compacted: 'm/compacted',
  /** Only while a store is being filled from a snapshot: its manifest, and a mark for each chunk that is kept. */
  draftManifest: 'd/manifest',
  draftChunk: (index: number) => `d/${index.toString().padStart(7, '0')}`,
  block: (height: Height) => `b/${sortableHex(height)}`,
  header: (height: Height) => `h/${sortableHex(height)}`,
  certificate: (height: Height) => `c/${sortableHex(height)}`,
  receipts: (height: Height) => `r/${sortableHex(height)}`,
  /** A header that names another set of validators for the height after it, with certificate and set. */
  setChange: (height: Height) => `v/${sortableHex(height)}`,
  /** Old values of every record that a block changed. */
  undo: (height: Height) => `u/${sortableHex(height)}`,
  /** Two final headers of one height, as reported by a verifier. */
  fork: (height: Height) => `f/${sortableHex(height)}`,
  heightOfBlock: (blockId: BlockId) => `i/${blockId}`,
  /** Where a transaction stands: height and index. */
  transaction: (txId: TxId) => `t/${txId}`,
  /** Transactions that concern an account, newest last. */
  accountHistory: (account: Address, height: Height, index: number) =>
    `a/${account}/${sortableHex(height)}.${index.toString(16).padStart(6, '0')}`,
  /** Evidence that waits for a block: this node's own, no part of the chain. */
  evidence: (evidenceId: Hash32) => `e/${evidenceId}`,
  evidencePrefix: 'e/',
  accountHistoryPrefix: (account: Address) => `a/${account}/`,
} as const

/** Version of the store's layout; another one is refused loudly. */
export const STORE_FORMAT = 1
