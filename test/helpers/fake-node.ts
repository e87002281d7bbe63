// Owns: a node in memory for tests of what stands on NodeApi: real blocks, receipts, proofs and certificates, one demo room, no consensus.
import { failure, isFailure } from '../../core/base/errors.ts'
import { defineErrors } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { asAddress, asHash32, ZERO_HASH } from '../../core/base/ids.ts'
import type { Address, Hash32, TxId } from '../../core/base/ids.ts'
import { fromHex, toHex, utf8ToBytes } from '../../core/base/bytes.ts'
import { must } from '../../core/base/assert.ts'
import { BLOCK_VERSION, blockIdOf, evidenceHash, txRootOf } from '../../core/chain/block.ts'
import type { Block, Header } from '../../core/chain/block.ts'
import { buildCertificate, certificateHash } from '../../core/chain/certificate.ts'
import type { Certificate } from '../../core/chain/certificate.ts'
import { CITY_PARAMS, paramsHash } from '../../core/chain/params.ts'
import { receiptHash, receiptsRoot } from '../../core/chain/receipt.ts'
import type { Receipt } from '../../core/chain/receipt.ts'
import { assembleTransaction, TX_VERSION, txSigningBytes } from '../../core/chain/transaction.ts'
import type { Transaction, TxBody } from '../../core/chain/transaction.ts'
import type { SetChange } from '../../core/chain/set-change.ts'
import { buildValidatorSet } from '../../core/chain/validator-set.ts'
import type { ValidatorSet } from '../../core/chain/validator-set.ts'
import { consensusSigningBytes } from '../../core/chain/vote.ts'
import { struct } from '../../core/codec/compound.ts'
import { address, text, u64 } from '../../core/codec/fields.ts'
import { encode } from '../../core/codec/schema.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import { createSigner, verifySignature } from '../../core/crypto/keys.ts'
import { proveMerkle } from '../../core/crypto/merkle.ts'
import { checkStatelessly, checkTransaction } from '../../core/execution/check.ts'
import type { CheckedTransaction } from '../../core/execution/check.ts'
import { executeBlock } from '../../core/execution/execute-block.ts'
import { defineEvent, defineModule, defineQuery, defineTransaction } from '../../core/execution/module.ts'
import type { BlockEnv, ModuleDefinition, TransactionDefinition } from '../../core/execution/module.ts'
import { buildRegistry } from '../../core/execution/registry.ts'
import { nextNonce, readAccount } from '../../core/state/accounts.ts'
import { createOverlay } from '../../core/state/overlay.ts'
import { defineStore } from '../../core/state/store.ts'
import { createStateTree } from '../../core/state/tree.ts'
import { encodeTreeProof } from '../../core/state/tree-proof.ts'
import type { NetworkName } from '../../core/crypto/address.ts'
import type { AccessEntry, EventRecord, NodeApi, NodeHealth, TxStatus } from '../../rpc/node-api.ts'

/** The key that every account of the fake chain signs with. */
export const DEMO_KEY = createSigner(new Uint8Array(32).fill(7))
/** Accounts of the fake chain. */
export const ALICE = asAddress('a1'.repeat(20))
export const BOB = asAddress('b0'.repeat(20))

const DemoError = defineErrors('DEMO', {
  EMPTY: [0x0901, 'malformed', 'A note has an amount.'],
  UNLUCKY: [0x0902, 'failed', 'The amount 13 is refused.'],
  NO_NOTE: [0x0903, 'failed', 'The account has no note.'],
})

const NotePayload = struct({ to: address, amount: u64, memo: text(64) })
const Noted = defineEvent({
  type: 0x0901,
  name: 'demo.noted',
  about: 'A note was left.',
  payload: struct({ from: address, to: address, amount: u64, memo: text(64) }),
})
const notes = defineStore<Address, { amount: bigint }>({
  prefix: 'demo/note',
  key: (account) => account,
  value: struct({ amount: u64 }),
})

const demoRoom = defineModule({
  name: 'demo',
  number: 9,
  about: 'A room for tests.',
  transactions: [
    defineTransaction({
      type: 0x0901,
      name: 'demo.note',
      about: 'Leaves a note with an amount.',
      payload: NotePayload,
      keyPurpose: 1,
      checkStateless: ({ payload }) => (payload.amount === 0n ? failure(DemoError.EMPTY) : null),
      checkStateful: (_view, { payload }) => (payload.amount === 13n ? failure(DemoError.UNLUCKY, { amount: '13' }) : null),
      apply: ({ view, emit }, { payload, sender }) => {
        notes.set(view, payload.to, { amount: payload.amount })
        emit(Noted, { from: sender, ...payload })
      },
    }),
  ],
  queries: [
    defineQuery({
      name: 'demo_getNote',
      about: 'The last note left for an account.',
      params: struct({ account: address }),
      result: notes.schema,
      run: (view, { account }) => notes.get(view, account) ?? failure(DemoError.NO_NOTE),
      keyOf: ({ account }) => notes.keyOf(account),
    }),
    defineQuery({
      name: 'demo_countNotes',
      about: 'How many of Alice and Bob have a note.',
      params: struct({}),
      result: struct({ count: u64 }),
      run: (view) => ({ count: BigInt([ALICE, BOB].filter((account) => notes.has(view, account)).length) }),
    }),
  ],
  events: [Noted],
  errors: DemoError,
  findKey: (_view, _account, keyId) => (keyId === 'k1' ? { publicKey: DEMO_KEY.publicKey, purposes: 1, live: true } : null),
  mayOnboard: () => false,
})

const AGENCY = must(CITY_PARAMS.creditClasses[2], 'the class of agencies')
// Everybody has an agency's credits, so that a test may send as much as it likes.
const PARAMS = { ...CITY_PARAMS, creditClasses: [AGENCY, AGENCY, AGENCY] }
const GENESIS_HASH = sha256(utf8ToBytes('fake genesis'))
const GENESIS_TIME = 1_795_000_000_000
const CHAIN_ID = 'fake-1'
const CHAIN_TAG = fromHex(GENESIS_HASH.slice(0, 16))

/** A validator of a fake chain; the same name gives the same key. */
export type FakeMember = ReturnType<typeof fakeMember>

/** The member of this name. */
export function fakeMember(name: string) {
  const seed = fromHex(sha256(utf8ToBytes(`fake validator ${name}`)))
  return { name, authority: asAddress(sha256(seed).slice(0, 40)), signer: createSigner(seed) }
}

const FIRST_MEMBER: FakeMember = { name: 'v1', authority: asAddress('c0'.repeat(20)), signer: DEMO_KEY }

function setOf(members: readonly FakeMember[]) {
  return buildValidatorSet(
    members.map(({ name, authority, signer }) => {
      return { authority, publicKey: signer.publicKey, name, peerId: '12D3KooWfake', addresses: [] }
    }),
  )
}

type Kept = { block: Block; blockId: Hash32; txs: readonly Transaction[]; receipts: readonly Receipt[]; commit: Certificate }

/** The fake node: the interface, and the strings that tests pull. */
export type FakeNode = NodeApi & {
  /** Commits what waits in the mempool. */
  readonly commitBlock: () => void
  /** Lets these members validate from the block after the next one on. */
  readonly changeValidators: (members: readonly FakeMember[]) => void
  /** A header of the chain's own making, signed by whoever signs at its height. */
  readonly certify: (header: Header, round?: number) => Certificate
  /** What was reported to it. */
  readonly forks: readonly unknown[]
  /** Forgets blocks below a height. */
  readonly prune: (oldest: number) => void
  readonly setHealth: (change: Partial<NodeHealth>) => void
  /** Makes the next reads fail as a broken disk would. */
  readonly breakReads: (broken: boolean) => void
  /** A signed note from Alice. */
  readonly sign: (note: {
    amount: bigint
    nonce?: bigint
    memo?: string
    to?: Address
    validUntil?: number
    lane?: number
  }) => Transaction
  /** A signed transaction of any type; Alice's unless a sender is named. */
  readonly signAny: <P>(definition: TransactionDefinition<P>, payload: P, sender?: Address) => Transaction
  /** Lets the log of reads fail as a full disk would. */
  readonly breakLog: (broken: boolean) => void
  readonly moveClock: (ms: number) => void
  readonly listenerCount: () => number
}

/** A chain at height 0 of one validator, on a network. */
export function createFakeNode({
  network = 'devnet' as NetworkName,
  mempoolMax = 10_000,
  members: firstMembers = [FIRST_MEMBER] as readonly FakeMember[],
  rooms = [] as readonly ModuleDefinition[],
} = {}): FakeNode {
  const registry = buildRegistry([demoRoom, ...rooms])
  let members = firstMembers
  let nextMembers = members
  const sets: ValidatorSet[] = [setOf(members)]
  const signersAt: (readonly FakeMember[])[] = [members]
  const set = setOf(members)
  const forks: unknown[] = []
  const tree = createStateTree()
  const records = new Map<string, Uint8Array>()
  const state = { get: (key: string) => records.get(key) ?? null }
  const blocks: Kept[] = []
  const pool = new Map<TxId, CheckedTransaction>()
  const ended = new Map<TxId, TxStatus>()
  const listeners = new Set<(block: { height: number }) => void>()
  const waiting = new Set<() => void>()
  let oldestHeight = 1
  let broken = false
  let isLogBroken = false
  let clockMs = 0
  let health: NodeHealth = {
    ready: true,
    reasons: [],
    criteria: [],
    height: 0,
    headAgeMs: 0,
    peers: 0,
    round: 0,
    step: 'propose',
    missingVotes: [],
  }

  const genesisHeader: Header = {
    version: BLOCK_VERSION,
    chainId: CHAIN_ID,
    height: 0,
    time: GENESIS_TIME,
    parentId: ZERO_HASH,
    lastCommitHash: ZERO_HASH,
    txRoot: txRootOf([]),
    receiptsRoot: receiptsRoot([]),
    stateRoot: tree.committedHash(),
    validatorsHash: set.hash,
    nextValidatorsHash: set.hash,
    paramsHash: paramsHash(PARAMS),
    evidenceHash: evidenceHash([]),
    recoveryHash: null,
    proposer: asAddress('c0'.repeat(20)),
    txCount: 0,
    bodyBytes: 0,
  }
  const genesisId = blockIdOf(genesisHeader)
  const headHeight = (): number => blocks.length
  const keptAt = (height: number): Kept | null => (height >= oldestHeight ? (blocks[height - 1] ?? null) : null)
  const head = () => {
    const last = blocks.at(-1)
    if (broken) throw new Error('disk on fire')
    return last === undefined
      ? { header: genesisHeader, blockId: genesisId, commit: null }
      : { header: last.block.header, blockId: last.blockId, commit: last.commit }
  }
  const envAt = (height: number): BlockEnv => ({
    chainId: CHAIN_ID,
    genesisHash: GENESIS_HASH,
    height,
    time: GENESIS_TIME + height * 1_000,
    params: PARAMS,
  })

  // Index h-1 of both lists is height h; the last entry is the next height.
  const setAt = (height: number): ValidatorSet => must(sets[height - 1], 'a set per height')
  const certify = (header: Header, round = 0): Certificate => {
    const content = { height: header.height, round, blockId: blockIdOf(header), validRound: -1 }
    const votes = must(signersAt[header.height - 1], 'signers per height').map(({ authority, signer }) => ({
      type: 'precommit' as const,
      validator: authority,
      signature: signer.sign(consensusSigningBytes(CHAIN_ID, 'precommit', content)),
      ...content,
    }))
    return buildCertificate(setAt(header.height), votes)
  }

  const commitBlock = (): void => {
    const before = head()
    const block = envAt(headHeight() + 1)
    const txs: CheckedTransaction[] = []
    for (const checked of [...pool.values()].sort((a, b) => Number(a.tx.body.nonce - b.tx.body.nonce))) {
      if (checked.tx.body.validUntil < block.height) ended.set(checked.tx.id, { status: 'expired', height: block.height })
      else txs.push(checked)
    }
    pool.clear()
    const facts = { parentId: before.blockId, lastCommit: before.commit }
    const result = executeBlock({ registry, base: state, block, facts, checkSignature: verifySignature, txs })
    if (isFailure(result)) throw new Error(result.code)
    const treeChanges = result.changes.map(({ key, value }) => ({
      key: fromHex(sha256(utf8ToBytes(key))),
      valueHash: value === null ? null : fromHex(sha256(value)),
    }))
    const staged = tree.stage(treeChanges)
    tree.commit(staged)
    for (const { key, value } of result.changes) value === null ? records.delete(key) : records.set(key, value)
    const header: Header = {
      ...genesisHeader,
      height: block.height,
      time: block.time,
      parentId: before.blockId,
      lastCommitHash: certificateHash(before.commit),
      txRoot: txRootOf(txs.map(({ tx }) => tx.wireHash)),
      receiptsRoot: receiptsRoot(result.receipts),
      stateRoot: tree.committedHash(),
      validatorsHash: setAt(block.height).hash,
      nextValidatorsHash: setOf(nextMembers).hash,
      txCount: txs.length,
      bodyBytes: txs.reduce((sum, { tx }) => sum + tx.bytes.length, 0),
    }
    const blockId = blockIdOf(header)
    const body = { header, lastCommit: before.commit, evidence: [], txs: txs.map(({ tx }) => tx.bytes) }
    blocks.push({
      block: body,
      blockId,
      txs: txs.map(({ tx }) => tx),
      receipts: result.receipts,
      commit: certify(header),
    })
    members = nextMembers
    signersAt.push(members)
    sets.push(setOf(members))
    txs.forEach(({ tx }, index) => {
      ended.set(tx.id, { status: 'final', height: block.height, index, receipt: must(result.receipts[index], 'receipt') })
    })
    for (const listener of [...listeners]) listener({ height: block.height })
    for (const wake of [...waiting]) wake()
  }

  const txStatus = (txId: TxId): TxStatus => {
    const waits = pool.get(txId)
    return waits === undefined
      ? (ended.get(txId) ?? { status: 'unknown' })
      : { status: 'pending', validUntil: waits.tx.body.validUntil }
  }

  const contextOf = (height: number) => ({ registry, view: state, block: envAt(height), checkSignature: verifySignature })

  const submitTransaction = async (bytes: Uint8Array): Promise<{ txId: TxId } | Failure> => {
    const checked = checkStatelessly(registry, GENESIS_HASH, bytes)
    if (isFailure(checked)) return checked
    if (pool.size >= mempoolMax)
      return { failure: true, code: 'MEMPOOL_FULL', number: 0x0101, class: 'early', text: 'The mempool is full.' }
    const refused = checkTransaction(contextOf(headHeight() + 1), checked, 'ahead')
    if (refused !== null) {
      if (txStatus(checked.tx.id).status === 'unknown') ended.set(checked.tx.id, { status: 'rejected', failure: refused })
      return refused
    }
    pool.set(checked.tx.id, checked)
    return { txId: checked.tx.id }
  }

  const findTransaction = (txId: TxId) => {
    const status = txStatus(txId)
    if (status.status !== 'final') return null
    const kept = keptAt(status.height)
    const tx = kept?.txs[status.index]
    return tx === undefined ? null : { tx, height: status.height, index: status.index, receipt: status.receipt }
  }

  const waitForTransaction = (txId: TxId, timeoutMs: number): Promise<TxStatus> =>
    new Promise((resolve) => {
      const isEnd = (): boolean => !['pending', 'unknown'].includes(txStatus(txId).status)
      const finish = (): void => {
        clearTimeout(timer)
        waiting.delete(wake)
        resolve(txStatus(txId))
      }
      const wake = (): void => {
        if (isEnd()) finish()
      }
      const timer = setTimeout(finish, timeoutMs)
      waiting.add(wake)
      wake()
    })

  const eventsBetween = (from: number, to: number): EventRecord[] => {
    const found: EventRecord[] = []
    for (let height = from; height <= to; height++) {
      keptAt(height)?.receipts.forEach((receipt, txIndex) => {
        for (const [eventIndex, event] of receipt.events.entries())
          found.push({ height, txIndex, eventIndex, txId: receipt.txId, event })
      })
    }
    return found
  }

  const pendingNonce = (account: Address, lane: number): bigint => {
    const waits = [...pool.values()].filter(({ tx }) => tx.body.sender === account && tx.body.lane === lane).length
    return nextNonce(readAccount(state, account), lane) + BigInt(waits)
  }

  const accessEntries: AccessEntry[] = []
  const signAny: FakeNode['signAny'] = (definition, payload, sender = ALICE) => {
    const body: TxBody = {
      version: TX_VERSION,
      chainTag: CHAIN_TAG,
      type: definition.type,
      sender,
      keyId: 'k1',
      lane: 0,
      nonce: pendingNonce(sender, 0),
      validUntil: headHeight() + 100,
      payload: encode(definition.payload, payload),
      sponsor: null,
    }
    return assembleTransaction(body, [DEMO_KEY.sign(txSigningBytes(body))])
  }

  const sign: FakeNode['sign'] = (note) => {
    const lane = note.lane ?? 0
    const body: TxBody = {
      version: TX_VERSION,
      chainTag: CHAIN_TAG,
      type: 0x0901,
      sender: ALICE,
      keyId: 'k1',
      lane,
      nonce: note.nonce ?? pendingNonce(ALICE, lane),
      validUntil: note.validUntil ?? headHeight() + 100,
      payload: encode(NotePayload, { to: note.to ?? BOB, amount: note.amount, memo: note.memo ?? '' }),
      sponsor: null,
    }
    return assembleTransaction(body, [DEMO_KEY.sign(txSigningBytes(body))])
  }

  return {
    chainId: CHAIN_ID,
    network,
    genesisHash: GENESIS_HASH,
    genesisJson: () => ({ chainId: CHAIN_ID, network, rooms: {} }),
    registry,
    version: '0.0.0-fake',
    nowMs: () => GENESIS_TIME + clockMs,
    accessLog: {
      append: async (entries) => {
        if (isLogBroken) throw new Error('disk is full')
        accessEntries.push(...entries)
      },
      read: async (subject, { before, limit }) => {
        const own = accessEntries.map((entry, at) => ({ ...entry, cursor: at.toString(16).padStart(32, '0') }))
        const wanted = own.filter((entry) => entry.subject === subject && (before === null || entry.cursor < before))
        return wanted.reverse().slice(0, limit)
      },
    },
    breakLog: (now) => {
      isLogBroken = now
    },
    moveClock: (ms) => {
      clockMs += ms
    },
    head,
    params: () => PARAMS,
    validators: (height) => sets[(height ?? headHeight() + 1) - 1] ?? null,
    setChangesBetween: async (from, to, limit) => {
      const changes: SetChange[] = []
      for (let height = Math.max(1, from); height <= Math.min(to, headHeight()) && changes.length < limit; height++) {
        const { block, commit } = must(blocks[height - 1], 'a block')
        if (block.header.nextValidatorsHash === block.header.validatorsHash) continue
        changes.push({ header: block.header, certificate: commit, validators: setAt(height + 1).validators, recovery: null })
      }
      return changes
    },
    reportFork: async (evidence) => {
      forks.push(evidence)
      return null
    },
    blockAt: (height) => keptAt(height),
    headerAt: (height) => {
      const kept = keptAt(height)
      return kept === null ? null : { header: kept.block.header, blockId: kept.blockId }
    },
    heightOf: (blockId) => {
      const at = blocks.findIndex((kept) => kept.blockId === blockId)
      return at === -1 ? null : at + 1
    },
    certificateAt: (height) => keptAt(height)?.commit ?? null,
    recoveryAt: () => null,
    receiptsAt: (height) => keptAt(height)?.receipts ?? null,
    state: () => state,
    proveState: (key) => {
      const { header, commit } = head()
      const proof = encodeTreeProof(tree.prove(fromHex(sha256(utf8ToBytes(key)))))
      return { key, value: state.get(key), proof, header, commit: must(commit, 'the head has a certificate') }
    },
    submitTransaction,
    submitEvidence: (bytes) => ({ evidenceId: sha256(bytes) }),
    simulate: (body) => {
      const tx = assembleTransaction(body, [DEMO_KEY.sign(txSigningBytes(body))])
      const checked = checkStatelessly(registry, GENESIS_HASH, tx.bytes)
      if (isFailure(checked)) return checked
      const base = createOverlay(state)
      const result = executeBlock({
        registry,
        base,
        block: envAt(headHeight() + 1),
        facts: null,
        checkSignature: () => true,
        txs: [checked],
      })
      return isFailure(result) ? result : { receipt: must(result.receipts[0], 'receipt') }
    },
    txStatus,
    findTransaction,
    proveTransaction: (txId) => {
      const found = findTransaction(txId)
      const kept = found === null ? null : keptAt(found.height)
      if (found === null || kept === null) return null
      const tx = proveMerkle(
        kept.txs.map(({ wireHash }) => wireHash),
        found.index,
      )
      return {
        header: kept.block.header,
        commit: kept.commit,
        tx,
        receipt: proveMerkle(kept.receipts.map(receiptHash), found.index),
      }
    },
    waitForTransaction,
    accountHistory: async (account, { before, limit }) => {
      const all = blocks.flatMap((kept, at) =>
        kept.txs.map((tx, index) => ({ tx, txId: tx.id, height: at + 1, index, cursor: `${at + 1}.${index}` })),
      )
      const mine = all.filter(({ tx }) => tx.body.sender === account).reverse()
      const start = before === null ? 0 : mine.findIndex(({ cursor }) => cursor === before) + 1
      return mine.slice(start, start + limit).map(({ txId, height, index, cursor }) => ({ txId, height, index, cursor }))
    },
    eventsBetween,
    onCommit: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    mempool: () => ({ count: pool.size, bytes: 0, countMax: mempoolMax, bytesMax: 1_000_000 }),
    mempoolIds: (limit) => [...pool.keys()].slice(0, limit),
    pendingNonce,
    peers: () => [],
    syncState: () => ({ syncing: false, height: headHeight(), bestPeerHeight: headHeight(), oldestHeight }),
    health: () => health,
    diagnose: () => ({
      cause: 'progressing',
      validators: [],
      sentence: 'the chain goes on',
      fix: 'nothing to do',
      state: 'ok',
      height: headHeight(),
      round: 0,
      step: 'propose',
      sinceMs: 0,
      reachable: 1,
      quorum: 1,
      validatorCount: 1,
      also: [],
    }),
    commitBlock,
    changeValidators: (changed) => {
      nextMembers = changed
    },
    certify,
    forks,
    prune: (oldest) => {
      oldestHeight = oldest
    },
    setHealth: (change) => {
      health = { ...health, ...change }
    },
    breakReads: (value) => {
      broken = value
    },
    sign,
    signAny,
    listenerCount: () => listeners.size,
  }
}

/** `0x` hex of a transaction, as tx_submit takes it. */
export function wireOf(tx: Transaction): string {
  return `0x${toHex(tx.bytes)}`
}

/** `0x` and the id of a transaction. */
export function hashOf(tx: Transaction): string {
  return `0x${asHash32(tx.id)}`
}
