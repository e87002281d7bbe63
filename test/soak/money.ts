// Owns: `npm run soak:money -- --txs N [--seed S]`: random cities of money and points, every invariant of every room and books of its
// own after every block, counts as JSON; goes on where a state file says. Not here: a life (money/life.ts).
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { openMoneyLife } from './money/life.ts'
import type { Tally } from './money/life.ts'

const { values } = parseArgs({
  options: {
    /** Transactions in all. */
    txs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    /** Transactions of one city, and of one block. */
    life: { type: 'string', default: '6000' },
    block: { type: 'string', default: '60' },
    /** Kept after every life: with it a run that was stopped goes on with the next seed. */
    state: { type: 'string' },
    json: { type: 'string' },
  },
})
const [wanted, life, perBlock] = [Number(values.txs), Number(values.life), Number(values.block)]

type Counts = Readonly<Record<string, number>>
type State = {
  seed: number
  txs: number
  blocks: number
  cpuSeconds: number
  recordsMax: number
  types: Readonly<Record<string, { ok: number; refused: number }>>
  codes: Counts
  events: Counts
}

function readState(): State {
  const path = values.state
  if (path !== undefined && existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as State
  return { seed: Number(values.seed), txs: 0, blocks: 0, cpuSeconds: 0, recordsMax: 0, types: {}, codes: {}, events: {} }
}

const sorted = <T>(map: ReadonlyMap<string, T>): Record<string, T> =>
  Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)))

function save(path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

const state = readState()
const tally: Tally = {
  types: new Map(Object.entries(state.types).map(([name, row]) => [name, { ...row }])),
  codes: new Map(Object.entries(state.codes)),
  events: new Map(Object.entries(state.events)),
}
const cpuBefore = state.cpuSeconds
const cpuNow = (): number => cpuBefore + (process.cpuUsage().user + process.cpuUsage().system) / 1e6
const tell = (): State => ({
  ...state,
  cpuSeconds: Math.round(cpuNow()),
  ...{ types: sorted(tally.types), codes: sorted(tally.codes), events: sorted(tally.events) },
})

let broken: readonly string[] = []
while (state.txs < wanted && broken.length === 0) {
  const city = openMoneyLife(state.seed, tally)
  for (let done = 0; done < life && state.txs < wanted && broken.length === 0; done += perBlock) {
    broken = city.block(perBlock)
    state.txs += perBlock
    state.blocks += 1
    if (broken.length > 0) console.error(`seed ${state.seed}, block ${done / perBlock}: ${broken.slice(0, 10).join('; ')}`)
  }
  state.recordsMax = Math.max(state.recordsMax, city.records())
  state.seed += 1
  if (broken.length === 0 && values.state !== undefined) save(values.state, `${JSON.stringify(tell())}\n`)
  const share = ((state.txs * 100) / wanted).toFixed(1)
  console.error(
    `${state.txs} transactions (${share} %) in ${state.blocks} blocks, ${cpuNow().toFixed(0)} CPU seconds, ${city.records()} records`,
  )
}
const report = { ...tell(), firstSeed: Number(values.seed), life, perBlock, broken }
if (values.json !== undefined) save(values.json, `${JSON.stringify(report, null, 2)}\n`)
console.log(JSON.stringify(report))
process.exitCode = broken.length === 0 ? 0 : 1
