// Owns: that a real node shows the numbers of a labor contract to those alone who may read them, by any of its methods, and keeps a
// log of who did on its disk. Not here: the machinery with all its refusals (rpc/restricted.test.ts).
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addDays, kstDate } from '../../core/base/civil-time.ts'
import { toHex } from '../../core/base/bytes.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import { openAccessLog } from '../../node/access-log.ts'
import type { OpenAccessLog } from '../../node/access-log.ts'
import { createNodeApi } from '../../node/api.ts'
import { createRpcServer } from '../../rpc/server.ts'
import { chainOfGenesis, createClient, createSender, createWallet } from '../../sdk/index.ts'
import type { ChainRef, Client, Json, Reader } from '../../sdk/index.ts'
import { createCluster, until } from '../helpers/cluster.ts'
import type { Cluster } from '../helpers/cluster.ts'
import { createNeedles, findNeedles } from '../helpers/needles.ts'
import { createTestLog } from '../helpers/rpc-listeners.ts'

/** Won an hour: a number that turns up nowhere by chance, in any form. */
const HOURLY = 7_654_321_098n
const NEEDLES = [
  ...createNeedles('wage', HOURLY.toString()),
  ...createNeedles('wage', Buffer.from(HOURLY.toString(16).padStart(16, '0'), 'hex')),
]
const hashOf = (text: string): string => `0x${sha256(new TextEncoder().encode(text))}`

let cluster: Cluster
let client: Client
let chain: ChainRef
let log: OpenAccessLog
let stop: () => Promise<void>
let url: string
let contractId: string
let shiftDate: number

const reader = (name: string): Reader => {
  const seed = cluster.accounts.get(name)?.seed ?? new Uint8Array(32)
  return { wallet: createWallet({ seed, keyId: 'k1', network: 'devnet' }), chain }
}
async function send(name: string, type: string, payload: Json): Promise<string> {
  const sender = createSender({ client, chain, wallet: reader(name).wallet })
  const { hash } = await sender.send({ type, payload })
  return hash
}
const idOf = (name: string): string => cluster.accounts.get(name)?.id ?? ''

function termsOf(today: number): Json {
  const day = { startMin: 540, endMin: 810, breaks: [{ startMin: 660, endMin: 690 }] }
  return {
    ...{ headcount: 'LT5', startOn: addDays(today, -2), endOn: null, placeCommit: hashOf('place'), dutiesCode: 'BARISTA' },
    ...{ dutiesCommit: hashOf('duties'), schedule: [day, day, day, day, day, null, null], weeklyHolidayDow: 6, weekStartDow: 0 },
    ...{ annualLeave: 'STATUTORY', wageKind: 'HOURLY', ordinaryHourly: HOURLY.toString(), fixedPay: '0', components: [] },
    ...{ calcRule: 'STANDARD', premiumPpm: 500_000, payDay: 10, payMonthOffset: 1, payMethod: 'DEPOSIT_TOKEN' },
    ...{ probationMonths: 0, termGe1Y: true, simpleLabor: false, monthlyScheduledMin: 5_220, insuranceFlags: 15 },
    ...{ ageBand: 'FROM_18', pensionOptIn: false, forbiddenClauses: [], docCommit: hashOf('salted text') },
  }
}

beforeAll(async () => {
  cluster = await createCluster(1, { blockIntervalMs: 60 })
  const chainNode = await cluster.start(0)
  await until('the node stands at a block', () => chainNode.head().height >= 1)
  log = await openAccessLog(cluster.nodes[0]?.dir ?? '', { nowMs: Date.now })
  const node = createNodeApi(chainNode, cluster.genesisJson, log)
  const server = createRpcServer({ node, listen: { host: '127.0.0.1', port: 0 }, log: createTestLog() })
  const { port } = await server.start()
  url = `http://127.0.0.1:${port}`
  client = createClient({ url })
  chain = chainOfGenesis(cluster.genesisJson)
  stop = async () => {
    client.close()
    await server.stop()
    await log.close()
  }
  const today = kstDate(Date.now())
  shiftDate = addDays(today, -1)
  const offer = { worker: idOf('citizen-1'), brn: '2208162517', workplaceId: 'MAPO-1', minor: null, docHash: hashOf('text') }
  contractId = await send('employer-1', 'labor.offer', { ...offer, terms: termsOf(today) })
  await send('citizen-1', 'labor.accept', { contractId, docHash: hashOf('text'), isAdult: true })
  const times = { startMin: 541, endMin: 811, breaks: [] }
  await send('citizen-1', 'labor.shift.propose', { contractId, date: shiftDate, kind: 'WORK', times })
  await send('employer-1', 'insurance.report', { contractId, insurances: ['PENSION'] })
}, 60_000)

afterAll(async () => {
  await stop()
  await cluster.stop(0)
  await cluster.close()
})

type Read<T> = { readonly value: T }
type Terms = { readonly version: { readonly terms: { readonly ordinaryHourly: string } } }
const readTerms = (as?: Reader): Promise<Read<Terms>> =>
  client.call('labor_getContract', { contractId }, as === undefined ? {} : { as })
const refused = (code: string): object => ({ data: expect.objectContaining({ code }) })

describe('the numbers of a labor contract', () => {
  test('go to its parties, and to an insurer with a report before it', async () => {
    for (const name of ['employer-1', 'citizen-1', 'nps-1'])
      expect((await readTerms(reader(name))).value.version.terms.ordinaryHourly).toBe(HOURLY.toString())
    await expect(readTerms()).rejects.toMatchObject(refused('READ_RESTRICTED'))
    for (const name of ['citizen-2', 'nhis-1', 'comwel-1', 'office-1'])
      await expect(readTerms(reader(name))).rejects.toMatchObject(refused('READ_NOT_PERMITTED'))
  })

  test('go to an inspector once there is something to decide, and not before', async () => {
    await expect(readTerms(reader('inspector-1'))).rejects.toMatchObject(refused('READ_NOT_PERMITTED'))
    const statement = { kind: 'WORK', times: { startMin: 600, endMin: 800, breaks: [] } }
    await send('employer-1', 'labor.shift.dispute', { contractId, date: shiftDate, seq: 0, statement })
    expect((await readTerms(reader('inspector-1'))).value.version.terms.ordinaryHourly).toBe(HOURLY.toString())
    await send('inspector-1', 'labor.shift.resolve', { contractId, date: shiftDate, seq: 0, statement })
    await expect(readTerms(reader('inspector-1'))).rejects.toMatchObject(refused('READ_NOT_PERMITTED'))
  })

  test('leave the node by no method, to nobody and to a stranger who signs', async () => {
    const id = contractId.slice(2)
    const ym = Math.floor(shiftDate / 100)
    const account = idOf('employer-1')
    const receipt = await client.call<{ height: number }>('tx_getReceipt', { hash: contractId })
    const checkpoint = (await client.call('chain_getHeader', { height: receipt.height })).value.hash
    const known: Record<string, object> = {
      ...{ chain_getBlock: { height: receipt.height }, chain_getHeader: { height: receipt.height }, events_query: { from: 1 } },
      ...{
        chain_getCommit: { height: receipt.height },
        light_getHeader: { height: receipt.height },
        light_getBootstrap: { checkpoint },
      },
      ...{ light_getUpdates: { from: 1 }, account_resolve: { text: account }, tx_wait: { hash: contractId, timeoutMs: 10 } },
      ...{ state_get: { key: `labor/sealed/version/${id}/0000000000000001` } },
      ...{ state_getProof: { key: `labor/sealed/version/${id}/0000000000000001` } },
      insurance_getWorkplace: { employer: account, workplaceId: 'MAPO-1' },
    }
    const guesses = {
      contractId,
      ym,
      hash: contractId,
      caseId: contractId,
      requestId: contractId,
      account,
      did: account,
      version: 1,
    }
    const methods = await client.call<readonly string[]>('rpc_methods')
    const { methods: described } = await client.call<{ methods: { name: string; params: { name: string }[] }[] }>('rpc.discover')
    const leaky: string[] = []
    let answered = 0
    for (const method of methods) {
      const names = described.find(({ name }) => name === method)?.params.map(({ name }) => name) ?? []
      const params = known[method] ?? Object.fromEntries(Object.entries(guesses).filter(([name]) => names.includes(name)))
      for (const as of [undefined, reader('citizen-2')]) {
        const options = as === undefined ? {} : { as }
        const text = await client
          .call(method, params, options)
          .then(JSON.stringify, (error: { message: string; data?: object }) => {
            return JSON.stringify([error.message, error.data])
          })
        if (!text.startsWith('[')) answered += 1
        if (findNeedles(Buffer.from(text), NEEDLES).length > 0) leaky.push(method)
      }
    }
    expect(leaky).toEqual([])
    expect(answered).toBeGreaterThan(40)
    const seen = await client.call('chain_getBlock', { height: receipt.height }, { as: reader('citizen-1') })
    expect(findNeedles(Buffer.from(JSON.stringify(seen)), NEEDLES)).toEqual(['wage'])
  })

  test('are on the disk of whoever runs the node: the restriction is of the way out', async () => {
    const node = cluster.nodes[0]?.running
    const block = node?.state.get(`labor/sealed/version/${contractId.slice(2)}/0000000000000001`) ?? null
    expect(block).not.toBe(null)
    expect(toHex(block ?? new Uint8Array())).toContain(HOURLY.toString(16))
  })

  test('have a log: the worker finds each reader, as what, and in which case, and the stranger finds nothing', async () => {
    type Item = { readonly reader: string; readonly role: string; readonly caseId: string | null; readonly method: string }
    const { items } = await client.call<{ items: readonly Item[] }>('identity_getAccessLog', {}, { as: reader('citizen-1') })
    const rows = items.map(({ role, caseId, method }) => `${role} ${caseId} ${method}`).reverse()
    expect(rows).toEqual([
      'EMPLOYER null labor_getContract',
      'WORKER null labor_getContract',
      'INS_NPS PENSION labor_getContract',
      'INSPECTOR null labor_getContract',
      'WORKER null chain_getBlock',
    ])
    expect(items.at(-1)?.reader).toBe(idOf('employer-1'))
    const other = await client.call<{ items: readonly Item[] }>('identity_getAccessLog', {}, { as: reader('citizen-2') })
    expect(other.items).toEqual([])
  })
})
