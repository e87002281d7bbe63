// Owns: a chain of real blocks in a real store without consensus: real rooms, real execution, every validator's signature, for tests
// of what is done to a stopped node's store. Not here: chains in memory (tiny-chain.ts), running nodes (cluster.ts).
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isFailure } from '../../core/base/errors.ts'
import { must } from '../../core/base/assert.ts'
import { fromHex, toHex, u64ToBytes } from '../../core/base/bytes.ts'
import { asAddress } from '../../core/base/ids.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import { encode } from '../../core/codec/schema.ts'
import { assembleTransaction, txSigningBytes } from '../../core/chain/transaction.ts'
import { createSigner, verifySignature } from '../../core/crypto/keys.ts'
import { checkStatelessly } from '../../core/execution/check.ts'
import { parseGenesis } from '../../core/execution/init-genesis.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { buildAccounts, DEV_KEY_ID } from '../../cli/devnet/accounts.ts'
import { buildGenesis } from '../../cli/devnet/genesis.ts'
import type { ChainHead } from '../../node/chain-head.ts'
import { commitBlock } from '../../node/commit.ts'
import { buildCandidate } from '../../node/executor.ts'
import { recoverChain } from '../../node/recover.ts'
import { openStore } from '../../node/storage/level.ts'
import type { Store } from '../../node/storage/level.ts'
import { buildMember, certify } from './tiny-chain.ts'

const SEED = fromHex('05'.repeat(32))
const GENESIS_TIME = 1_795_424_400_000

/** The genesis document and its parsed form of the chain that `growChain` grows. */
export function buildStoredGenesis(names: readonly string[] = ['v1', 'v2', 'v3', 'v4']) {
  const members = names.map(buildMember)
  const accounts = buildAccounts(SEED)
  const input = { timeMs: GENESIS_TIME, blockIntervalMs: 200, accounts, validators: members }
  const json: unknown = JSON.parse(JSON.stringify(buildGenesis(input)))
  return { members, accounts, json, genesis: parseGenesis(REGISTRY, json) }
}

/** Grows the chain in a store by blocks of transfers from the city's treasury, half of them to accounts that are new. */
export async function growChain(store: Store, options: { blocks: number; txsPerBlock: number }): Promise<ChainHead> {
  const { members, accounts, genesis } = buildStoredGenesis()
  const chainTag = fromHex(genesis.hash.slice(0, 16))
  const treasury = must(
    accounts.find(({ name }) => name === 'city-treasury'),
    'a treasury',
  )
  const signer = createSigner(treasury.seed)
  const transfer = must(REGISTRY.transactionByName.get('payment.transfer'), 'transfers')
  const opened = await recoverChain({ store, registry: REGISTRY, genesis, cacheEntries: 100_000 })
  const { chain, state, tree } = opened
  let head = opened.head
  const parts = { registry: REGISTRY, genesis, state, tree, head: () => head, checkSignature: verifySignature }
  let nonce = BigInt(head.height) * BigInt(options.txsPerBlock)
  for (let i = 0; i < options.blocks; i++) {
    const height = head.height + 1
    const candidates = Array.from({ length: options.txsPerBlock }, (_, index) => {
      const to = index % 2 === 0 ? sha256(u64ToBytes(nonce)).slice(0, 40) : must(accounts[2 + (index % 5)], 'a citizen').address
      const body = {
        version: 1,
        chainTag,
        type: transfer.type,
        sender: treasury.address,
        keyId: DEV_KEY_ID,
        lane: 0,
        nonce: nonce++,
        validUntil: height + 100,
        payload: encode(transfer.payload, { to: asAddress(to), amount: 1n, memoCommit: null }),
        sponsor: null,
      }
      const tx = assembleTransaction(body, [signer.sign(txSigningBytes(body))])
      const checked = checkStatelessly(REGISTRY, genesis.hash, tx.bytes)
      if (isFailure(checked)) throw new Error(checked.code)
      return checked
    })
    const candidate = buildCandidate(parts, {
      proposer: must(members[height % members.length], 'a proposer').account.address,
      lastCommit: head.certificate,
      time: GENESIS_TIME + height * 1_000,
      bytesMax: head.params.blockBytesMax,
      txsMax: options.txsPerBlock,
      candidates,
      isTimeUp: () => false,
      onBarred: (_, barred) => {
        throw new Error(barred.code)
      },
    })
    const { header } = candidate.block
    const certificate = certify({ chainId: genesis.chainId, set: head.set, members, header })
    await commitBlock(
      { registry: REGISTRY, chain, state, tree, head: parts.head, setHead: (next) => (head = next) },
      candidate,
      certificate,
    )
  }
  return head
}

/** Makes `<dir>/data/store` with the chain and `<dir>/genesis.json` beside it; the store is closed again. */
export async function writeStoredChain(dir: string, options: { blocks: number; txsPerBlock: number }): Promise<ChainHead> {
  const { json } = buildStoredGenesis()
  mkdirSync(join(dir, 'data'), { recursive: true })
  writeFileSync(join(dir, 'genesis.json'), `${JSON.stringify(json, null, 2)}\n`)
  const store = await openStore({ dir: join(dir, 'data', 'store') })
  try {
    return await growChain(store, options)
  } finally {
    await store.close()
  }
}

/** The key of a member's journal on this chain. */
export function journalPlaceOf(path: string, name: string) {
  const { members, genesis } = buildStoredGenesis()
  const member = must(
    members.find((entry) => entry.name === name),
    'a member',
  )
  return { path, chainTag: fromHex(genesis.hash.slice(0, 16)), publicKeyHex: toHex(member.account.publicKey) }
}
