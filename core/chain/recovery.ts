// Owns: the recovery record: what the city's root keys sign when more than a third of the validators are lost for good
// (consensus.md 4, G11), and when it holds. Not here: who accepts it (node/recovery-start.ts), what it does (modules/governance).
import { list, struct } from '../codec/compound.ts'
import { code, fixedBytes, hash32, u16, u32, u53 } from '../codec/fields.ts'
import { encode } from '../codec/schema.ts'
import type { Infer } from '../codec/schema.ts'
import { equalBytes, toHex } from '../base/bytes.ts'
import { LIMITS } from '../base/limits.ts'
import type { Hash32, Height, Round } from '../base/ids.ts'
import { createHasher } from '../crypto/hash.ts'
import type { SignatureCheck } from './certificate.ts'
import { SIGN_TAGS, signingBytes } from './signing.ts'
import { ValidatorListSchema } from './validator-set.ts'

/** Root keys of a city at most. */
export const ROOT_KEYS_MAX = 32

/** `threshold` of these offline keys speak for the city; the genesis document names them. */
export const RootsSchema = struct({ threshold: u16, keys: list(fixedBytes(32), ROOT_KEYS_MAX) })

/**
 * `height` and `blockId` name the last block of the old validators; the new ones begin the next height in round `firstRound`,
 * which lies above every round in which a validator of both sets has signed there.
 */
export const RecoveryContentSchema = struct({
  chainId: code(LIMITS.chainIdCharsMax),
  genesisHash: hash32,
  height: u53,
  blockId: hash32,
  firstRound: u32,
  validators: ValidatorListSchema,
})

/** The content with the signatures of root keys. */
export const RecoverySchema = struct({
  content: RecoveryContentSchema,
  signatures: list(struct({ publicKey: fixedBytes(32), signature: fixedBytes(64) }), ROOT_KEYS_MAX),
})

export type Roots = Infer<typeof RootsSchema>
export type RecoveryContent = Infer<typeof RecoveryContentSchema>
export type Recovery = Infer<typeof RecoverySchema>

const hashContent = createHasher('naru/recovery/v1')

/** What header H+1 carries: the hash of the content, whichever root keys signed it. */
export function recoveryHashOf(content: RecoveryContent): Hash32 {
  return hashContent(encode(RecoveryContentSchema, content))
}

/** Bytes that a root key signs. */
export function recoverySigningBytes(content: RecoveryContent): Uint8Array {
  return signingBytes(SIGN_TAGS.recovery, encode(RecoveryContentSchema, content))
}

/** Height of the first block of the new validators. */
export function activationOf(content: RecoveryContent): Height {
  return content.height + 1
}

/** The round in which a height begins: 0, but for the first height of a recovery. */
export function firstRoundAt(recovery: Recovery | null, height: Height): Round {
  return recovery !== null && activationOf(recovery.content) === height ? recovery.content.firstRound : 0
}

/** Why a recovery does not hold, as a stable code with a sentence. */
export type RecoveryFault = { readonly code: string; readonly text: string }

type Check = {
  readonly chainId: string
  readonly genesisHash: Hash32
  /** The genesis document's root keys; null where it names none. */
  readonly roots: Roots | null
  /** The fewest validators that the chain's parameters allow. */
  readonly validatorsMin: number
  readonly recovery: Recovery
  readonly checkSignature: SignatureCheck
}

/** Null when the city's root keys decided this recovery of this chain; says nothing about its height and block. */
export function checkRecovery(check: Check): RecoveryFault | null {
  const { content } = check.recovery
  if (content.chainId !== check.chainId || content.genesisHash !== check.genesisHash) {
    return fault('WRONG_CHAIN', `is for chain ${content.chainId} with genesis 0x${content.genesisHash}`)
  }
  if (check.roots === null) return fault('NO_ROOTS', 'cannot hold here: the genesis document names no root keys')
  return checkSet(content, check.validatorsMin) ?? checkSignatures(check, check.roots)
}

function checkSet({ validators, height }: RecoveryContent, validatorsMin: number): RecoveryFault | null {
  if (validators.length === 0 || validators.length < validatorsMin) {
    return fault(
      'SET_TOO_SMALL',
      `names ${validators.length} validators, this chain keeps at least ${Math.max(1, validatorsMin)}`,
    )
  }
  const seats: readonly (readonly [what: string, values: readonly string[]])[] = [
    ['authority', validators.map(({ authority }) => authority)],
    ['consensus key', validators.map(({ publicKey }) => toHex(publicKey))],
    ['name', validators.map(({ name }) => name)],
    ['network identity', validators.map(({ peerId }) => peerId)],
  ]
  const twice = seats.find(([, values]) => new Set(values).size !== values.length)
  if (twice !== undefined) return fault('SET_INVALID', `names one ${twice[0]} for two seats`)
  return height < 1 ? fault('WRONG_HEIGHT', 'names no block: a chain without blocks begins with a new genesis document') : null
}

function checkSignatures({ recovery, checkSignature }: Check, roots: Roots): RecoveryFault | null {
  const message = recoverySigningBytes(recovery.content)
  const seen = new Set<string>()
  for (const { publicKey, signature } of recovery.signatures) {
    const name = toHex(publicKey)
    if (!roots.keys.some((key) => equalBytes(key, publicKey))) return fault('UNKNOWN_KEY', `is signed by 0x${name}, no root key`)
    if (seen.has(name)) return fault('DUPLICATE_SIGNER', `is signed twice by 0x${name}`)
    if (!checkSignature({ publicKey, message, signature })) return fault('BAD_SIGNATURE', `has no valid signature of 0x${name}`)
    seen.add(name)
  }
  if (seen.size >= roots.threshold) return null
  return fault(
    'TOO_FEW_SIGNATURES',
    `has ${seen.size} signatures, ${roots.threshold} of ${roots.keys.length} root keys are needed`,
  )
}

function fault(name: string, text: string): RecoveryFault {
  return { code: `RECOVERY_${name}`, text: `the recovery ${text}` }
}
