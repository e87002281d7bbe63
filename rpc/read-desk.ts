// Owns: who a call comes from, by its signature; what that account may read; and what was read, for the log.
// Not here: what is restricted (rooms), what is signed (core/chain/read-request.ts), where the log lies (node/access-log.ts).
import { toHex } from '../core/base/bytes.ts'
import { CodecError } from '../core/base/errors.ts'
import type { Address, TimeMs } from '../core/base/ids.ts'
import { readBytes, ReadAuthSchema } from '../core/chain/read-request.ts'
import type { ReadAuth } from '../core/chain/read-request.ts'
import type { TextContext } from '../core/codec/schema.ts'
import { verifySignature } from '../core/crypto/keys.ts'
import { KEY_PURPOSES } from '../core/execution/module.ts'
import type { ReadRight, Restriction } from '../core/execution/module.ts'
import { buildParamsError, refuseCall, RpcError } from './errors.ts'
import { buildHeadEnv } from './head-env.ts'
import type { AccessEntry, NodeApi } from './node-api.ts'

/** Ms that a request's time may lie beside the node's clock. */
export const READ_WINDOW_MS = 60_000
/** Nonces remembered, of all accounts; a full memory refuses rather than forgets. */
export const READ_NONCES_MAX = 100_000
/** The same of one account. */
export const READ_NONCES_PER_ACCOUNT_MAX = 10_000
/** Price of checking a signature, on top of the method's. */
export const READ_COST = 2

/** One call's view of what is restricted. */
export type ReadSession = {
  /** Who signed the call, or null. */
  readonly reader: Address | null
  /** Whether this call may be shown the records about `ref`; a yes is remembered for the log. `owner` may always. */
  readonly show: (restriction: Restriction, ref: string | null, owner?: Address) => boolean
  /** As `show`, but throws RpcError READ_RESTRICTED or READ_NOT_PERMITTED. */
  readonly require: (restriction: Restriction, ref: string | null) => void
  /** What was shown, one entry per subject. */
  readonly reads: () => readonly AccessEntry[]
}

/** Opens a session per call. */
export type ReadDesk = { readonly open: (call: { auth: unknown; method: string; params: unknown }) => ReadSession }

type Seen = { readonly nonces: Map<string, TimeMs>; readonly counts: Map<Address, number> }

/** What a desk knows of its listener. */
export type ReadDeskOptions = { readonly node: NodeApi; readonly text: TextContext }

/** A desk over a node. What was signed before it opened is refused: nonces of an earlier run are not remembered. */
export function createReadDesk({ node, text }: ReadDeskOptions): ReadDesk {
  const seen: Seen = { nonces: new Map(), counts: new Map() }
  const openedAt = node.nowMs()
  return {
    open: ({ auth, method, params }) => {
      if (auth === undefined) return createSession(node, null, method)
      const claim = parseAuth(auth, text)
      checkTime(claim.time, { now: node.nowMs(), openedAt })
      checkKey(node, claim, { method, params })
      remember(seen, claim, node.nowMs())
      return createSession(node, claim.account, method)
    },
  }
}

function parseAuth(auth: unknown, text: TextContext): ReadAuth {
  try {
    return ReadAuthSchema.fromJson(auth, text, 'auth')
  } catch (thrown) {
    if (thrown instanceof CodecError) throw new RpcError(buildParamsError(thrown))
    throw thrown
  }
}

function checkTime(time: TimeMs, { now, openedAt }: { now: TimeMs; openedAt: TimeMs }): void {
  if (time >= openedAt && Math.abs(time - now) <= READ_WINDOW_MS) return
  refuseCall('READ_EXPIRED', undefined, { time, now, windowMs: READ_WINDOW_MS })
}

function checkKey(node: NodeApi, claim: ReadAuth, { method, params }: { method: string; params: unknown }): void {
  const { account, keyId, time, nonce, signature } = claim
  const key = node.registry.findKey(node.state(), account, keyId)
  if (key === null || !key.live) return refuseCall('READ_SIGNATURE_INVALID', `The account has no live key ${keyId}.`, { keyId })
  if ((key.purposes & KEY_PURPOSES.authentication) === 0)
    return refuseCall('READ_SIGNATURE_INVALID', `The key ${keyId} is not for authentication.`, { keyId })
  const { genesisHash, chainId } = node
  const message = readBytes({ genesisHash, chainId, account, keyId, time, nonce, method, params })
  if (!verifySignature({ publicKey: key.publicKey, message, signature })) refuseCall('READ_SIGNATURE_INVALID')
}

// A nonce is kept as long as a request with it could still be inside the window.
function remember(seen: Seen, { account, nonce, time }: ReadAuth, now: TimeMs): void {
  const name = `${account}${toHex(nonce)}`
  if (seen.nonces.has(name)) refuseCall('READ_REPLAYED')
  forget(seen, now)
  const count = seen.counts.get(account) ?? 0
  if (seen.nonces.size >= READ_NONCES_MAX || count >= READ_NONCES_PER_ACCOUNT_MAX)
    refuseCall('RATE_LIMITED', 'Too many signed reads; wait.', { retryAfterMs: READ_WINDOW_MS })
  seen.nonces.set(name, time + 2 * READ_WINDOW_MS)
  seen.counts.set(account, count + 1)
}

function forget({ nonces, counts }: Seen, now: TimeMs): void {
  for (const [name, until] of nonces) {
    if (until >= now) return
    nonces.delete(name)
    const account = name.slice(0, 40) as Address
    const left = (counts.get(account) ?? 1) - 1
    if (left === 0) counts.delete(account)
    else counts.set(account, left)
  }
}

type Answered = { readonly restriction: Restriction; readonly ref: string; readonly role: string; readonly caseId: string | null }

function createSession(node: NodeApi, reader: Address | null, method: string): ReadSession {
  const asked = new Map<string, Answered | null>()
  // What a sender sees of its own is remembered apart: it opens nothing else about the same thing.
  const remember = (restriction: Restriction, ref: string, own: '' | ' own', find: () => ReadRight | null): Answered | null => {
    const key = `${restriction.name} ${ref}${own}`
    const known = asked.get(key)
    if (known !== undefined) return known
    const right = find()
    const answer = right === null ? null : { restriction, ref, ...right }
    asked.set(key, answer)
    return answer
  }
  const ask = (restriction: Restriction, ref: string, owner: Address | undefined): Answered | null => {
    if (reader === null) return null
    const mayRead = (): ReadRight | null => restriction.mayRead(node.state(), { account: reader, ref, block: buildHeadEnv(node) })
    const given = remember(restriction, ref, '', mayRead)
    if (given !== null || owner !== reader) return given
    return remember(restriction, ref, ' own', () => ({ role: 'SENDER', caseId: null }))
  }
  const show: ReadSession['show'] = (restriction, ref, owner) => ref !== null && ask(restriction, ref, owner) !== null
  return {
    reader,
    show,
    require: (restriction, ref) => {
      if (show(restriction, ref)) return
      const detail = { record: restriction.name }
      if (reader === null) refuseCall('READ_RESTRICTED', undefined, detail)
      refuseCall('READ_NOT_PERMITTED', undefined, detail)
    },
    reads: () => [...asked.values()].flatMap((answer) => (answer === null ? [] : entriesOf(node, { reader, method, answer }))),
  }
}

type Read = { readonly reader: Address | null; readonly method: string; readonly answer: Answered }

function entriesOf(node: NodeApi, { reader, method, answer }: Read): readonly AccessEntry[] {
  if (reader === null) return []
  const { restriction, ref, role, caseId } = answer
  const entry = { at: node.nowMs(), height: node.head().header.height, reader, role, caseId, method }
  const isTold = (account: Address): boolean =>
    caseId === null || (restriction.isTold?.(node.state(), { account, caseId }) ?? true)
  const subjects = restriction.subjectsOf(node.state(), ref).filter(isTold)
  return [...new Set(subjects)].map((subject) => ({ ...entry, subject, record: restriction.name, ref }))
}
