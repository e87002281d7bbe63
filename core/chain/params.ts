// Owns: the consensus parameters that a chain may change by its validators' council (G12), with their bounds.
// Not here: fixed limits (core/base/limits.ts), legal parameters by date (modules/governance).
import { list, struct } from '../codec/compound.ts'
import { bool, u32, u53 } from '../codec/fields.ts'
import { encode } from '../codec/schema.ts'
import type { Infer } from '../codec/schema.ts'
import { createHasher } from '../crypto/hash.ts'
import { LIMITS } from '../base/limits.ts'
import type { Hash32 } from '../base/ids.ts'

/** Credits of one account class (decisions 11): three buckets and the time in which an empty one fills up. */
export const CreditClassSchema = struct({ bytes: u32, operations: u32, stateBytes: u32, refillMs: u32 })

/** Times in ms. `timeout*` grow by `*Step` per round up to `timeoutMaxMs`. */
export const ChainParamsSchema = struct({
  blockIntervalMs: u32,
  heartbeatMs: u32,
  timeoutProposeMs: u32,
  timeoutProposeStepMs: u32,
  timeoutVoteMs: u32,
  timeoutVoteStepMs: u32,
  timeoutMaxMs: u32,
  precisionMs: u32,
  messageDelayMs: u32,
  blockBytesMax: u32,
  blockTxsMax: u32,
  /** Verification units of one block beyond its transactions' signatures, so that no block takes long to check. */
  blockUnitsMax: u32,
  validUntilAheadMax: u53,
  /** Blocks between the decision of a change and its activation, and between two activations (G2, G3). */
  activationDelay: u32,
  /** No change leaves fewer validators than this (G5). */
  validatorsMin: u32,
  /** Certificates by which attendance is judged (G10). */
  attendanceWindow: u32,
  /** Age in blocks at which a candidate's proof of readiness is worth nothing any more (G4). */
  readyWindow: u32,
  /** Whether amnesia suspends like other offences; it is recorded and alarmed either way (decisions 6). */
  amnesiaSuspends: bool,
  /** Class 0 citizen, 1 organisation, 2 agency. */
  creditClasses: list(CreditClassSchema, 8),
})

export type CreditClass = Infer<typeof CreditClassSchema>
export type ChainParams = Infer<typeof ChainParamsSchema>

const hashParams = createHasher('naru/params/v1')

/** Hash in every header. */
export function paramsHash(params: ChainParams): Hash32 {
  return hashParams(encode(ChainParamsSchema, params))
}

/** Null when every parameter is within its bounds, else a sentence naming the parameter, the value and the bound. */
export function checkParams(params: ChainParams): string | null {
  const bounds: readonly (readonly [keyof ChainParams, number, number])[] = [
    ['blockIntervalMs', 10, 60_000],
    ['heartbeatMs', 100, 3_600_000],
    ['timeoutProposeMs', 50, 60_000],
    ['timeoutProposeStepMs', 10, 60_000],
    ['timeoutVoteMs', 20, 60_000],
    ['timeoutVoteStepMs', 10, 60_000],
    ['timeoutMaxMs', 1_000, 120_000],
    ['precisionMs', 50, 10_000],
    ['messageDelayMs', 100, 60_000],
    ['blockBytesMax', LIMITS.txBytesMax, LIMITS.blockBytesMax],
    ['blockTxsMax', 1, LIMITS.blockTxsMax],
    ['blockUnitsMax', LIMITS.txUnitsMax, LIMITS.blockUnitsMax],
    ['validUntilAheadMax', 10, LIMITS.validUntilAheadMax],
    ['activationDelay', 2, 10_000],
    ['validatorsMin', 1, LIMITS.validatorsMax],
    ['attendanceWindow', 20, 10_000],
    ['readyWindow', 2, 10_000],
  ]
  for (const [name, min, max] of bounds) {
    const value = params[name] as number
    if (value < min || value > max) return `${name} is ${value}, allowed are ${min} to ${max}`
  }
  if (params.creditClasses.length < 3) return `creditClasses has ${params.creditClasses.length} rows, three are needed`
  for (const row of params.creditClasses) {
    if (row.bytes < LIMITS.txBytesMax)
      return `creditClasses.bytes is ${row.bytes}, at least ${LIMITS.txBytesMax}, one transaction`
    if (row.operations < 2) return `creditClasses.operations is ${row.operations}, at least 2, a sponsored signature`
    if (row.refillMs < 1_000) return `creditClasses.refillMs is ${row.refillMs}, at least 1000`
  }
  return null
}

/** Parameters of a city network: metro fibre, one-second blocks. */
export const CITY_PARAMS: ChainParams = {
  blockIntervalMs: 1_000,
  heartbeatMs: 30_000,
  timeoutProposeMs: 1_000,
  timeoutProposeStepMs: 500,
  timeoutVoteMs: 500,
  timeoutVoteStepMs: 250,
  timeoutMaxMs: 30_000,
  precisionMs: 500,
  messageDelayMs: 2_000,
  blockBytesMax: 2_097_152,
  blockTxsMax: 5_000,
  blockUnitsMax: 1_024,
  validUntilAheadMax: 600,
  activationDelay: 10,
  validatorsMin: 4,
  attendanceWindow: 1_000,
  readyWindow: 100,
  amnesiaSuspends: false,
  creditClasses: [
    { bytes: 65_536, operations: 400, stateBytes: 16_384, refillMs: 3_600_000 },
    { bytes: 8_388_608, operations: 50_000, stateBytes: 2_097_152, refillMs: 3_600_000 },
    { bytes: 1_073_741_824, operations: 10_000_000, stateBytes: 268_435_456, refillMs: 3_600_000 },
  ],
}
