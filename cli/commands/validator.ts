// Owns: the table of `naru validator` verbs. Not here: how each works (cli/validator), what may be decided (modules/governance).
import { toHex } from '../../core/base/bytes.ts'
import { evidenceCommands } from './evidence.ts'
import type { CommandCall, CommandSpec, OptionSpec } from '../command.ts'
import { CONFIG_OPTIONS } from '../config-flags.ts'
import { refuseUsage } from '../errors.ts'
import { formatTable } from '../output.ts'
import { dirOf, readWallet, resolveAccount, rpcOf, SIGN_OPTIONS, TARGET_OPTIONS, WAIT_OPTION } from '../target.ts'
import { createChainView } from '../validator/chain-view.ts'
import type { AttendanceRow, ChainView, ValidatorRow } from '../validator/chain-view.ts'
import { claimBytes, additionOf, readRequest } from '../validator/request.ts'
import { castVote, describeVotes } from '../validator/vote.ts'

const DRY_RUN: OptionSpec = ['--dry-run', 'Only show what it would do to the quorum; exit code 20 when it would be lost']
const VOTE_OPTIONS: readonly OptionSpec[] = [DRY_RUN, ...SIGN_OPTIONS, WAIT_OPTION, ...TARGET_OPTIONS]
const JOIN_TIMEOUT: OptionSpec = ['--timeout <duration>', 'How long to stay until the seat is active', '24h']

function openView(call: CommandCall): ChainView {
  return createChainView(rpcOf(call))
}

async function runJoin(call: CommandCall): Promise<void> {
  const { runJoin: join } = await import('../validator/join.ts')
  await join(call)
}

async function runApprove(call: CommandCall): Promise<void> {
  const view = openView(call)
  const what = call.args[0] ?? ''
  if (/^0x[0-9a-f]{64}$/.test(what)) {
    const { action, status } = await view.proposal(what)
    if (status !== 'open') refuseUsage(`proposal ${what} is ${status}: there is nothing left to approve`)
    return castVote(call, view, { action, proposalId: what })
  }
  const action = additionOf(readRequest(what, await view.chain()))
  const open = (await view.open()).find(
    ({ proposal }) => JSON.stringify(sorted(proposal.action)) === JSON.stringify(sorted(action)),
  )
  return castVote(call, view, { action, proposalId: open?.proposalId ?? null })
}

// The same action whatever the order of its fields.
function sorted(action: object): object {
  return Object.fromEntries(Object.entries(action).sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function runLeave(call: CommandCall): Promise<void> {
  const view = openView(call)
  const { account } = await readWallet(call)
  await proposeRemoval(call, view, await seatNamed(view, account))
}

async function runRemove(call: CommandCall): Promise<void> {
  const view = openView(call)
  const named = call.args[0] ?? ''
  const rows = await view.validators()
  const byName = rows.find(({ name }) => name === named)
  await proposeRemoval(call, view, byName ?? (await seatNamed(view, resolveAccount(dirOf(call), named))))
}

async function seatNamed(view: ChainView, account: string): Promise<ValidatorRow> {
  const rows = await view.validators()
  const names = rows.map(({ name }) => name).join(', ')
  return rows.find(({ authority }) => authority === account) ?? refuseUsage(`${account} has no seat; validators are ${names}`)
}

async function proposeRemoval(call: CommandCall, view: ChainView, { authority }: ValidatorRow): Promise<void> {
  const open = (await view.open()).find(
    ({ proposal }) => proposal.action.kind === 'validatorRemove' && proposal.action.authority === authority,
  )
  await castVote(call, view, { action: { kind: 'validatorRemove', authority }, proposalId: open?.proposalId ?? null })
}

async function runRotate(call: CommandCall): Promise<void> {
  const keys = await import('../validator/node-keys.ts')
  const config = keys.readNodeConfig(call)
  const view = createChainView(keys.rpcOfNode(call, config))
  const [chain, { account }] = await Promise.all([view.chain(), readWallet(call)])
  const { name } = await seatNamed(view, account)
  const { key, created } = await keys.readNextKey(call, config, chain)
  const publicKey = `0x${toHex(key.publicKey)}`
  if (created) {
    const text = `${name}: made key ${publicKey} and its sign state; restart the node with it, then run this again`
    return call.out.result({ prepared: true, publicKey, keystore: config.nextSigner?.keystore }, text)
  }
  const { nonce } = await view.seat(account)
  const possession = `0x${toHex(key.sign(claimBytes(chain, { authority: account, publicKey: key.publicKey, nonce })))}`
  await castVote(call, view, { action: { kind: 'validatorRotate', authority: account, publicKey, possession }, proposalId: null })
}

async function runPerformance(call: CommandCall): Promise<void> {
  const view = openView(call)
  const performance = await view.performance()
  const named = call.args[0]
  const rows = performance.validators.filter(({ name }) => named === undefined || name === named)
  if (rows.length === 0) {
    const names = performance.validators.map(({ name }) => name).join(', ')
    refuseUsage(`there is no validator ${named ?? ''}; known are ${names}`)
  }
  const { from, upTo, online, quorum } = performance
  const table = formatTable([['validator', 'blocks', 'missed', 'in a row', 'last signed', 'state'], ...rows.map(attendanceCells)])
  const text = `blocks ${from} to ${upTo}; ${online} online, ${quorum} decide\n${table}`
  call.out.result({ ...performance, validators: rows }, text)
}

function attendanceCells({ name, observed, missed, streak, lastSigned, ...flags }: AttendanceRow): readonly string[] {
  return [name, String(observed), String(missed), String(streak), lastSigned === 0 ? '-' : String(lastSigned), stateOf(flags)]
}

function stateOf({ online, inactive, barred }: Pick<AttendanceRow, 'online' | 'inactive' | 'barred'>): string {
  if (barred) return 'never proposes'
  if (inactive) return online ? 'coming back' : 'skipped as proposer'
  return online ? 'online' : 'away'
}

async function runList(call: CommandCall): Promise<void> {
  const view = openView(call)
  const [validators, performance, succession, open] = await Promise.all([
    view.validators(),
    view.performance(),
    view.succession(),
    view.open(),
  ])
  const { epoch, since, quorum, online } = succession
  const stateOfSeat = (authority: string): string => {
    const row = performance.validators.find((other) => other.authority === authority)
    return row === undefined ? '-' : stateOf(row)
  }
  const rows = validators.map(({ name, authority, publicKey, peerId }) => [
    name,
    authority,
    publicKey.slice(0, 18),
    peerId,
    stateOfSeat(authority),
  ])
  const lines = [
    `set ${epoch} since height ${since}: ${quorum} of ${validators.length} decide, ${online} online`,
    formatTable([['validator', 'authority', 'key', 'peer', 'state'], ...rows]),
    ...succession.pending.map(({ height, changes }) => `from height ${height}: ${changes.map(describeChange).join(', ')}`),
    ...succession.suspended.map(({ authority, since }) => `${authority} is suspended since height ${since}`),
    ...(await Promise.all(open.map(async ({ proposalId, proposal }) => describeOpen(view, proposalId, proposal.action.kind)))),
  ]
  call.out.result({ validators, performance, succession, open }, lines.join('\n'))
}

function describeChange({ kind, authority }: { readonly kind: string; readonly authority?: string }): string {
  return authority === undefined ? kind : `${kind} ${authority}`
}

async function describeOpen(view: ChainView, proposalId: string, kind: string): Promise<string> {
  return `${kind}: ${describeVotes(proposalId, await view.votes(proposalId), null)}`
}

/** Commands of `naru validator`. */
export const validatorCommands: readonly CommandSpec[] = [
  { path: 'list', about: 'The seats, decided changes and open proposals', options: TARGET_OPTIONS, run: runList },
  {
    path: 'performance [name]',
    about: 'Who signed how many of the last blocks, and who is skipped as proposer',
    options: TARGET_OPTIONS,
    run: runPerformance,
  },
  {
    path: 'join',
    about:
      'Ask for a seat beside the running node: write the request, show readiness, wait for the seat (exit code 6: not in time)',
    options: [
      ['--name <name>', 'Name of the validator, such as gangnam-1'],
      ['--address <multiaddr...>', 'Where others reach this node (default: p2p.listen)'],
      ['--out <file>', 'The request file (default: <name>.request.json)'],
      ['--once', 'Show readiness once and end'],
      JOIN_TIMEOUT,
      ...SIGN_OPTIONS,
      ...CONFIG_OPTIONS,
      ...TARGET_OPTIONS,
    ],
    run: runJoin,
  },
  {
    path: 'approve <request-or-proposal>',
    about: 'Propose or approve a request file, or approve a proposal by its id; exit code 20 when the quorum would be lost',
    options: VOTE_OPTIONS,
    run: runApprove,
  },
  { path: 'leave', about: 'Propose that one’s own seat ends', options: VOTE_OPTIONS, run: runLeave },
  { path: 'remove <validator>', about: 'Propose or approve that a seat ends', options: VOTE_OPTIONS, run: runRemove },
  {
    path: 'rotate-key',
    about: 'Give one’s own seat the key of nextSigner: first call makes it, second proposes it',
    options: [DRY_RUN, ...SIGN_OPTIONS, WAIT_OPTION, ...CONFIG_OPTIONS, ...TARGET_OPTIONS],
    run: runRotate,
  },
  ...evidenceCommands,
]
