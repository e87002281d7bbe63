// Owns: the key layout of what governance knows about the validator set. Not here: what the records mean (set-schema.ts).
import { sortableHex } from '../../core/base/bytes.ts'
import type { Address, Height } from '../../core/base/ids.ts'
import { u32 } from '../../core/codec/fields.ts'
import { defineStore } from '../../core/state/store.ts'
import {
  AttendanceSchema,
  EpochSchema,
  KeyHistorySchema,
  ReadySchema,
  SanctionsSchema,
  SignedBlockSchema,
  SuccessionSchema,
} from './set-schema.ts'

const GOVERNANCE = 'governance'

/** Which set is active, what was the last change, and what waits; one record. */
export const successions = defineStore({ prefix: GOVERNANCE, key: (_: null) => 'succession', value: SuccessionSchema })
/** The validators by epoch, none ever removed: who signed a height stays answerable. */
export const epochs = defineStore({ prefix: 'governance/epoch', key: (epoch: number) => sortableHex(epoch), value: EpochSchema })
/** Every consensus key that ever had a seat, by its hex digits. */
export const keyHistory = defineStore({
  prefix: 'governance/consensusKey',
  key: (publicKeyHex: string) => publicKeyHex,
  value: KeyHistorySchema,
})
/** Changes that a seat has had: the nonce of the next proof of possession. */
export const seatNonces = defineStore({ prefix: 'governance/seatNonce', key: (authority: Address) => authority, value: u32 })
/** Suspended and barred seats, one record. */
export const sanctions = defineStore({ prefix: GOVERNANCE, key: (_: null) => 'sanctions', value: SanctionsSchema })
/** Attendance of the present seats, one record. */
export const attendances = defineStore({ prefix: GOVERNANCE, key: (_: null) => 'attendance', value: AttendanceSchema })
/** Who signed the blocks of the attendance window, by height. */
export const signedBlocks = defineStore({
  prefix: 'governance/signed',
  key: (height: Height) => sortableHex(height),
  value: SignedBlockSchema,
})
/** The newest proof of readiness by candidate. */
export const readiness = defineStore({ prefix: 'governance/ready', key: (authority: Address) => authority, value: ReadySchema })
