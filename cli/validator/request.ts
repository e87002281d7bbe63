// Owns: a request for a seat as a file: what the candidate writes and the council reads. Not here: deciding (vote.ts).
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fromHex, isHex, toHex } from '../../core/base/bytes.ts'
import { asHash32 } from '../../core/base/ids.ts'
import type { Signer } from '../../core/crypto/ed25519-rule.ts'
import { verifySignature } from '../../core/crypto/keys.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { seatClaimBytes } from '../../modules/governance/seats.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import type { ActionRow, ChainRow } from './chain-view.ts'

const FORMAT = 'naru-validator-request-1'

/** A request for a seat: everything that the council decides on, with proof that the candidate holds the key. */
export type SeatRequest = {
  readonly format: typeof FORMAT
  readonly chainId: string
  readonly genesisHash: string
  /** Changes that the seat has had; the proof is about this number and no other. */
  readonly nonce: number
  readonly authority: string
  readonly publicKey: string
  readonly name: string
  readonly peerId: string
  readonly addresses: readonly string[]
  readonly possession: string
}

/** What a candidate says of itself. */
export type Candidate = Pick<SeatRequest, 'authority' | 'name' | 'peerId' | 'addresses'>

/** Bytes that a new consensus key of an authority signs; `authority` as text. */
export function claimBytes(chain: ChainRow, claim: { authority: string; publicKey: Uint8Array; nonce: number }): Uint8Array {
  const address = textContextOf(chain.network).parseAddress(claim.authority)
  if (address === null) return refuseUsage(`${claim.authority} is no account of a ${chain.network} network`)
  const genesisHash = asHash32(chain.genesisHash.slice(2))
  return seatClaimBytes({ genesisHash, authority: address, publicKey: claim.publicKey, nonce: claim.nonce })
}

/** The request with its proof. */
export function buildRequest(chain: ChainRow, nonce: number, candidate: Candidate, key: Signer): SeatRequest {
  const { authority, name, peerId, addresses } = candidate
  const possession = key.sign(claimBytes(chain, { authority, publicKey: key.publicKey, nonce }))
  return {
    format: FORMAT,
    chainId: chain.chainId,
    genesisHash: chain.genesisHash,
    nonce,
    authority,
    publicKey: `0x${toHex(key.publicKey)}`,
    name,
    peerId,
    addresses,
    possession: `0x${toHex(possession)}`,
  }
}

/** Writes the request, readable by everyone: there is nothing secret in it. */
export function writeRequest(file: string, request: SeatRequest): void {
  writeFileSync(file, `${JSON.stringify(request, null, 2)}\n`)
}

/** Reads a request and checks its form, its chain and its proof. Throws CliError with what is wrong. */
export function readRequest(file: string, chain: ChainRow): SeatRequest {
  if (!existsSync(file)) return refuseUsage(`${file} is neither a request file nor a proposal id (0x and 64 hex digits)`)
  const request = parse(file)
  if (request.genesisHash !== chain.genesisHash)
    return refuseRequest(file, `it is for chain ${request.chainId} (genesis ${request.genesisHash}), this is ${chain.chainId}`)
  const publicKey = fromHex(request.publicKey.slice(2))
  const message = claimBytes(chain, { authority: request.authority, publicKey, nonce: request.nonce })
  if (!verifySignature({ publicKey, message, signature: fromHex(request.possession.slice(2)) }))
    return refuseRequest(file, 'its key did not sign it: ask the candidate for a new one')
  return request
}

/** The action that gives the candidate its seat. */
export function additionOf(request: SeatRequest): ActionRow {
  const { authority, publicKey, name, peerId, addresses, possession } = request
  return { kind: 'validatorAdd', authority, publicKey, name, peerId, addresses, possession }
}

function parse(file: string): SeatRequest {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    return refuseRequest(file, `it is no JSON (${error instanceof Error ? error.message : String(error)})`)
  }
  const request = json as Partial<SeatRequest> | null
  if (request?.format !== FORMAT) return refuseRequest(file, `its format is not ${FORMAT}`)
  const isHexOf = (value: unknown, bytes: number): boolean =>
    typeof value === 'string' && value.startsWith('0x') && isHex(value.slice(2), bytes)
  const faults: readonly (readonly [boolean, string])[] = [
    [isHexOf(request.genesisHash, 32), 'genesisHash'],
    [isHexOf(request.publicKey, 32), 'publicKey'],
    [isHexOf(request.possession, 64), 'possession'],
    [Number.isSafeInteger(request.nonce), 'nonce'],
    [typeof request.authority === 'string', 'authority'],
    [typeof request.name === 'string', 'name'],
    [typeof request.peerId === 'string', 'peerId'],
    [Array.isArray(request.addresses) && request.addresses.every((address) => typeof address === 'string'), 'addresses'],
  ]
  const wrong = faults.find(([isRight]) => !isRight)
  return wrong === undefined ? (request as SeatRequest) : refuseRequest(file, `its ${wrong[1]} is missing or malformed`)
}

function refuseRequest(file: string, reason: string): never {
  throw new CliError(EXIT.verification, 'REQUEST_REFUSED', `${file} is no request that can be approved here: ${reason}`, { file })
}
