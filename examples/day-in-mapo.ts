// Owns: the story of a day in Mapo on a devnet of four validators, every figure of it checked. Not here: how a devnet is reached
// (devnet-access.ts). Run it by `./naru devnet demo`, or alone: `./naru` is then asked for a devnet of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { decodeBalance, fetchStateProof, fetchTransactionProof, formatProof, parseProof, STATE_KEYS } from '../sdk/index.ts'
import { mint, transfer, trustFromGenesis, verifyStateProof, verifyTransactionProof } from '../sdk/index.ts'
import type { FinalTransaction, StateProof, Trust } from '../sdk/index.ts'
import { openDevnet, runNaru } from './devnet-access.ts'
import type { Devnet } from './devnet-access.ts'

const CITIZENS = ['citizen-1', 'citizen-2', 'citizen-3', 'citizen-4', 'citizen-5'] as const
const PEOPLE: readonly string[] = [...CITIZENS, 'merchant-1']
const MINTED = 11_000n

/** The day: told line by line, and what everyone must hold by it. */
type Day = {
  readonly devnet: Devnet
  readonly tell: (text: string, facts?: Record<string, unknown>) => void
  readonly expected: Map<string, bigint>
}

/** A figure of the story that is not what it must be. */
class WrongFigure extends Error {
  override readonly name = 'WrongFigure'
}

function checkFigure(what: string, expected: unknown, actual: unknown): void {
  if (expected !== actual) throw new WrongFigure(`${what}: expected ${String(expected)}, found ${String(actual)}`)
}

function won(amount: bigint): string {
  return `${amount.toString().replace(/\B(?=(\d{3})+$)/g, ',')} won`
}

function add(day: Day, name: string, amount: bigint): void {
  day.expected.set(name, (day.expected.get(name) ?? 0n) + amount)
}

async function readBalance(day: Day, name: string, node = 'v1'): Promise<bigint> {
  const params = { account: day.devnet.wallet(name).address }
  const { value } = await day.devnet.client(node).call<{ value: { balance: string } }>('payment_getBalance', params)
  return BigInt(value.balance)
}

async function readOutstanding(day: Day, bankCode: string): Promise<bigint> {
  const { value } = await day.devnet.client('v1').call<{ value: { outstanding: string } }>('payment_getBank', { bankCode })
  return BigInt(value.outstanding)
}

async function pay(day: Day, payment: { from: string; to: string; amount: bigint; via?: string }): Promise<FinalTransaction> {
  const { from, to, amount, via = 'v1' } = payment
  const { chain } = day.devnet
  const begun = performance.now()
  const done = await day.devnet.sender(from, via).send(transfer(chain, { to: day.devnet.wallet(to).address, amount }))
  const tookMs = Math.round(performance.now() - begun)
  add(day, from, -amount)
  add(day, to, amount)
  day.tell(`  ${from} pays ${to} ${won(amount)}: final in block ${done.height} after ${tookMs} ms`, {
    event: 'paid',
    ...{ from, to, amount: amount.toString(), height: done.height, txId: done.hash, tookMs },
  })
  return done
}

async function mintMorning(day: Day): Promise<void> {
  day.tell('Morning. The banks turn deposits into won on the chain, 11,000 for each of five citizens.')
  const before = (await readOutstanding(day, '004')) + (await readOutstanding(day, '088'))
  const stamp = Date.now()
  await Promise.all(
    CITIZENS.map(async (name, index) => {
      const bank = index < 2 ? 'bank-1' : 'bank-2'
      const to = day.devnet.wallet(name).address
      const action = mint(day.devnet.chain, { to, amount: MINTED, bankRef: `mapo-${stamp}-${index}` })
      const { height } = await day.devnet.sender(bank, 'v1').send(action)
      add(day, name, MINTED)
      day.tell(`  ${bank} mints ${won(MINTED)} for ${name} in block ${height}`, { event: 'minted', bank, to: name, height })
    }),
  )
  const after = (await readOutstanding(day, '004')) + (await readOutstanding(day, '088'))
  checkFigure('won that the banks owe', before + MINTED * BigInt(CITIZENS.length), after)
  day.tell(`  The banks now owe ${won(after)} to those who hold it.`, { event: 'outstanding', won: after.toString() })
}

async function payAtNoon(day: Day): Promise<FinalTransaction> {
  day.tell('Noon. Citizens pay each other, within a bank and across two, and lunch is paid.')
  await pay(day, { from: 'citizen-1', to: 'citizen-3', amount: 4_000n })
  await pay(day, { from: 'citizen-2', to: 'citizen-4', amount: 2_500n, via: 'v2' })
  await pay(day, { from: 'citizen-5', to: 'citizen-1', amount: 3_000n, via: 'v3' })
  await pay(day, { from: 'citizen-1', to: 'merchant-1', amount: 9_000n })
  return pay(day, { from: 'citizen-2', to: 'merchant-1', amount: 7_500n, via: 'v2' })
}

type Head = { readonly height: number; readonly hash: string; readonly stateRoot: string }

async function waitForHead(day: Day, node: string, height: number): Promise<Head> {
  const deadline = performance.now() + 30_000
  for (;;) {
    const { value } = await day.devnet.client(node).call('chain_head')
    if (value.height >= height) return value
    if (performance.now() > deadline) throw new WrongFigure(`${node} stands at height ${value.height}, expected ${height}`)
    await sleep(50)
  }
}

async function checkSameBlock(day: Day, node: string, height: number): Promise<void> {
  await waitForHead(day, node, height)
  const mine = (await day.devnet.client(node).call('chain_getHeader', { height })).value
  const theirs = (await day.devnet.client('v1').call('chain_getHeader', { height })).value
  checkFigure(`block ${height} on ${node}`, theirs.hash, mine.hash)
  checkFigure(`state root ${height} on ${node}`, theirs.stateRoot, mine.stateRoot)
}

async function loseAValidator(day: Day): Promise<void> {
  const { dir } = day.devnet
  const validators = day.devnet.nodes().filter(({ name }) => name.startsWith('v')).length
  if (validators < 4) {
    day.tell(`Afternoon. With ${validators} validators none can be missed, so none is killed; make a devnet of four to see it.`)
    await pay(day, { from: 'citizen-3', to: 'merchant-1', amount: 14_000n })
    return
  }
  day.tell('Afternoon. v4 loses its power: the process is killed, nothing is said goodbye to.')
  await runNaru(['devnet', 'kill', 'v4', '--dir', dir])
  await pay(day, { from: 'citizen-3', to: 'merchant-1', amount: 14_000n })
  const last = await pay(day, { from: 'citizen-4', to: 'merchant-1', amount: 12_500n, via: 'v2' })
  const { readyAfterMs } = await runNaru(['devnet', 'restart', 'v4', '--dir', dir])
  await checkSameBlock(day, 'v4', last.height)
  day.tell(`  v4 is back after ${String(readyAfterMs)} ms and holds block ${last.height} with the same state root.`, {
    event: 'returned',
    ...{ node: 'v4', readyAfterMs, height: last.height },
  })
}

async function welcomeObserver(day: Day): Promise<string> {
  const { dir } = day.devnet
  const known = day.devnet.nodes().find(({ name }) => name.startsWith('o'))
  const begun = performance.now()
  if (known === undefined) await runNaru(['devnet', 'add', '--observer', '--dir', dir])
  else await runNaru(['devnet', 'restart', known.name, '--dir', dir])
  const name = known?.name ?? day.devnet.nodes().find((node) => node.name.startsWith('o'))?.name ?? ''
  const { height } = (await day.devnet.client('v1').call('chain_head')).value
  await checkSameBlock(day, name, height)
  const tookMs = Math.round(performance.now() - begun)
  day.tell(`Evening. The district office starts ${name}, a node without a vote: at block ${height} after ${tookMs} ms.`, {
    event: 'observer',
    ...{ node: name, height, tookMs },
  })
  await pay(day, { from: 'citizen-5', to: 'merchant-1', amount: 7_000n, via: name })
  return name
}

/** Every byte of the proof changed once, one bit each time; the number of changes, all refused. */
function flipEveryByte(trust: Trust, proof: StateProof): number {
  let flips = 0
  for (const part of ['value', 'proof', 'header', 'commit'] as const) {
    const bytes = proof[part]
    if (bytes === null) continue
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      const verdict = verifyStateProof({ trust, proof: { ...proof, [part]: changed }, key: proof.key })
      checkFigure(`verdict on byte ${at} of ${part} flipped`, false, verdict.ok)
      flips++
    }
  }
  return flips
}

async function proveAtNight(day: Day, observer: string, lunch: FinalTransaction): Promise<void> {
  const { chain, genesisJson, wallet } = day.devnet
  const client = day.devnet.client(observer)
  await waitForHead(day, observer, (await day.devnet.client('v1').call('chain_head')).value.height)
  const files: { name: string; text: string }[] = []
  for (const name of PEOPLE) {
    const proof = await fetchStateProof(client, chain, STATE_KEYS.balance(wallet(name).account))
    files.push({ name, text: formatProof({ kind: 'state', ...proof }) })
  }
  const receipt = formatProof({ kind: 'transaction', ...(await fetchTransactionProof(client, chain, lunch.hash)) })
  day.tell(`Night. Proofs are fetched from ${observer}, the clients are closed, and all is verified from the genesis document.`)
  day.devnet.close()

  const trust = trustFromGenesis(genesisJson)
  let flips = 0
  for (const { name, text } of files) {
    const file = parseProof(text)
    if (file.kind !== 'state') throw new WrongFigure(`the file of ${name} is no state proof`)
    const verdict = verifyStateProof({ trust, proof: file, key: STATE_KEYS.balance(wallet(name).account) })
    if (!verdict.ok) throw new WrongFigure(`the balance of ${name} is not proven: ${verdict.reason}`)
    const balance = decodeBalance(verdict.value)
    checkFigure(`won of ${name}`, day.expected.get(name), balance)
    day.tell(`  ${name} holds ${won(balance)}, proven at block ${verdict.header.height} by ${text.length} bytes`, {
      event: 'proven',
      ...{ name, won: balance.toString(), height: verdict.header.height, bytes: text.length },
    })
    if (name === 'merchant-1') flips = flipEveryByte(trust, file)
  }
  const kept = parseProof(receipt)
  if (kept.kind !== 'transaction') throw new WrongFigure('the file of the lunch is no transaction proof')
  checkFigure('proof of the lunch', true, verifyTransactionProof({ trust, proof: kept }).ok)
  day.tell(`  The lunch of citizen-2 is proven with its receipt, block ${lunch.height}.`, {
    event: 'receipt',
    height: lunch.height,
  })
  day.tell(`  ${flips} copies of the merchant's proof with one byte flipped: every one is refused.`, { event: 'refused', flips })
}

async function liveDay(dir: string, asJson: boolean): Promise<void> {
  const devnet = await openDevnet(dir)
  const tell: Day['tell'] = (text, facts) => {
    if (!asJson) console.log(text)
    else if (facts !== undefined) console.log(JSON.stringify(facts))
  }
  const day: Day = { devnet, tell, expected: new Map() }
  const begun = performance.now()
  try {
    for (const name of PEOPLE) day.expected.set(name, await readBalance(day, name))
    await mintMorning(day)
    const lunch = await payAtNoon(day)
    await loseAValidator(day)
    const observer = await welcomeObserver(day)
    await proveAtNight(day, observer, lunch)
    const seconds = Math.round((performance.now() - begun) / 100) / 10
    tell(`A day in Mapo, every figure right, in ${seconds} s.`, { event: 'done', seconds })
  } finally {
    devnet.close()
  }
}

const { values } = parseArgs({ options: { dir: { type: 'string' }, json: { type: 'boolean', default: false } } })
const own = values.dir === undefined ? mkdtempSync(join(tmpdir(), 'naru-mapo-')) : null
const dir = values.dir ?? join(own ?? '', 'devnet')
try {
  if (own !== null) await runNaru(['devnet', 'up', '-n', '4', '--dir', dir, '--detach', '--wait', 'ready'])
  await liveDay(dir, values.json)
} catch (error) {
  process.exitCode = 1
  console.error(error instanceof WrongFigure ? `naru: wrong figure: ${error.message}` : error)
} finally {
  if (own !== null) {
    await runNaru(['devnet', 'down', '--dir', dir])
    rmSync(own, { recursive: true, force: true })
  }
}
