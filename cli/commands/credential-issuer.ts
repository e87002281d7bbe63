// Owns: the issuer's side of `naru credential`. Not here: the holder's and the agency's.
import { randomInt } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Json } from '../../core/codec/schema.ts'
import { STATUS_BITS } from '../../modules/identity/trust-schema.ts'
import { parseAccount } from '../../sdk/index.ts'
import { verifyCredentialRequest } from '../../sdk/identity/credential-request.ts'
import { issueCredential } from '../../sdk/identity/sd-jwt-vc.ts'
import { fetchStatusList, isStatusSet } from '../../sdk/identity/status.ts'
import type { CommandCall } from '../command.ts'
import { refuseUsage } from '../errors.ts'
import { chainSeconds, openId, readJsonFile, senderOf, sourceOf, walletOf, writeJson } from '../id-files.ts'
import { didTextOf } from '../target.ts'
import { requireOption } from './credential-holder.ts'

type Ledger = { readonly path: string; readonly taken: Map<string, Set<number>> }

function readLedger(call: CommandCall): Ledger {
  const path = call.options['ledger'] as string
  const lists = existsSync(path) ? (readJsonFile(path) as Record<string, readonly number[]>) : {}
  return { path, taken: new Map(Object.entries(lists).map(([list, entries]) => [list, new Set(entries)])) }
}

// Entries are drawn at random: an order would tell who came when.
function drawEntry({ path, taken }: Ledger, list: string): number {
  const entries = taken.get(list) ?? new Set<number>()
  if (entries.size >= STATUS_BITS / 2)
    return refuseUsage(`list ${list} is half full; make another with naru tx identity status-create`)
  let index = randomInt(STATUS_BITS)
  while (entries.has(index)) index = randomInt(STATUS_BITS)
  taken.set(list, entries.add(index))
  const lists = Object.fromEntries([...taken].map(([name, all]) => [name, [...all]]))
  writeFileSync(`${path}.new`, `${JSON.stringify(lists)}\n`, { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
  return index
}

function readClaims(text: string): Record<string, Json> {
  const json = text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text
  try {
    const claims = JSON.parse(json) as unknown
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return claims as Record<string, Json>
  } catch {
    // Told below.
  }
  return refuseUsage('--claims is a JSON object such as {"age_ge_19":true}')
}

function positive(call: CommandCall, name: string, flag: string): number {
  const value = Number(call.options[name])
  return Number.isSafeInteger(value) && value >= 0 && value <= 10_000
    ? value
    : refuseUsage(`${flag} is a whole number up to 10000`)
}

/** `naru credential issue`. */
export async function runIssue(call: CommandCall): Promise<void> {
  const from = requireOption(call, 'from', '--from, the issuer')
  const vct = requireOption(call, 'type', '--type, such as SeoulResidentCredential')
  const claims = readClaims(requireOption(call, 'claims', '--claims'))
  const { request } = readJsonFile(call.args[0] ?? '') as { request?: unknown }
  if (typeof request !== 'string') return refuseUsage(`${call.args[0]} holds no request`)
  const days = positive(call, 'days', '--days')
  const { client, chain } = await openId(call)
  try {
    const issuer = await walletOf(call, chain, from)
    const at = await chainSeconds(client)
    const nonce = requireOption(call, 'nonce', '--nonce, which you gave for this request')
    const holderKey = verifyCredentialRequest(request, { issuer: issuer.did, nonce, at })
    const list = call.options['list'] as string
    const idx = drawEntry(readLedger(call), list)
    const credential = await issueCredential({
      issuer: { did: issuer.did, keyId: issuer.keyId, sign: issuer.sign },
      ...{ vct, holderKey, claims, status: { list, idx }, issuedAt: at, expiresAt: at + days * 86_400 },
    })
    writeJson(call, { credential, list, index: idx }, `${vct} with entry ${idx} of list ${list}`)
  } finally {
    client.close()
  }
}

/** `naru credential status`. */
export async function runStatus(call: CommandCall): Promise<void> {
  const [named = '', list = ''] = call.args
  if (!/^\d{1,19}$/.test(list)) return refuseUsage('a status list has a number')
  const { client, chain } = await openId(call)
  try {
    const source = await sourceOf(call, { client, chain })
    const found = await fetchStatusList(source, { issuer: parseAccount(chain, didTextOf(call, named)), listId: BigInt(list) })
    const set = found.bits.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
    const asked = call.options['index'] as string | undefined
    const isSet = asked === undefined ? null : isStatusSet(found.bits, Number(asked))
    const { purpose, seq } = found
    const text = `${purpose} list of ${STATUS_BITS} entries, change ${seq}, ${set} set, proven`
    const entry = isSet === null ? '' : `; entry ${asked} is ${isSet ? 'set' : 'not set'}`
    call.out.result({ purpose, seq: seq.toString(), entries: STATUS_BITS, set, isSet }, `${text}${entry}`)
  } finally {
    client.close()
  }
}

/** `naru credential revoke`. */
export async function runRevoke(call: CommandCall): Promise<void> {
  const [list = '', index = ''] = call.args
  const from = requireOption(call, 'from', '--from, the issuer')
  const decoys = positive(call, 'decoys', '--decoys')
  if (!/^\d{1,6}$/.test(index) || !/^\d{1,19}$/.test(list)) return refuseUsage('name list and entry by their numbers')
  const ledger = readLedger(call)
  const entries = [Number(index), ...Array.from({ length: decoys }, () => drawEntry(ledger, list))].sort((a, b) => a - b)
  const { client, chain } = await openId(call)
  try {
    const issuer = await walletOf(call, chain, from)
    const params = { issuer: issuer.address, listId: list }
    const { value } = await client.call<{ value: { seq: string } }>('identity_statusList', params)
    const seq = (BigInt(value.seq) + 1n).toString()
    const changes = entries.map((entry) => ({ index: entry, bit: true }))
    const sent = await senderOf({ client, chain }, issuer).send({
      type: 'identity.status.set',
      payload: { listId: list, seq, changes },
    })
    call.out.result(
      { list, seq, changed: entries.length, height: sent.height },
      `set ${entries.length} entries in block ${sent.height}`,
    )
  } finally {
    client.close()
  }
}
