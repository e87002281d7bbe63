// Owns: execution under random days of the city: the same on every machine, invariants after every block, nothing lost by failures.
// Not here: single rules (modules), agreement (consensus, sim).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { addDays, kstDate } from '../../core/base/civil-time.ts'
import { isFailure } from '../../core/base/errors.ts'
import type { Address, TxId } from '../../core/base/ids.ts'
import type { Receipt } from '../../core/chain/receipt.ts'
import type { Transaction } from '../../core/chain/transaction.ts'
import { deriveAddress } from '../../core/crypto/address.ts'
import { checkStatelessly } from '../../core/execution/check.ts'
import type { BlockRun } from '../../core/execution/execute-block.ts'
import type { TransactionDefinition } from '../../core/execution/module.ts'
import { creditsLeft, nextNonce, readAccount } from '../../core/state/accounts.ts'
import { approve } from '../../modules/governance/approve.ts'
import { propose } from '../../modules/governance/propose.ts'
import type { Action } from '../../modules/governance/schema.ts'
import { withdraw } from '../../modules/governance/withdraw.ts'
import { didCreate } from '../../modules/identity/did-create.ts'
import { didRotate } from '../../modules/identity/did-rotate.ts'
import { didUpdate } from '../../modules/identity/did-update.ts'
import { readDid } from '../../modules/identity/keeper.ts'
import { possessionBytes } from '../../modules/identity/possession.ts'
import { freeze } from '../../modules/payment/freeze.ts'
import { mint } from '../../modules/payment/mint.ts'
import { redeemConfirm } from '../../modules/payment/redeem-confirm.ts'
import { redeemReject } from '../../modules/payment/redeem-reject.ts'
import { redeemRequest } from '../../modules/payment/redeem-request.ts'
import { transfer } from '../../modules/payment/transfer.ts'
import { unfreeze } from '../../modules/payment/unfreeze.ts'
import { accountNamed, buildCityTransaction, createCityChain, signerNamed } from '../../scripts/vectors/city.ts'
import type { CityChain, EnvelopePart } from '../../scripts/vectors/city.ts'

const PEOPLE = ['alice', 'bob', 'carol', 'dave', 'shop'] as const
const NEWCOMERS = ['new0', 'new1', 'new2', 'new3'] as const
const COUNCIL = ['city1', 'city2', 'city3', 'bob'] as const

const person = fc.constantFrom(...PEOPLE, ...NEWCOMERS)
const bank = fc.constantFrom('bankA', 'bankB')
const lane = fc.constantFrom(0, 0, 0, 7, 255)
const amount = fc.oneof(fc.bigInt({ min: 1n, max: 400_000n }), fc.constantFrom(1n, 500_000n, 10n ** 9n))
const pick = fc.nat(99)

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('transfer' as const), who: person, to: person, amount, lane }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('mint' as const), who: bank, to: person, amount, pick }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('request' as const), who: person, amount, lane }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('confirm' as const), who: bank, pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reject' as const), who: bank, pick }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('freeze' as const), who: fc.constantFrom('bankA', 'cityhall'), to: person, amount }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('unfreeze' as const), who: fc.constantFrom('bankA', 'cityhall'), to: person }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('create' as const),
      who: fc.constantFrom(...NEWCOMERS),
      by: fc.constantFrom('office', 'bob'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('rotate' as const), who: person, isLate: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('update' as const), who: person, pick }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('propose' as const),
      who: fc.constantFrom(...COUNCIL, 'v1'),
      pick,
      to: person,
      amount,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('approve' as const), who: fc.constantFrom(...COUNCIL, 'v2', 'v3', 'v4'), pick }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), who: fc.constantFrom(...COUNCIL), pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('nuisance' as const), who: person, pick }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
const block = fc.record({
  steps: fc.array(step, { maxLength: 12, size: 'max' }),
  afterMs: fc.oneof(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 1, max: 20 * 3_600_000 })),
})

// What the day has seen so far, by which later steps refer to earlier ones.
type Memory = {
  readonly requests: TxId[]
  readonly proposals: TxId[]
  readonly genesisHash: CityChain['genesis']['hash']
  keys: number
}

const newcomerAccount = (memory: Memory, name: string): Address =>
  deriveAddress({ genesisHash: memory.genesisHash, publicKey: signerNamed(name).publicKey, nonce: 0n })
const accountOf = (memory: Memory, name: string): Address =>
  name.startsWith('new') ? newcomerAccount(memory, name) : accountNamed(name)

// A key's id is the name of its signer, except for first keys, which are called k1.
function liveKey(run: BlockRun, memory: Memory, who: string): { keyId: string; signer: string } {
  const live = readDid(run.view, accountOf(memory, who))?.keys.find((key) => key.revokedAt === null)
  return live === undefined || live.kid === 'k1' ? { keyId: 'k1', signer: who } : { keyId: live.kid, signer: live.kid }
}

function send<P>(
  run: BlockRun,
  memory: Memory,
  call: { who: string; type: TransactionDefinition<P>; payload: NoInfer<P> } & EnvelopePart,
): Transaction {
  const { who, type, payload, lane: laneOf = 0, ...other } = call
  const sender = accountOf(memory, who)
  const { keyId, signer } = liveKey(run, memory, who)
  const nonce = nextNonce(readAccount(run.view, sender), laneOf)
  const validUntil = run.block.height + 50
  return buildCityTransaction(memory.genesisHash, signer, type, payload, {
    sender,
    keyId,
    nonce,
    validUntil,
    lane: laneOf,
    ...other,
  })
}

function newKey(memory: Memory, did: Address, kid: string) {
  const signer = signerNamed(kid)
  const key = { kid, type: 'ED25519', pub: signer.publicKey, rel: 11 } as const
  return { ...key, proof: signer.sign(possessionBytes({ genesisHash: memory.genesisHash, did, key })) }
}

function actionOf(run: BlockRun, memory: Memory, move: { pick: number; to: string; amount: bigint }): Action {
  const account = accountOf(memory, move.to)
  const sourceRef = '고시 1'
  switch (move.pick % 6) {
    case 0:
      return { kind: 'roleGrant', role: 'AUDITOR', did: account, scope: null, validFrom: null, validUntil: null }
    case 1:
      return { kind: 'roleRevoke', role: 'AUDITOR', did: account, scope: null }
    case 2:
      return { kind: 'accountClassSet', account, creditClass: move.pick % 4 }
    case 3:
      return {
        kind: 'councilSet',
        threshold: 2,
        members: ['city1', 'city2', 'city3', ...(move.pick > 50 ? ['bob'] : [])].map(accountNamed),
      }
    default: {
      const effectiveFrom = addDays(kstDate(run.block.time), move.pick % 3)
      const value = { kind: 'number', value: 1_000_000n + move.amount } as const
      const key = move.pick % 2 === 0 ? 'payment.holdLimit' : 'payment.dailyLimit'
      return { kind: 'paramSet', key, effectiveFrom, value, sourceRef }
    }
  }
}

const picked = <T>(items: readonly T[], at: number): T | undefined => items[at % Math.max(items.length, 1)]

// Envelopes that no block may hold, and one of a sponsor that is allowed.
function nuisance(run: BlockRun, memory: Memory, move: { who: string; pick: number }): Transaction {
  const payload = { to: accountNamed('carol'), amount: 1n, memoCommit: null }
  const usual = { who: move.who, type: transfer, payload }
  const gap = nextNonce(readAccount(run.view, accountOf(memory, move.who)), 0) + 1n
  switch (move.pick % 6) {
    case 0:
      return send(run, memory, { ...usual, nonce: gap })
    case 1:
      return send(run, memory, { ...usual, validUntil: run.block.height - 1 })
    case 2:
      return send(run, memory, { ...usual, validUntil: run.block.height + 601 })
    case 3:
      return send(run, memory, { ...usual, keyId: 'k9' })
    case 4:
      return send(run, memory, {
        ...usual,
        sender: accountNamed('shop'),
        nonce: nextNonce(readAccount(run.view, accountNamed('shop')), 0),
      })
    default:
      return send(run, memory, { ...usual, sponsor: 'bankB' })
  }
}

function performIdentity(
  run: BlockRun,
  memory: Memory,
  move: Extract<Step, { kind: 'create' | 'rotate' | 'update' }>,
): Transaction | null {
  const { who } = move
  const did = accountOf(memory, who)
  if (move.kind === 'create') {
    const payload = { nonce: 0n, keys: [newKey(memory, did, who)], services: [], controller: [], recovery: null }
    const { keyId } = { keyId: who }
    return send(run, memory, { who, type: didCreate, payload, sponsor: move.by, keyId })
  }
  const versionId = readDid(run.view, did)?.versionId ?? 1
  if (move.kind === 'update') {
    const services = [{ id: `s${move.pick % 3}`, type: 'Inbox', uri: `https://inbox.example/${move.pick}` }]
    const payload = { did, prevVersionId: versionId, add: [], revoke: [], relations: [], services, controller: null }
    return send(run, memory, { who, type: didUpdate, payload })
  }
  memory.keys += 1
  const add = newKey(memory, did, `${who}-key${memory.keys}`.slice(0, 16))
  const prevVersionId = move.isLate ? versionId + 1 : versionId
  return send(run, memory, {
    who,
    type: didRotate,
    payload: { did, prevVersionId, revoke: liveKey(run, memory, who).keyId, add },
  })
}

function performCouncil(
  run: BlockRun,
  memory: Memory,
  move: Extract<Step, { kind: 'propose' | 'approve' | 'withdraw' }>,
): Transaction | null {
  const { who } = move
  if (move.kind === 'propose') return send(run, memory, { who, type: propose, payload: { action: actionOf(run, memory, move) } })
  const proposalId = picked(memory.proposals.slice(-6), move.pick)
  if (proposalId === undefined) return null
  return send(run, memory, { who, type: move.kind === 'approve' ? approve : withdraw, payload: { proposalId } })
}

function perform(run: BlockRun, memory: Memory, move: Step): Transaction | null {
  const { who } = move
  switch (move.kind) {
    case 'transfer':
      return send(run, memory, {
        who,
        lane: move.lane,
        type: transfer,
        payload: { to: accountOf(memory, move.to), amount: move.amount, memoCommit: null },
      })
    case 'mint':
      return send(run, memory, {
        who,
        type: mint,
        payload: { to: accountOf(memory, move.to), amount: move.amount, bankRef: `R${move.pick}` },
      })
    case 'request':
      return send(run, memory, { who, lane: move.lane, type: redeemRequest, payload: { amount: move.amount } })
    case 'freeze':
      return send(run, memory, {
        who,
        type: freeze,
        payload: { account: accountOf(memory, move.to), amount: move.amount, reasonCode: 'X' },
      })
    case 'unfreeze':
      return send(run, memory, { who, type: unfreeze, payload: { account: accountOf(memory, move.to), reasonCode: 'X' } })
    case 'create':
    case 'rotate':
    case 'update':
      return performIdentity(run, memory, move)
    case 'propose':
    case 'approve':
    case 'withdraw':
      return performCouncil(run, memory, move)
    case 'nuisance':
      return nuisance(run, memory, move)
    default: {
      const reqId = picked(memory.requests.slice(-8), move.pick)
      if (reqId === undefined) return null
      if (move.kind === 'reject') return send(run, memory, { who, type: redeemReject, payload: { reqId, reasonCode: 'X' } })
      return send(run, memory, {
        who,
        type: redeemConfirm,
        payload: { reqId, bankRef: move.pick % 2 === 0 ? `C${move.pick}` : null },
      })
    }
  }
}

const textOf = (receipts: readonly Receipt[]): string =>
  JSON.stringify(
    receipts.map(({ txId, code, events }) => [txId, code, events.map(({ type, payload }) => [type, toHex(payload)])]),
  )

/** Builds a block on the first chain as a proposer does; gives the bytes that stand in it and the proposer's receipts. */
function buildBlock(
  chain: CityChain,
  memory: Memory,
  plan: { steps: readonly Step[]; afterMs: number },
  seen: Map<string, number>,
) {
  const run = chain.openBlock(plan.afterMs)
  const wires: Uint8Array[] = []
  for (const move of plan.steps) {
    const tx = perform(run, memory, move)
    if (tx === null) continue
    const checked = checkStatelessly(chain.registry, chain.genesis.hash, tx.bytes)
    const before = run.view.diff()
    const outcome = isFailure(checked) ? checked : run.add(checked)
    const name = isFailure(checked) ? 'stateless' : checked.definition.name
    const result = isFailure(outcome) ? `barred ${outcome.code}` : `${name} ${outcome.code === 0 ? 'done' : 'failed'}`
    seen.set(result, (seen.get(result) ?? 0) + 1)
    if (isFailure(outcome)) {
      expect(run.view.diff()).toEqual(before)
      continue
    }
    wires.push(tx.bytes)
    if (outcome.code === 0 && move.kind === 'request') memory.requests.push(tx.id)
    if (outcome.code === 0 && move.kind === 'propose') memory.proposals.push(tx.id)
    if (outcome.code !== 0) checkFailedChangesOnlyAccounts(before, run, tx)
  }
  return { wires, receipts: run.finish().receipts }
}

function checkFailedChangesOnlyAccounts(before: ReturnType<BlockRun['view']['diff']>, run: BlockRun, tx: Transaction): void {
  const values = new Map(before.map(({ key, value }) => [key, value]))
  const changed = run.view.diff().filter(({ key, value }) => values.get(key) !== value)
  const payers = [tx.body.sender, ...(tx.body.sponsor === null ? [] : [tx.body.sponsor.account])].map(
    (account) => `account/${account}`,
  )
  expect(payers).toEqual(expect.arrayContaining(changed.map(({ key }) => key)))
}

describe('random days of the city', () => {
  it('end in the same state on every machine, every block of them with all invariants whole', () => {
    const seen = new Map<string, number>()
    let blocks = 0
    fc.assert(
      fc.property(fc.array(block, { minLength: 20, maxLength: 50 }), (plans) => {
        const warm = createCityChain()
        const cold = createCityChain({ isCold: true })
        const memory: Memory = { requests: [], proposals: [], genesisHash: warm.genesis.hash, keys: 0 }
        expect(cold.stateRoot()).toBe(warm.stateRoot())
        for (const plan of plans) {
          const { wires, receipts } = buildBlock(warm, memory, plan, seen)
          const first = warm.runBlock(wires, plan.afterMs)
          const second = cold.runBlock(
            wires.map((wire) => fromHex(toHex(wire))),
            plan.afterMs,
          )
          expect(textOf(first.receipts)).toBe(textOf(receipts))
          expect(textOf(second.receipts)).toBe(textOf(receipts))
          expect(second.changes).toEqual(first.changes)
          expect([second.stateRoot, second.receiptsRoot]).toEqual([first.stateRoot, first.receiptsRoot])
          expect(warm.broken()).toEqual([])
          expect(new Set(warm.scan('account/').map(([key]) => key)).size).toBe(warm.scan('account/').length)
          blocks += 1
        }
      }),
      { numRuns: 25 },
    )
    expect(blocks).toBeGreaterThan(500)
    // Every type of the three rooms ran, and most of them failed at least once.
    const done = [...seen.keys()].filter((key) => key.endsWith(' done')).map((key) => key.slice(0, -5))
    expect(done).toEqual(
      expect.arrayContaining(
        [transfer, mint, redeemRequest, redeemConfirm, freeze, unfreeze, didCreate, didRotate, didUpdate, propose, approve].map(
          ({ name }) => name,
        ),
      ),
    )
    const barred = [...seen.keys()].filter((key) => key.startsWith('barred '))
    for (const code of [
      'NONCE_GAP',
      'EXPIRED',
      'VALID_UNTIL_TOO_FAR',
      'UNKNOWN_KEY',
      'BAD_SIGNATURE',
      'SPONSOR_NOT_ALLOWED',
      'IDENTITY_DID_EXISTS',
    ])
      expect(barred).toContain(`barred ${code}`)
    expect([...seen.keys()].filter((key) => key.endsWith(' failed')).length).toBeGreaterThan(6)
  })
})

describe('credits of the city', () => {
  it('are never overdrawn, whatever a day brings', () => {
    fc.assert(
      fc.property(fc.array(block, { minLength: 5, maxLength: 12 }), (plans) => {
        const chain = createCityChain()
        const memory: Memory = { requests: [], proposals: [], genesisHash: chain.genesis.hash, keys: 0 }
        for (const plan of plans) {
          const { wires } = buildBlock(chain, memory, plan, new Map())
          const { env } = chain.runBlock(wires, plan.afterMs)
          for (const [key] of chain.scan('account/')) {
            const account = readAccount(chain.state, key.slice('account/'.length) as Address)
            const { bytes, operations, stateBytes } = creditsLeft(account, env.params.creditClasses, env.time)
            expect(Math.min(bytes, operations, stateBytes)).toBeGreaterThanOrEqual(0)
            const lanes = account.lanes.map((entry) => entry.lane)
            expect(lanes).toEqual([...new Set(lanes)].sort((a, b) => a - b))
          }
        }
      }),
      { numRuns: 5 },
    )
  })
})
