// Owns: what must hold after any fault, read from running nodes: one chain, every acknowledged final on every node, no double
// signature, no money made or lost. Not here: the faults (test/networks, test/soak).
import type { TxStatusJson } from '../../sdk/methods.ts'
import { existsSync } from 'node:fs'
import { nodePaths } from '../../cli/devnet/layout.ts'
import { eventually, readRoots } from './devnet.ts'
import type { Devnet } from './devnet.ts'
import type { Acknowledged } from './transfer-load.ts'

const WON_EACH = 1_000_000_000n
const DOUBLE_SIGN = /Validator signed conflicting messages|other bytes were already signed|TwinError|TWIN/
const PER_BATCH = 100

/** Everything wrong as sentences; a right network gives none. */
export async function findViolations(from: {
  readonly devnet: Devnet
  readonly names: readonly string[]
  readonly height: number
  readonly acknowledged: readonly Acknowledged[]
  readonly conflicts: readonly string[]
}): Promise<readonly string[]> {
  const { devnet, names, height, acknowledged, conflicts } = from
  const violations = conflicts.map((conflict) => `double sign: ${conflict}`)
  violations.push(...(await findForks(devnet, names, height)))
  for (const name of names) {
    violations.push(...(await findLost(devnet, name, acknowledged)))
    violations.push(...(await findEvidence(devnet, name)))
  }
  violations.push(...(await findMoney(devnet, names[0] ?? 'v1')))
  return violations
}

/** Heights at which nodes hold different blocks or states, or none. */
export async function findForks(devnet: Devnet, names: readonly string[], height: number): Promise<string[]> {
  const violations: string[] = []
  const [first = '', ...others] = names
  const roots = await readRoots(devnet, first, height)
  if (roots.length !== height) violations.push(`${first} has ${roots.length} of ${height} blocks`)
  for (const name of others) {
    const theirs = await readRoots(devnet, name, height)
    const at = roots.findIndex((root, index) => theirs[index] !== root)
    if (at !== -1) violations.push(`block ${at + 1} is ${roots[at]} on ${first} and ${theirs[at]} on ${name}`)
  }
  return violations
}

/** Acknowledged transactions that a node does not hold as final at the acknowledged height. */
export async function findLost(devnet: Devnet, name: string, acknowledged: readonly Acknowledged[]): Promise<string[]> {
  const lost: string[] = []
  for (let from = 0; from < acknowledged.length; from += PER_BATCH) {
    const part = acknowledged.slice(from, from + PER_BATCH)
    const calls = part.map(({ txId }) => ({ method: 'tx_getStatus', params: { hash: txId } }))
    const answers = await eventually(`${name} tells of ${part.length} transactions`, async () => {
      const found = (await devnet.client(name).batch(calls)) as readonly (TxStatusJson | Error)[]
      return found.some((answer) => answer instanceof Error) ? null : (found as readonly TxStatusJson[])
    })
    answers.forEach((answer, index) => {
      const { txId, height } = part[index] as Acknowledged
      if (answer.status !== 'final' || answer.height !== height || answer.receipt.code !== 0)
        lost.push(`lost on ${name}: ${txId} at ${height}: ${JSON.stringify(answer)}`)
    })
  }
  return lost
}

/** What a node itself says about double signatures, its own or of others, in its whole log and its metrics. */
export async function findEvidence(devnet: Devnet, name: string): Promise<string[]> {
  const found: string[] = []
  const count = await devnet.metric(name, 'naru_consensus_evidence_total')
  if (count !== 0) found.push(`${name} saw ${count} pieces of evidence`)
  if (!existsSync(nodePaths(devnet.dir, name).log)) return found
  const line = devnet
    .logOf(name)
    .split('\n')
    .find((text) => DOUBLE_SIGN.test(text))
  if (line !== undefined) found.push(`${name} logged ${line.slice(0, 300)}`)
  return found
}

/** The accounts of the load pay each other only: together they hold what they began with. */
async function findMoney(devnet: Devnet, name: string): Promise<string[]> {
  let total = 0n
  for (const { id } of devnet.accounts) {
    const answer = await eventually('a balance', () =>
      devnet.client(name).call<{ value: { balance: string } }>('payment_getBalance', { account: id }),
    )
    total += BigInt(answer.value.balance)
  }
  const expected = BigInt(devnet.accounts.length) * WON_EACH
  return total === expected ? [] : [`the accounts hold ${total} won, they began with ${expected}`]
}
