// Owns: `naru validator join`: the request file, then proof after proof of readiness until the seat is active.
// Not here: the council's side (vote.ts), the file (request.ts).
import { setTimeout as sleep } from 'node:timers/promises'
import { toHex } from '../../core/base/bytes.ts'
import { asHash32 } from '../../core/base/ids.ts'
import type { Signer } from '../../core/crypto/ed25519-rule.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { readyClaimBytes } from '../../modules/governance/ready.ts'
import type { CommandCall } from '../command.ts'
import { parseDuration } from '../duration.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import { readWallet } from '../target.ts'
import type { Wallet } from '../wallet.ts'
import { sendOrder } from '../wallet.ts'
import type { ChainRow, ChainView, SeatRow } from './chain-view.ts'
import { createChainView } from './chain-view.ts'
import { addressesOf, readConsensusKey, readNodeConfig, readPeerId, rpcOfNode } from './node-keys.ts'
import { buildRequest, writeRequest } from './request.ts'

const POLL_MS = 500
const SEND_TIMEOUT_MS = 30_000

type Joining = { call: CommandCall; view: ChainView; chain: ChainRow; wallet: Wallet; key: Signer; deadline: number }

/** Writes the request and stays until the seat is active, unless `--once`. Exit code 6 when that is not within `--timeout`. */
export async function runJoin(call: CommandCall): Promise<void> {
  const config = readNodeConfig(call)
  const view = createChainView(rpcOfNode(call, config))
  const [chain, wallet, peerId] = await Promise.all([view.chain(), readWallet(call), readPeerId(config)])
  const key = await readConsensusKey(call, config, chain)
  const seat = await view.seat(wallet.account)
  if (seat.decided !== null && seat.decided.publicKey !== `0x${toHex(key.publicKey)}`)
    refuseUsage(`${wallet.account} has a seat already; naru validator rotate-key gives it another key`)
  const name = (call.options['name'] as string | undefined) ?? refuseUsage('name the validator with --name, such as gangnam-1')
  const file = (call.options['out'] as string | undefined) ?? `${name}.request.json`
  const candidate = { authority: wallet.account, name, peerId, addresses: addressesOf(call, config) }
  const request = buildRequest(chain, seat.nonce, candidate, key)
  writeRequest(file, request)
  call.out.note(`${file} is written; the other validators run: naru validator approve ${file} --from <account>`)
  const deadline = performance.now() + parseDuration(call.options['timeout'] as string)
  const joining = { call, view, chain, wallet, key, deadline }
  await waitUntilSynced(joining)
  const readyHeight = await showReady(joining)
  if (call.options['once'] === true) {
    call.out.result(
      { request: file, ...request, readyHeight },
      `the node showed that it follows the chain, at height ${readyHeight}`,
    )
    return
  }
  const active = await waitUntilActive(joining, readyHeight)
  call.out.result({ request: file, ...request, ...active }, `${name} has its seat: it signs from height ${active.activeFrom} on`)
}

async function waitUntilSynced({ view, call, deadline }: Joining): Promise<void> {
  for (let told = false; !(await view.isSynced()); told = true) {
    if (!told) call.out.note('the node catches up first')
    await pause(deadline, 'the node is still catching up')
  }
}

/** Sends one proof of readiness; gives the height that it is about. */
async function showReady({ view, chain, wallet, key, deadline }: Joining): Promise<number> {
  let head = await view.head()
  for (; head.height < 2; head = await view.head()) await pause(deadline, 'the chain has no two blocks yet')
  const height = head.height - 1
  const authority = textContextOf(chain.network).parseAddress(wallet.account)
  if (authority === null) return refuseUsage(`${wallet.account} is no account of a ${chain.network} network`)
  const genesisHash = asHash32(chain.genesisHash.slice(2))
  const signature = key.sign(readyClaimBytes({ genesisHash, authority, height, blockId: asHash32(head.parentId.slice(2)) }))
  const payload = { publicKey: `0x${toHex(key.publicKey)}`, height, blockId: head.parentId, signature: `0x${toHex(signature)}` }
  await sendOrder(view.rpc, wallet, { type: 'governance.ready', payload }, SEND_TIMEOUT_MS)
  return height
}

// A proof is good for readyWindow blocks, and people take their time: it is renewed at half of that until the seat is decided.
async function waitUntilActive(joining: Joining, firstReady: number): Promise<{ activeFrom: number; readyHeight: number }> {
  const { view, wallet, deadline } = joining
  const { readyWindow } = await view.params()
  let readyHeight = firstReady
  let told = ''
  for (;;) {
    const [seat, { height }] = await Promise.all([view.seat(wallet.account), view.head()])
    if (seat.validator !== null) return { activeFrom: await activeSince(view, wallet.account), readyHeight }
    const text = await describeProgress(view, wallet.account, seat)
    if (text !== told) joining.call.out.note(text)
    told = text
    if (seat.decided === null && height - readyHeight >= readyWindow / 2) readyHeight = await showReady(joining)
    await pause(deadline, text)
  }
}

async function activeSince(view: ChainView, authority: string): Promise<number> {
  const { validators, upTo } = await view.performance()
  return validators.find((validator) => validator.authority === authority)?.since ?? upTo + 1
}

async function describeProgress(view: ChainView, authority: string, seat: SeatRow): Promise<string> {
  if (seat.decided !== null) {
    const { pending } = await view.succession()
    const at = pending.find(({ changes }) => changes.some((change) => change.authority === authority))?.height
    return `decided: the seat begins at height ${at ?? 'unknown'}`
  }
  const found = (await view.open()).find(
    ({ proposal }) => proposal.action.kind === 'validatorAdd' && proposal.action.authority === authority,
  )
  if (found === undefined) return 'waiting for a validator to propose the seat'
  const { approvals, threshold, members } = await view.votes(found.proposalId)
  const who = members.filter(({ approved }) => approved).map(({ name, account }) => name ?? account)
  return `proposed as ${found.proposalId}: ${approvals} of ${threshold} approvals (${who.join(', ')})`
}

async function pause(deadline: number, why: string): Promise<void> {
  if (performance.now() >= deadline) throw new CliError(EXIT.timeout, 'TIMEOUT', `not in time: ${why}`)
  await sleep(POLL_MS)
}
