// Owns: the life of ETAX points on a running devnet, each figure checked: granted for a tax paid on time, spent at a café with
// won, the café paid by the treasury, a refund. Run: node examples/points-loop.ts --dir <devnet>. Not here: reaching it.
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { kstDate } from '../sdk/index.ts'
import type { FinalTransaction, Json } from '../sdk/index.ts'
import { eventIdOf, personTagOf } from '../modules/points/tags.ts'
import { openDevnet } from './devnet-access.ts'
import type { Devnet } from './devnet-access.ts'

const CAFE = '100000000000017'
const PROGRAMME = 'ETAX'
const POINTS = 1_000n
const PRICE = 4_500n

const hex = (bytes: Uint8Array | string): string => `0x${typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('hex')}`

type Books = { readonly points: bigint; readonly citizen: bigint; readonly shop: bigint; readonly reserve: bigint }

async function read<T>(devnet: Devnet, method: string, params: object): Promise<T> {
  const { value } = await devnet.client('v1').call<{ value: T }>(method, params)
  return value
}

async function readBooks(devnet: Devnet): Promise<Books> {
  const address = (name: string): string => devnet.wallet(name).address
  const won = async (name: string): Promise<bigint> =>
    BigInt((await read<{ balance: string }>(devnet, 'payment_getBalance', { account: address(name) })).balance)
  const { balance } = await read<{ balance: string }>(devnet, 'points_balance', { account: address('citizen-1') })
  const { reserve } = await read<{ reserve: string }>(devnet, 'points_programmeStats', { programmeId: PROGRAMME })
  return { points: BigInt(balance), citizen: await won('citizen-1'), shop: await won('merchant-1'), reserve: BigInt(reserve) }
}

function send(devnet: Devnet, name: string, type: string, payload: Json): Promise<FinalTransaction> {
  return devnet.sender(name, 'v1').send({ type, payload })
}

// Tells the step and what it changed; throws where a figure is not what it must be.
function check(step: string, before: Books, after: Books, expected: Partial<Books>): void {
  for (const name of ['points', 'citizen', 'shop', 'reserve'] as const) {
    const change = after[name] - before[name]
    const due = expected[name] ?? 0n
    if (change !== due) throw new Error(`${step}: ${name} changed by ${change}, expected ${due}`)
  }
  const told = Object.entries(expected).map(([name, change]) => `${name} ${change > 0n ? '+' : ''}${change}`)
  console.log(`${step}: ${told.join(', ')}`)
}

async function grantPoints(devnet: Devnet): Promise<void> {
  const stamp = randomBytes(8).toString('hex')
  const { context } = await devnet
    .client('v1')
    .call<{ context: { time: number } }>('points_programme', { programmeId: PROGRAMME })
  await send(devnet, 'points-1', 'points.grant', {
    programmeId: PROGRAMME,
    to: devnet.wallet('citizen-1').address,
    // Salt and pseudonym are the operator's; a tax of 300,000 won or more with electronic notice is row 1 of the rule.
    personTag: hex(personTagOf({ salt: randomBytes(32), pseudonym: Buffer.from('citizen-1') })),
    eventId: hex(eventIdOf(PROGRAMME, `receipt-${stamp}`)),
    ...{ eventKind: 'ENOTICE', eventDate: kstDate(context.time), tier: 1, points: String(POINTS) },
    evidenceCommit: hex(randomBytes(32)),
  })
}

async function settleAll(devnet: Devnet): Promise<bigint> {
  const { context } = await devnet
    .client('v1')
    .call<{ context: { time: number } }>('points_programme', { programmeId: PROGRAMME })
  const day = kstDate(context.time)
  const due = await read<{ points: string }>(devnet, 'points_due', { programmeId: PROGRAMME, merchantId: CAFE, day })
  const payload = { programmeId: PROGRAMME, merchantId: CAFE, period: day, total: due.points }
  await send(devnet, 'city-treasury', 'points.settle', payload)
  return BigInt(due.points)
}

async function tell(devnet: Devnet): Promise<void> {
  const start = await readBooks(devnet)
  await grantPoints(devnet)
  const granted = await readBooks(devnet)
  check('the tax bureau grants points for a tax paid on time', start, granted, { points: POINTS })
  const order = { merchantId: CAFE, total: String(PRICE), pointsPart: String(POINTS), orderRef: null, qr: null }
  const { hash } = await send(devnet, 'citizen-1', 'payment.pay', order)
  const paid = await readBooks(devnet)
  const won = PRICE - POINTS
  check('the citizen pays a coffee', granted, paid, { points: -POINTS, citizen: -won, shop: won })
  const due = await settleAll(devnet)
  const settled = await readBooks(devnet)
  check('the treasury pays the café', paid, settled, { shop: due, reserve: -due })
  const refund = { payId: hex(hash.replace(/^0x/, '')), amount: String(PRICE), refundRef: randomBytes(8).toString('hex') }
  await send(devnet, 'merchant-1', 'payment.refund', refund)
  check('the café refunds', settled, await readBooks(devnet), { points: POINTS, citizen: won, shop: -won })
  const spend = await read<{ lots: { points: string; back: string }[] }>(devnet, 'points_spend', { payId: refund.payId })
  if (!spend.lots.every(({ points, back }) => points === back)) throw new Error('a lot did not get its points back')
  console.log(`every point is back in its lot: ${JSON.stringify(spend.lots)}`)
}

const { values } = parseArgs({ options: { dir: { type: 'string' } } })
if (values.dir === undefined) throw new Error('name the directory of a running devnet with --dir')
const devnet = await openDevnet(values.dir)
try {
  await tell(devnet)
} finally {
  devnet.close()
}
