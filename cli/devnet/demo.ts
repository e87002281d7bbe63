// Owns: what shows a person that the chain works: the first payment, the stories as processes of their own.
// Not here: how a transaction is made (wallet.ts), the stories (examples/).
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { formatDuration } from '../duration.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import type { Output } from '../output.ts'
import { callRpc } from '../rpc-client.ts'
import { sendOrder } from '../wallet.ts'
import { DEV_KEY_ID } from './accounts.ts'
import { nodeAddresses, readAccounts } from './layout.ts'
import type { Layout } from './layout.ts'
import { livePid } from './processes.ts'

const TIMEOUT_MS = 10_000
const AMOUNT = '1000'

/** A payment between two named accounts of the devnet; tells block and time. Throws as `sendOrder`. */
async function payOnce(options: {
  dir: string
  layout: Layout
  from: string
  to: string
  amount: string
  out: Output
}): Promise<void> {
  const { dir, layout, from, to, amount, out } = options
  const accounts = readAccounts(layout)
  const sender = accounts.find(({ name }) => name === from)
  const receiver = accounts.find(({ name }) => name === to)
  const node = layout.nodes.find(({ name }) => livePid(dir, name) !== null) ?? layout.nodes[0]
  if (sender === undefined || receiver === undefined || node === undefined) return
  const { rpc } = nodeAddresses(dir, node)
  const startedAt = performance.now()
  const wallet = { account: sender.id, keyId: DEV_KEY_ID, seed: sender.seed }
  const sent = await sendOrder(rpc, wallet, { type: 'payment.transfer', payload: { to: receiver.id, amount } }, TIMEOUT_MS)
  const tookMs = Math.round(performance.now() - startedAt)
  const { value } = await callRpc<{ value: { balance: string } }>(rpc, 'payment_getBalance', { account: receiver.id })
  const place = `final in block ${sent.height} after ${formatDuration(tookMs)}`
  const text = `${from} paid ${to} ${amount} won: ${place}; ${to} now holds ${value.balance} won`
  out.item({ event: 'payment', from, to, amount, ...sent, tookMs, balance: value.balance }, text)
}

/** The payment right after start; a chain that cannot take it is told and not stopped. */
export async function runFirstPayment(dir: string, layout: Layout, out: Output): Promise<void> {
  try {
    await payOnce({ dir, layout, from: 'citizen-1', to: 'merchant-1', amount: AMOUNT, out })
  } catch (error) {
    out.note(`the first payment did not work: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Stories by name; the first is told where none is named. */
export const STORIES: Readonly<Record<string, { readonly file: string; readonly title: string }>> = {
  mapo: { file: 'day-in-mapo.ts', title: 'the day in Mapo' },
  'cafe-month': { file: 'cafe-month.ts', title: 'a month at a café' },
  'no-documents': { file: 'no-documents.ts', title: 'the allowance without documents' },
  'district-budget': { file: 'district-budget.ts', title: 'the budget of the district' },
}

/** Runs a story on the devnet. Throws CliError NODE_NOT_RUNNING, DEMO_FAILED where a figure of it is wrong, or a usage error. */
export async function runDemo(options: { dir: string; layout: Layout; out: Output; story: string }): Promise<void> {
  const { dir, layout, out, story } = options
  const known = STORIES[story] ?? refuseUsage(`there is no story ${story}; there are ${Object.keys(STORIES).join(', ')}`)
  const stopped = layout.nodes.find(({ name, observer }) => !observer && livePid(dir, name) === null)
  if (stopped !== undefined) {
    const text = `${stopped.name} is not running; start the devnet with naru devnet up, or this node with naru devnet restart`
    throw new CliError(EXIT.unreachable, 'NODE_NOT_RUNNING', text)
  }
  const program = join(import.meta.dirname, '../../examples', known.file)
  const words = [...process.execArgv, program, '--dir', dir, ...(out.json ? ['--json'] : [])]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'inherit', 'inherit'] })
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail)
    child.once('close', (ended) => done(ended))
  })
  if (code !== 0) throw new CliError(EXIT.unexpected, 'DEMO_FAILED', `${known.title} ended with code ${code}; see above`)
}
