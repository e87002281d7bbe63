// Owns: that nothing personal reaches the chain: fixtures with names, numbers and addresses walk the whole flow on real nodes,
// and no
// byte on any node's disk or in any frame between them holds them in any encoding. Not here: the flow (examples/document-
// less.ts).
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createNodeApi } from '../../node/api.ts'
import { openStore } from '../../node/storage/level.ts'
import { createRpcServer } from '../../rpc/server.ts'
import { chainOfGenesis, createClient, createSender, createWallet, trustFromGenesis } from '../../sdk/index.ts'
import type { Sender, Wallet } from '../../sdk/index.ts'
import { deriveIncome, deriveResidency } from '../../sdk/identity/derive.ts'
import { createParty } from '../../examples/city-acts.ts'
import type { Devnet } from '../../examples/devnet-access.ts'
import { apply, destroyValues, dispute, fetchCredential, foundCity, INCOME, losePhone } from '../../examples/document-less.ts'
import { meetAgency, nameGuardians, openWallet, RESIDENT, today } from '../../examples/document-less.ts'
import type { City } from '../../examples/document-less.ts'
import { createCluster, until } from '../helpers/cluster.ts'
import type { Cluster } from '../helpers/cluster.ts'
import { createNeedles, findNeedles } from '../helpers/needles.ts'
import { createTestLog } from '../helpers/rpc-listeners.ts'

/** What the office's register holds of two people. It must stay there. */
const REGISTER = [
  {
    name: '김지우',
    romanised: 'Kim Jiwoo',
    residentNumber: '030514-4123456',
    phone: '010-2345-6789',
    address: '서울특별시 마포구 월드컵로 212, 903호',
    email: 'jiwoo.kim@mail.example',
    bornOn: 20030514,
    movedIn: 20220301,
  },
  {
    name: '박민수',
    romanised: 'Park Minsu',
    residentNumber: '010302-3654321',
    phone: '010-9876-5432',
    address: '서울특별시 마포구 백범로 35, 1층',
    email: 'minsu@mail.example',
    bornOn: 20010302,
    movedIn: 20210815,
  },
] as const

const frames: Uint8Array[] = []
const secrets: { name: string; bytes: Uint8Array }[] = []
const utf8 = new TextEncoder()
const SEPARATOR = Buffer.from([0, 0])
let cluster: Cluster
let city: City

function devnetOf(made: Cluster, url: string): Devnet {
  const chain = chainOfGenesis(made.genesisJson)
  const client = createClient({ url })
  const senders = new Map<string, Sender>()
  const wallet = (name: string): Wallet => {
    const seed = made.accounts.get(name)?.seed ?? new Uint8Array(32)
    return createWallet({ seed, keyId: 'k1', network: 'devnet' })
  }
  return {
    ...{ dir: '', chain, genesisJson: made.genesisJson, nodes: () => [], client: () => client, wallet },
    sender(name) {
      const sender = senders.get(name) ?? createSender({ client, chain, wallet: wallet(name) })
      senders.set(name, sender)
      return sender
    },
    close: client.close,
  }
}

async function live(person: (typeof REGISTER)[number], first: number, revoke: boolean): Promise<void> {
  const residency = { bornOn: person.bornOn, guCode: '11440', residentSince: person.movedIn, isForeign: false }
  const claims = deriveResidency(residency, await today(city))
  const income = deriveIncome({ medianPercent: 92, isEmployed: false, weeklyHours: 0, contractMonths: null })
  let wallet = await meetAgency(city, openWallet(city))
  wallet = await fetchCredential(city, wallet, { vct: RESIDENT, claims, index: first })
  wallet = await fetchCredential(city, wallet, { vct: INCOME, claims: income, index: first + 1 })
  if (revoke) {
    const changes = [{ index: first, bit: true }]
    await city.office.sender.send({ type: 'identity.status.set', payload: { listId: '1', seq: '1', changes } })
  }
  const done = await apply(city, wallet)
  expect(done.result.outcome).toBe(revoke ? 'FAIL' : 'PASS')
  if (revoke) await dispute(city, done.data, { receipt: done.receipt, outcome: 'FAIL' })
  for (const { compact } of wallet.credentials) {
    secrets.push({ name: 'a credential’s signature', bytes: utf8.encode(compact.split('~')[0]?.slice(-80)) })
    secrets.push({ name: 'a disclosure', bytes: utf8.encode(compact.split('~')[1]) })
  }
  secrets.push({ name: 'the salt of a receipt', bytes: new Uint8Array(Buffer.from(done.receipt.salt, 'base64url')) })
  secrets.push({ name: 'the nonce of a request', bytes: utf8.encode(done.receipt.opening.nonce) })
  secrets.push({ name: 'the seed of a wallet', bytes: new Uint8Array(Buffer.from(wallet.seed, 'base64url')) })
  await destroyValues(city, done.data)
}

beforeAll(async () => {
  cluster = await createCluster(4, {
    blockIntervalMs: 60,
    tap: { index: 3, hear: (bytes) => frames.push(Uint8Array.from(bytes)) },
  })
  const nodes = await Promise.all([0, 1, 2, 3].map((index) => cluster.start(index)))
  await until('four nodes stand at a block', () => nodes.every((node) => node.head().height >= 1))
  const node = createNodeApi(nodes[0] as (typeof nodes)[number], cluster.genesisJson)
  const server = createRpcServer({ node, listen: { host: '127.0.0.1', port: 0 }, log: createTestLog() })
  const { port } = await server.start()
  const devnet = devnetOf(cluster, `http://127.0.0.1:${port}`)
  city = await foundCity(devnet, trustFromGenesis(cluster.genesisJson))
  await live(REGISTER[0], 4_711, false)
  await live(REGISTER[1], 90_210, true)
  const owner = await createParty(devnet)
  const guardians = ['citizen-2', 'citizen-3'].map((name, at) => ({
    wallet: devnet.wallet(name),
    salt: new Uint8Array(32).fill(at + 1),
  }))
  await nameGuardians(owner, guardians)
  await losePhone(city, owner, guardians)
  const height = nodes[0]?.head().height ?? 0
  await until('every node has it all', () => nodes.every((one) => one.head().height >= height))
  devnet.close()
  await server.stop()
  await Promise.all([0, 1, 2, 3].map((index) => cluster.stop(index)))
}, 120_000)

afterAll(() => cluster.close())

function filesBelow(dir: string): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name)
    return statSync(path).isDirectory() ? filesBelow(path) : [path]
  })
}

function needles() {
  const people = REGISTER.flatMap((person) =>
    Object.entries(person).flatMap(([field, value]) => createNeedles(`${field} ${String(value)}`, value)),
  )
  return [...people, ...secrets.flatMap(({ name, bytes }) => createNeedles(name, bytes))]
}

test('the scanner finds what is planted, in every encoding and at every offset', () => {
  const { phone } = REGISTER[0]
  const bytes = utf8.encode(phone)
  const utf16 = Buffer.from(phone, 'utf16le')
  for (const offset of [0, 1, 2, 3]) {
    const pad = Buffer.alloc(offset, 0x41)
    const forms = [
      Buffer.concat([pad, bytes]),
      Buffer.concat([pad, utf16]),
      Buffer.concat([pad, Buffer.from(utf16).swap16()]),
      Buffer.from(Buffer.concat([pad, bytes]).toString('hex')),
      Buffer.from(Buffer.concat([pad, bytes]).toString('hex').toUpperCase()),
      Buffer.from(Buffer.concat([pad, bytes, pad]).toString('base64')),
      Buffer.from(Buffer.concat([pad, bytes, pad]).toString('base64url')),
      Buffer.concat([pad, utf8.encode('01023456789')]),
    ]
    for (const form of forms) expect(findNeedles(form, createNeedles('phone', phone))).toContain('phone')
  }
  expect(findNeedles(Buffer.from('ce0131a432', 'hex'), createNeedles('born', REGISTER[0].bornOn))).toEqual(['born'])
  expect(findNeedles(Buffer.from('nothing of the kind'), needles())).toEqual([])
})

test('no file of any node holds anything personal', () => {
  const files = cluster.nodes.flatMap(({ dir }) => filesBelow(dir))
  expect(files.length).toBeGreaterThan(20)
  const found = files.flatMap((path) => findNeedles(readFileSync(path), needles()).map((what) => `${path}: ${what}`))
  expect(found).toEqual([])
})

test('no record of any node’s store does, read through the store and so unpacked', async () => {
  for (const { dir, name } of cluster.nodes) {
    const store = await openStore({ dir: join(dir, 'store') })
    const records: Buffer[] = []
    for await (const [key, value] of store.range({})) records.push(Buffer.from(key), Buffer.from(value), SEPARATOR)
    await store.close()
    const all = Buffer.concat(records)
    expect(findNeedles(all, needles()), name).toEqual([])
    // The policy is public, and shows that the records were really read.
    expect(all.includes(city.policyId), name).toBe(true)
    expect(records.length, name).toBeGreaterThan(600)
  }
})

test('no frame between the nodes does', () => {
  const all = Buffer.concat(frames.flatMap((frame) => [frame, SEPARATOR]))
  expect(frames.length).toBeGreaterThan(100)
  expect(all.includes(city.policyId)).toBe(true)
  expect(findNeedles(all, needles())).toEqual([])
})
