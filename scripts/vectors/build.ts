// Owns: the golden vectors as JSON: transactions, votes, blocks, genesis, receipts.
// Not here: writing them (scripts/gen-vectors.ts).
import { buildBallotVectors } from './ballots.ts'
import { must } from '../../core/base/assert.ts'
import { addDays, kstDate } from '../../core/base/civil-time.ts'
import { toHex } from '../../core/base/bytes.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import type { BlockId } from '../../core/base/ids.ts'
import { BLOCK_VERSION, BlockSchema, blockIdOf, evidenceHash, HeaderSchema, txRootOf } from '../../core/chain/block.ts'
import type { Header } from '../../core/chain/block.ts'
import { buildCertificate, CertificateSchema, certificateHash } from '../../core/chain/certificate.ts'
import type { Certificate } from '../../core/chain/certificate.ts'
import { ChainParamsSchema, paramsHash } from '../../core/chain/params.ts'
import { receiptHash, ReceiptSchema } from '../../core/chain/receipt.ts'
import { decodeTransaction, TxBodySchema } from '../../core/chain/transaction.ts'
import type { Transaction } from '../../core/chain/transaction.ts'
import { buildValidatorSet, ValidatorListSchema } from '../../core/chain/validator-set.ts'
import type { ValidatorSet } from '../../core/chain/validator-set.ts'
import { consensusSigningBytes } from '../../core/chain/vote.ts'
import { decode, encode, toJson } from '../../core/codec/schema.ts'
import type { Json, Schema } from '../../core/codec/schema.ts'
import type { BlockFacts } from '../../core/execution/module.ts'
import type { Registry } from '../../core/execution/registry.ts'
import { deriveAddress } from '../../core/crypto/address.ts'
import { approve } from '../../modules/governance/approve.ts'
import { propose } from '../../modules/governance/propose.ts'
import { didCreate } from '../../modules/identity/did-create.ts'
import { didUpdate } from '../../modules/identity/did-update.ts'
import { possessionBytes } from '../../modules/identity/possession.ts'
import { mint } from '../../modules/payment/mint.ts'
import { redeemConfirm } from '../../modules/payment/redeem-confirm.ts'
import { redeemRequest } from '../../modules/payment/redeem-request.ts'
import { transfer } from '../../modules/payment/transfer.ts'
import { accountNamed, buildCityDocument, buildCityTransaction, createCityChain, signerNamed, TEXT, VALIDATORS } from './city.ts'
import type { CityBlock, CityChain } from './city.ts'
import { buildMoneyTransactions } from './money.ts'
import { REGISTRY } from '../../modules/registry.ts'

const DAY_MS = 86_400_000
const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`
const hexOf = (hash: string): string => `0x${hash}`
const both = <T>(schema: Schema<T>, value: T): { json: Json; bytes: string } => ({
  json: toJson(schema, value, TEXT),
  bytes: hex(encode(schema, value)),
})

/** A golden file by its name in test/vectors. */
export type VectorFiles = { readonly [file: string]: Json }

/** The transactions of the first block, by what they show; one of them fails on purpose. */
function buildTransactions({ genesis }: CityChain): readonly (readonly [shows: string, tx: Transaction])[] {
  const { hash } = genesis
  const newcomer = signerNamed('erin')
  const did = deriveAddress({ genesisHash: hash, publicKey: newcomer.publicKey, nonce: 0n })
  const key = { kid: 'k1', type: 'ED25519', pub: newcomer.publicKey, rel: 11 } as const
  const proof = newcomer.sign(possessionBytes({ genesisHash: hash, did, key }))
  const action = {
    kind: 'paramSet',
    key: 'payment.holdLimit',
    effectiveFrom: addDays(kstDate(genesis.time), 1),
    value: { kind: 'number', value: 3_000_000n },
    sourceRef: '서울시 고시 제2026-1호',
  } as const
  const proposal = buildCityTransaction(hash, 'city1', propose, { action })
  const request = buildCityTransaction(hash, 'alice', redeemRequest, { amount: 2_000n }, { nonce: 2n })
  const services = [{ id: 'inbox', type: 'Inbox', uri: 'https://inbox.example/42' }]
  const update = { did: accountNamed('dave'), prevVersionId: 1, add: [], revoke: [], relations: [], services, controller: null }
  const created = { nonce: 0n, keys: [{ ...key, proof }], services: [], controller: [], recovery: null }
  return [
    ['a transfer', buildCityTransaction(hash, 'alice', transfer, { to: accountNamed('bob'), amount: 1_000n, memoCommit: null })],
    [
      'a transfer that fails',
      buildCityTransaction(
        hash,
        'alice',
        transfer,
        { to: accountNamed('bob'), amount: 10n ** 9n, memoCommit: ZERO_HASH },
        { nonce: 1n },
      ),
    ],
    ['a request to redeem', request],
    [
      'a request to redeem from another lane',
      buildCityTransaction(hash, 'alice', redeemRequest, { amount: 3_000n }, { lane: 255 }),
    ],
    [
      'a mint by a bank',
      buildCityTransaction(hash, 'bankA', mint, { to: accountNamed('carol'), amount: 5_000n, bankRef: 'R-1' }),
    ],
    [
      'the answer to a request',
      buildCityTransaction(hash, 'bankA', redeemConfirm, { reqId: request.id, bankRef: null }, { nonce: 1n }),
    ],
    ['a DID that comes into being', buildCityTransaction(hash, 'erin', didCreate, created, { sponsor: 'office', sender: did })],
    ['a change of a DID, sponsored', buildCityTransaction(hash, 'dave', didUpdate, update, { sponsor: 'bob', validUntil: 601 })],
    ['a proposal', proposal],
    ['an approval that decides', buildCityTransaction(hash, 'city2', approve, { proposalId: proposal.id })],
  ]
}

function transactionVector(registry: Registry, shows: string, tx: Transaction): Json {
  const definition = must(registry.transactionByType.get(tx.body.type), 'a known type')
  return {
    shows,
    type: definition.name,
    payload: both(definition.payload, decode(definition.payload, tx.body.payload, 60_000)),
    body: both(TxBodySchema, tx.body),
    signBytes: hex(tx.signBytes),
    id: hexOf(tx.id),
    signatures: tx.signatures.map(hex),
    wire: hex(tx.bytes),
    wireHash: hexOf(tx.wireHash),
  }
}

/** Votes of all four validators for a block in round 1. */
function certify(chainId: string, set: ValidatorSet, header: Header): Certificate {
  const content = { height: header.height, round: 1, blockId: blockIdOf(header), validRound: -1 }
  const message = consensusSigningBytes(chainId, 'precommit', content)
  const votes = VALIDATORS.slice(0, 3).map((name) => ({
    type: 'precommit' as const,
    ...content,
    validator: accountNamed(name),
    signature: signerNamed(`consensus-${name}`).sign(message),
  }))
  return buildCertificate(set, votes)
}

function headerOf(
  chain: CityChain,
  of: { set: ValidatorSet; block: CityBlock; txs: readonly Transaction[]; parentId: BlockId; lastCommit: Certificate | null },
): Header {
  const { set, block, txs, parentId, lastCommit } = of
  return {
    version: BLOCK_VERSION,
    chainId: chain.genesis.chainId,
    height: block.env.height,
    time: block.env.time,
    parentId,
    lastCommitHash: certificateHash(lastCommit),
    txRoot: txRootOf(txs.map(({ wireHash }) => wireHash)),
    receiptsRoot: block.receiptsRoot,
    stateRoot: block.stateRoot,
    validatorsHash: set.hash,
    nextValidatorsHash: set.hash,
    paramsHash: paramsHash(chain.params),
    evidenceHash: evidenceHash([]),
    recoveryHash: null,
    proposer: accountNamed('v2'),
    txCount: txs.length,
    bodyBytes: txs.reduce((sum, tx) => sum + tx.bytes.length, 0),
  }
}

function receiptVector(block: CityBlock, txs: readonly Transaction[], facts: BlockFacts): Json {
  const { env, receipts, receiptsRoot, changes, stateRoot } = block
  return {
    height: env.height,
    time: env.time,
    parentId: hexOf(facts.parentId),
    lastCommit: facts.lastCommit === null ? null : hex(encode(CertificateSchema, facts.lastCommit)),
    txs: txs.map(({ bytes }) => hex(bytes)),
    receipts: receipts.map((receipt) => ({ ...both(ReceiptSchema, receipt), hash: hexOf(receiptHash(receipt)) })),
    receiptsRoot: hexOf(receiptsRoot),
    changes: changes.map(({ key, value }) => ({ key, value: value === null ? null : hex(value) })),
    stateRoot: hexOf(stateRoot),
  }
}

function voteVectors(chainId: string, blockId: BlockId): Json {
  const contents = [
    ['proposal', { height: 1, round: 0, blockId, validRound: -1 }],
    ['proposal', { height: 1, round: 2, blockId, validRound: 1 }],
    ['prevote', { height: 1, round: 2, blockId, validRound: 1 }],
    ['prevote', { height: 1, round: 0, blockId: null, validRound: -1 }],
    ['precommit', { height: 1, round: 0, blockId, validRound: -1 }],
    ['precommit', { height: 9_007_199_254_740_991, round: 4_294_967_295, blockId: null, validRound: -1 }],
  ] as const
  return contents.map(([kind, content]) => {
    const signer = signerNamed('consensus-v1')
    const signBytes = consensusSigningBytes(chainId, kind, content)
    return {
      kind,
      ...content,
      blockId: content.blockId === null ? null : hexOf(content.blockId),
      signBytes: hex(signBytes),
      publicKey: hex(signer.publicKey),
      signature: hex(signer.sign(signBytes)),
    }
  })
}

/** Builds every file from nothing but names and numbers: the same bytes on every machine. */
export function buildVectors(): VectorFiles {
  const chain = createCityChain()
  const { chainId, hash } = chain.genesis
  const set = buildValidatorSet(chain.registry.readValidators(chain.state))
  const firstRoot = chain.stateRoot()
  const firstRecords = chain.records.size
  const shown = buildTransactions(chain)
  const txs = shown.map(([, tx]) => decodeTransaction(tx.bytes))
  const firstFacts = { parentId: hash, lastCommit: null }
  const first = chain.runBlock(
    txs.map(({ bytes }) => bytes),
    1_000,
    firstFacts,
  )
  const firstHeader = headerOf(chain, { set, block: first, txs, parentId: hash, lastCommit: null })
  const lastCommit = certify(chainId, set, firstHeader)
  const parentId = blockIdOf(firstHeader)
  // A day later the bank has not answered the second request: it goes back by time, and the new limit is in force.
  const secondFacts = { parentId, lastCommit }
  const second = chain.runBlock([], DAY_MS, secondFacts)
  const secondHeader = headerOf(chain, { set, block: second, txs: [], parentId, lastCommit })
  const headerVector = (header: Header): Json => ({ ...both(HeaderSchema, header), id: hexOf(blockIdOf(header)) })
  return {
    'ballot.json': buildBallotVectors(),
    'transaction.json': {
      genesisHash: hexOf(hash),
      transactions: shown.map(([shows, tx]) => transactionVector(chain.registry, shows, tx)),
    },
    'money.json': {
      genesisHash: hexOf(hash),
      transactions: buildMoneyTransactions(hash).map(([shows, tx]) => transactionVector(REGISTRY, shows, tx)),
    },
    'vote.json': { chainId, votes: voteVectors(chainId, parentId) },
    'block.json': {
      chainId,
      validators: { ...both(ValidatorListSchema, set.validators), hash: hexOf(set.hash), quorum: set.quorum, skip: set.skip },
      params: { ...both(ChainParamsSchema, chain.params), hash: hexOf(paramsHash(chain.params)) },
      headers: [headerVector(firstHeader), headerVector(secondHeader)],
      certificate: { ...both(CertificateSchema, lastCommit), hash: hexOf(certificateHash(lastCommit)) },
      block: hex(encode(BlockSchema, { header: secondHeader, lastCommit, evidence: [], txs: [] })),
    },
    'genesis.json': {
      document: buildCityDocument() as Json,
      hash: hexOf(hash),
      records: firstRecords,
      stateRoot: hexOf(firstRoot),
    },
    'receipt.json': { blocks: [receiptVector(first, txs, firstFacts), receiptVector(second, [], secondFacts)] },
  }
}
