// Owns: a chain in memory for tests of proofs: the real genesis and rooms, real execution, real validators' signatures, no consensus.
import { isFailure } from '../../core/base/errors.ts'
import { must } from '../../core/base/assert.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { BLOCK_VERSION, blockIdOf, evidenceHash, HeaderSchema, txRootOf } from '../../core/chain/block.ts'
import type { Header } from '../../core/chain/block.ts'
import { buildCertificate, CertificateSchema, certificateHash } from '../../core/chain/certificate.ts'
import type { Certificate } from '../../core/chain/certificate.ts'
import { paramsHash } from '../../core/chain/params.ts'
import { receiptHash, ReceiptSchema, receiptsRoot } from '../../core/chain/receipt.ts'
import type { Receipt } from '../../core/chain/receipt.ts'
import type { Transaction } from '../../core/chain/transaction.ts'
import { buildValidatorSet } from '../../core/chain/validator-set.ts'
import type { ValidatorSet } from '../../core/chain/validator-set.ts'
import { consensusSigningBytes } from '../../core/chain/vote.ts'
import type { VoteType } from '../../core/chain/vote.ts'
import { encode } from '../../core/codec/schema.ts'
import { sha256Bytes } from '../../core/crypto/hash.ts'
import { createSigner, verifySignature } from '../../core/crypto/keys.ts'
import { proveMerkle } from '../../core/crypto/merkle.ts'
import { checkStatelessly } from '../../core/execution/check.ts'
import { executeBlock } from '../../core/execution/execute-block.ts'
import { initGenesis, parseGenesis } from '../../core/execution/init-genesis.ts'
import type { StateChange } from '../../core/state/overlay.ts'
import { createStateTree } from '../../core/state/tree.ts'
import { encodeTreeProof } from '../../core/state/tree-proof.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { buildAccount, buildAccounts, deriveSeed } from '../../cli/devnet/accounts.ts'
import type { DevAccount } from '../../cli/devnet/accounts.ts'
import { buildGenesis } from '../../cli/devnet/genesis.ts'
import type { ReceiptProof, StateProof, TransactionProof } from '../../sdk/proof.ts'

/** A validator with the key that it signs by. */
export type Member = ReturnType<typeof buildMember>

/** A chain in memory. */
export type TinyChain = ReturnType<typeof createTinyChain>

const SEED = fromHex('05'.repeat(32))
const GENESIS_TIME = 1_795_424_400_000

/** The validator of this name; the same name gives the same keys. */
export function buildMember(name: string) {
  const account = buildAccount(name, deriveSeed(SEED, `validator/${name}`))
  return { name, account, signer: createSigner(account.seed), peerId: `12D3KooW${name}`, p2pAddress: '/ip4/127.0.0.1/tcp/1' }
}

/** The members as validators of a set. */
export function validatorsOf(members: readonly Member[]) {
  return members.map(({ name, account, peerId, p2pAddress }) => ({
    authority: account.address,
    publicKey: account.publicKey,
    name,
    peerId,
    addresses: [p2pAddress],
  }))
}

/** Certificate of the members' votes for a header. */
export function certify(vote: {
  chainId: string
  set: ValidatorSet
  members: readonly Member[]
  header: Header
  type?: VoteType
}): Certificate {
  const { chainId, set, members, header, type = 'precommit' } = vote
  const content = { height: header.height, round: 2, blockId: blockIdOf(header), validRound: -1 }
  const votes = members.map(({ account, signer }) => ({
    type,
    validator: account.address,
    signature: signer.sign(consensusSigningBytes(chainId, type, content)),
    ...content,
  }))
  return buildCertificate(set, votes)
}

function treeChangesOf(changes: readonly StateChange[]) {
  return changes.map(({ key, value }) => ({ key: sha256Bytes(key), valueHash: value === null ? null : sha256Bytes(value) }))
}

/** A chain of these validators at height 0, with the accounts of a devnet. */
export function createTinyChain(names: readonly string[] = ['v1', 'v2', 'v3', 'v4']) {
  const members = names.map(buildMember)
  const accounts = new Map<string, DevAccount>(buildAccounts(SEED).map((account) => [account.name, account]))
  const document = buildGenesis({
    timeMs: GENESIS_TIME,
    blockIntervalMs: 200,
    accounts: [...accounts.values()],
    validators: members,
  })
  const genesisJson: unknown = JSON.parse(JSON.stringify(document))
  const genesis = parseGenesis(REGISTRY, genesisJson)
  const { chainId, hash: genesisHash } = genesis
  const records = new Map<string, Uint8Array>()
  const tree = createStateTree()
  const state = { get: (key: string) => records.get(key) ?? null }
  const write = (changes: readonly StateChange[]): void => {
    tree.commit(tree.stage(treeChangesOf(changes)))
    for (const { key, value } of changes) value === null ? records.delete(key) : records.set(key, value)
  }
  write(initGenesis(REGISTRY, genesis))
  const set = buildValidatorSet(REGISTRY.readValidators(state))
  const params = REGISTRY.readChainParams(state)
  let head: { height: number; blockId: Hash32; commit: Certificate | null } = { height: 0, blockId: genesisHash, commit: null }

  /** Executes the transactions as the next block and signs it by all validators. */
  const commitBlock = (txs: readonly Transaction[]) => {
    const height = head.height + 1
    const block = { chainId, genesisHash, height, time: GENESIS_TIME + height * 1_000, params }
    const checked = txs.map((tx) => {
      const result = checkStatelessly(REGISTRY, genesisHash, tx.bytes)
      if (isFailure(result)) throw new Error(result.code)
      return result
    })
    const facts = { parentId: head.blockId, lastCommit: head.commit }
    const result = executeBlock({ registry: REGISTRY, base: state, block, facts, checkSignature: verifySignature, txs: checked })
    if (isFailure(result)) throw new Error(`${result.code} ${JSON.stringify(result.detail)}`)
    write(result.changes)
    const header: Header = {
      version: BLOCK_VERSION,
      chainId,
      height,
      time: block.time,
      parentId: head.blockId,
      lastCommitHash: certificateHash(head.commit),
      txRoot: txRootOf(txs.map(({ wireHash }) => wireHash)),
      receiptsRoot: receiptsRoot(result.receipts),
      stateRoot: tree.committedHash(),
      validatorsHash: set.hash,
      nextValidatorsHash: set.hash,
      paramsHash: paramsHash(params),
      evidenceHash: evidenceHash([]),
      recoveryHash: null,
      proposer: must(members[0], 'a validator').account.address,
      txCount: txs.length,
      bodyBytes: txs.reduce((sum, tx) => sum + tx.bytes.length, 0),
    }
    const commit = certify({ chainId, set, members, header })
    head = { height, blockId: blockIdOf(header), commit }
    return { header, commit, txs, receipts: result.receipts }
  }

  type Committed = { header: Header; commit: Certificate; txs: readonly Transaction[]; receipts: readonly Receipt[] }
  const baseOf = ({ header, commit }: Pick<Committed, 'header' | 'commit'>) => ({
    chainId,
    genesisHash,
    header: encode(HeaderSchema, header),
    commit: encode(CertificateSchema, commit),
  })
  /** Proof of a record of the present state under the header of the newest block. */
  const proveState = (block: Committed, key: string): StateProof => ({
    ...baseOf(block),
    key,
    value: state.get(key),
    proof: encodeTreeProof(tree.prove(sha256Bytes(key))),
  })
  const proveReceipt = (block: Committed, index: number): ReceiptProof => ({
    ...baseOf(block),
    receipt: encode(ReceiptSchema, must(block.receipts[index], 'a receipt')),
    receiptPath: proveMerkle(block.receipts.map(receiptHash), index),
  })
  const proveTransaction = (block: Committed, index: number): TransactionProof => ({
    ...proveReceipt(block, index),
    tx: must(block.txs[index], 'a transaction').bytes,
    txPath: proveMerkle(
      block.txs.map(({ wireHash }) => wireHash),
      index,
    ),
  })
  const account = (name: string): DevAccount => must(accounts.get(name), `account ${name}`)
  const chain = { chainId, network: genesis.network, genesisHash, registry: REGISTRY }
  const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`
  return {
    account,
    baseOf,
    chain,
    commitBlock,
    genesisJson,
    hex,
    members,
    proveReceipt,
    proveState,
    proveTransaction,
    set,
    state,
  }
}
