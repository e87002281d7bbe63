// Owns: long histories and large states for measurements of storage: blocks through the real executor into a real LevelDB, signed
// by one validator's key, without network and consensus. Not here: what is measured on them (storage.ts).
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert } from '../core/base/assert.ts'
import { isFailure } from '../core/base/errors.ts'
import { fromHex, toHex, u64ToBytes } from '../core/base/bytes.ts'
import { asAddress } from '../core/base/ids.ts'
import { blockIdOf } from '../core/chain/block.ts'
import type { Header } from '../core/chain/block.ts'
import { buildCertificate } from '../core/chain/certificate.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import type { ValidatorSet } from '../core/chain/validator-set.ts'
import { assembleTransaction, txSigningBytes } from '../core/chain/transaction.ts'
import type { TxBody } from '../core/chain/transaction.ts'
import { consensusSigningBytes } from '../core/chain/vote.ts'
import { sha256, sha256Bytes } from '../core/crypto/hash.ts'
import { createSigner } from '../core/crypto/keys.ts'
import { checkStatelessly } from '../core/execution/check.ts'
import { initGenesis, parseGenesis } from '../core/execution/init-genesis.ts'
import type { Genesis } from '../core/execution/init-genesis.ts'
import { createStateTree } from '../core/state/tree.ts'
import { REGISTRY } from '../modules/registry.ts'
import { genesisHead } from '../node/chain-head.ts'
import type { ChainHead } from '../node/chain-head.ts'
import { commitBlock } from '../node/commit.ts'
import { buildCandidate } from '../node/executor.ts'
import { recoverChain } from '../node/recover.ts'
import { createSignatureCheck } from '../node/signature-cache.ts'
import { headRecord, headerRecords, identityRecords } from '../node/storage/chain-store.ts'
import { initJournal } from '../node/storage/journal.ts'
import { STATE_PREFIX, STORE_FORMAT } from '../node/storage/keys.ts'
import { openStore } from '../node/storage/level.ts'
import { createLayout, nodePaths, validatorAccount } from '../cli/devnet/layout.ts'
import type { Layout } from '../cli/devnet/layout.ts'
import type { DevAccount } from '../cli/devnet/accounts.ts'
import { addPayers, buildPayers, buildTransferBody, signTransfers } from './transfers.ts'
import type { Payers } from './transfers.ts'

/** A devnet of one validator whose store holds a history. */
export type StoredNetwork = { readonly dir: string; readonly layout: Layout; readonly genesis: Genesis; readonly buildMs: number }

const SEED = fromHex('2a'.repeat(32))
const PAYERS = 500
const BLOCK_MS = 1_000
const BATCH_RECORDS = 20_000

/** Makes a devnet of one validator with so many blocks, one a second until now, each of so many transfers to new accounts. */
export async function writeHistory(
  dir: string,
  wish: { blocks: number; txs: number; say: (text: string) => void },
): Promise<StoredNetwork> {
  const { blocks, txs, say } = wish
  const timeMs = Date.now() - (blocks + 60) * BLOCK_MS
  const layout = await createLayout({ dir, count: 1, blockIntervalMs: BLOCK_MS, seed: SEED, timeMs })
  const accounts = buildPayers(SEED, PAYERS)
  const path = join(dir, 'genesis.json')
  const document = JSON.parse(readFileSync(path, 'utf8'))
  addPayers(document, accounts)
  writeFileSync(path, JSON.stringify(document))
  const genesis = parseGenesis(REGISTRY, document)
  const validator = validatorAccount(layout, 'v1')
  const { journal, data } = nodePaths(dir, 'v1')
  rmSync(journal, { force: true })
  const chainTag = fromHex(genesis.hash.slice(0, 16))
  // The key signs every block below without this file, so the file forbids it to sign any of them again.
  initJournal({ path: journal, chainTag, publicKeyHex: toHex(validator.publicKey), afterHeight: blocks })
  const begun = performance.now()
  const payers: Payers = { genesisHash: genesis.hash, accounts, nonces: accounts.map(() => 0n) }
  await growStore({ dir: join(data, 'store'), genesis, validator, payers, blocks, txs, say })
  return { dir, layout, genesis, buildMs: performance.now() - begun }
}

type Growing = {
  dir: string
  genesis: Genesis
  validator: DevAccount
  payers: Payers
  blocks: number
  txs: number
  say: (text: string) => void
}

async function growStore({ dir, genesis, validator, payers, blocks, txs, say }: Growing): Promise<void> {
  const store = await openStore({ dir })
  const opened = await recoverChain({ store, registry: REGISTRY, genesis, cacheEntries: 200_000 })
  const { chain, state, tree } = opened
  let head: ChainHead = opened.head
  const parts = { registry: REGISTRY, genesis, state, tree, head: () => head, checkSignature: createSignatureCheck() }
  const setHead = (next: ChainHead): void => {
    head = next
  }
  for (let height = 1; height <= blocks; height++) {
    const candidate = buildCandidate(parts, {
      ...{ proposer: validator.address, lastCommit: head.certificate, bytesMax: 1_000_000, txsMax: txs },
      time: genesis.time + height * BLOCK_MS,
      candidates: signFresh(payers, { first: height * txs, count: txs, validUntil: height + 100 }).map((bytes) => {
        const checked = checkStatelessly(REGISTRY, genesis.hash, bytes)
        if (isFailure(checked)) throw new Error(checked.code)
        return checked
      }),
      isTimeUp: () => false,
      onBarred: (_checked, barred) => assert(false, `a transfer of the benchmark is not barred: ${barred.code}`),
    })
    const certificate = certify(head.set, validator, candidate.block.header)
    await commitBlock({ registry: REGISTRY, chain, state, tree, head: parts.head, setHead }, candidate, certificate)
    if (height % 2_000 === 0) say(`${height} of ${blocks} blocks built`)
  }
  await store.close()
}

// As many payments as wished, every second of them to an account that is new, so that the state grows with the history.
function signFresh(payers: Payers, range: { first: number; count: number; validUntil: number }): readonly Uint8Array[] {
  const chainTag = fromHex(payers.genesisHash.slice(0, 16))
  return Array.from({ length: range.count }, (_, i) => {
    const number = range.first + i
    if (i % 2 === 0) return signTransfers(payers, { ...range, first: number, count: 1 }).map((tx) => tx.bytes)
    const at = number % payers.accounts.length
    const from = payers.accounts[at] as DevAccount
    const nonce = payers.nonces[at] as bigint
    payers.nonces[at] = nonce + 1n
    const to = { ...from, address: asAddress(sha256(u64ToBytes(BigInt(number))).slice(0, 40)) }
    return [assembleSigned(buildTransferBody({ chainTag, from, to, nonce, validUntil: range.validUntil }), from)]
  }).flat()
}

/** Certificate of a header by the one validator. */
function certify(set: ValidatorSet, validator: DevAccount, header: Header): Certificate {
  const content = { height: header.height, round: 0, blockId: blockIdOf(header), validRound: -1 }
  const signature = createSigner(validator.seed).sign(consensusSigningBytes(header.chainId, 'precommit', content))
  return buildCertificate(set, [{ type: 'precommit', ...content, validator: validator.address, signature }])
}

/** A store whose state holds so many records of so many bytes besides those of the genesis, under one final header. */
export async function writeLargeState(
  dir: string,
  wish: { network: StoredNetwork; records: number; valueBytes: number },
): Promise<void> {
  const { network, records, valueBytes } = wish
  const { genesis, layout } = network
  const store = await openStore({ dir })
  const tree = createStateTree({ capacityHint: records })
  const state = new Map(initGenesis(REGISTRY, genesis).map(({ key, value }) => [key, value]))
  const leaves: { key: Uint8Array; valueHash: Uint8Array }[] = []
  let batch: { key: string; value: Uint8Array }[] = []
  const put = async (key: string, value: Uint8Array): Promise<void> => {
    leaves.push({ key: sha256Bytes(key), valueHash: sha256Bytes(value) })
    batch.push({ key: STATE_PREFIX + key, value })
    if (batch.length < BATCH_RECORDS) return
    await store.writeBatch(batch)
    batch = []
  }
  for (const [key, value] of state) if (value !== null) await put(key, value)
  for (let i = 0; i < records; i++) {
    const seed = sha256Bytes(u64ToBytes(BigInt(i)))
    const value = new Uint8Array(valueBytes)
    for (let at = 0; at < valueBytes; at += seed.length) value.set(seed.subarray(0, valueBytes - at), at)
    await put(`payment/wallet/${toHex(seed).slice(0, 40)}`, value)
  }
  const stateRoot = tree.buildFrom(leaves)
  const origin = genesisHead(genesis, REGISTRY, { get: (key) => state.get(key) ?? null }, stateRoot)
  const header: Header = { ...origin.header, height: 1, time: genesis.time + 1, parentId: genesis.hash }
  const certificate = certify(origin.set, validatorAccount(layout, 'v1'), header)
  await store.writeBatch([
    ...batch,
    ...headerRecords(header, certificate),
    headRecord(1, blockIdOf(header)),
    ...identityRecords(genesis.hash, STORE_FORMAT),
  ])
  await store.close()
}

function assembleSigned(body: TxBody, from: DevAccount): Uint8Array {
  return assembleTransaction(body, [createSigner(from.seed).sign(txSigningBytes(body))]).bytes
}
