// Owns: how long a verification without documents takes on a devnet, and how many the SDK judges in a second.
// Not here: the story (no-documents.ts). Run it alone, or with --dir on a devnet that runs; --rounds says how often.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { trustFromGenesis } from '../sdk/index.ts'
import { judgePresentation } from '../sdk/identity/check.ts'
import { deriveIncome, deriveResidency } from '../sdk/identity/derive.ts'
import { openDevnet, runNaru } from './devnet-access.ts'
import { apply, fetchCredential, foundCity, INCOME, meetAgency, openWallet, RESIDENT, today } from './document-less.ts'
import type { Application } from './document-less.ts'

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

function spread(values: readonly number[]): string {
  const round = (value: number): number => Math.round(value)
  return `median ${round(medianOf(values))} ms, ${round(Math.min(...values))} to ${round(Math.max(...values))}`
}

// The same presentation over and over: every signature, digest, status entry, receipt and clause is judged each time.
async function countVerdicts(done: Application, seconds: number): Promise<string> {
  const { facts, request, presentation, at } = done
  let count = 0
  const begun = performance.now()
  const cpu = process.cpuUsage()
  while (performance.now() - begun < seconds * 1_000) {
    const { outcome } = await judgePresentation(facts, { request, presentation, at })
    if (outcome !== 'PASS') throw new Error(`verdict ${count} is ${outcome}`)
    count += 1
  }
  const { user, system } = process.cpuUsage(cpu)
  const perCore = Math.round(count / ((user + system) / 1_000_000))
  return `${perCore}/s per core of CPU time, ${Math.round(count / ((performance.now() - begun) / 1_000))}/s by the clock`
}

async function measure(dir: string, rounds: number, seconds: number): Promise<void> {
  const devnet = await openDevnet(dir)
  try {
    const city = await foundCity(devnet, trustFromGenesis(devnet.genesisJson))
    const register = { bornOn: 20030514, guCode: '11440', residentSince: 20220301, isForeign: false }
    const claims = deriveResidency(register, await today(city))
    const income = deriveIncome({ medianPercent: 92, isEmployed: false, weeklyHours: 0, contractMonths: null })
    let wallet = await meetAgency(city, openWallet(city))
    wallet = await fetchCredential(city, wallet, { vct: RESIDENT, claims, index: 1 })
    wallet = await fetchCredential(city, wallet, { vct: INCOME, claims: income, index: 2 })
    const times: Application['times'][] = []
    let last: Application | null = null
    for (let round = 0; round < rounds; round++) {
      last = await apply(city, wallet)
      times.push(last.times)
    }
    const of = (part: keyof Application['times']): string => spread(times.map((one) => one[part]))
    console.log(`${rounds} verifications, two credentials each, on ${devnet.nodes().length} nodes`)
    console.log(`  ask, read the policy with proof, consent final: ${of('consentMs')}`)
    console.log(`  present:                                        ${of('presentMs')}`)
    console.log(`  read the chain with proof and judge:            ${of('verifyMs')}`)
    console.log(`  outcome recorded and final:                     ${of('recordMs')}`)
    console.log(`  whole:                                          ${of('totalMs')}`)
    if (last !== null) console.log(`verdicts of the SDK, two credentials each: ${await countVerdicts(last, seconds)}`)
  } finally {
    devnet.close()
  }
}

const { values } = parseArgs({
  options: { dir: { type: 'string' }, rounds: { type: 'string', default: '20' }, seconds: { type: 'string', default: '5' } },
})
const own = values.dir === undefined ? mkdtempSync(join(tmpdir(), 'naru-measure-')) : null
const dir = values.dir ?? join(own ?? '', 'devnet')
try {
  if (own !== null) await runNaru(['devnet', 'up', '-n', '4', '--dir', dir, '--detach', '--wait', 'ready'])
  await measure(dir, Number(values.rounds), Number(values.seconds))
} finally {
  if (own !== null) {
    await runNaru(['devnet', 'down', '--dir', dir])
    rmSync(own, { recursive: true, force: true })
  }
}
