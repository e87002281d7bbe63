// Owns: payloads, records, events and genesis section of identity: one declaration each.
// Not here: the W3C form (did-document.ts).
import { choice, list, option, struct } from '../../core/codec/compound.ts'
import { address, code, fixedBytes, hash32, text, u8, u32, u53, u64 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'

/** Keys in one record, revoked ones included while there is room. */
export const KEYS_MAX = 16
/** Controllers of one DID beside itself. */
export const CONTROLLERS_MAX = 3
/** Service endpoints of one DID. */
export const SERVICES_MAX = 4
/** Guardians of one recovery policy. */
export const GUARDIANS_MAX = 5

/** What a key computes: signatures or key agreement. */
export const KeyTypeSchema = choice({ ED25519: 0, X25519: 1 })

/** Life of a DID (domain.md 4.1); only ACTIVE signs anything new. */
export const StatusSchema = choice({ ACTIVE: 0, SUSPENDED: 1, DEACTIVATED: 2, TERMINATED: 3 })

/** A key of a DID; `rel` holds relationship bits 1 to 16, times are block times in ms. */
export const KeySchema = struct({
  kid: code(16),
  type: KeyTypeSchema,
  pub: fixedBytes(32),
  rel: u8,
  addedAt: u53,
  revokedAt: option(u53),
})

/** A key on its way in. ED25519 keys prove possession (possession.ts); X25519 keys cannot sign and carry null. */
export const NewKeySchema = struct({
  kid: code(16),
  type: KeyTypeSchema,
  pub: fixedBytes(32),
  rel: u8,
  proof: option(fixedBytes(64)),
})

/** Where the subject can be reached; nothing personal belongs into a URI. */
export const ServiceSchema = struct({ id: code(32), type: code(32), uri: text(128) })

/** Who may recover the DID: salted guardian commitments, of which `threshold` are needed, after a delay in seconds. */
export const RecoverySchema = struct({ threshold: u8, guardians: list(hash32, GUARDIANS_MAX), delaySec: u32 })

/** The state of a DID (domain.md 4.2). Its id is the record's key. */
export const DidSchema = struct({
  versionId: u32,
  controller: list(address, CONTROLLERS_MAX),
  keys: list(KeySchema, KEYS_MAX),
  services: list(ServiceSchema, SERVICES_MAX),
  status: StatusSchema,
  recovery: option(RecoverySchema),
  createdAt: u53,
  updatedAt: u53,
})

/** The sender is the DID to be; `nonce` is the one of its derivation, not the envelope's. */
export const CreatePayload = struct({
  nonce: u64,
  keys: list(NewKeySchema, KEYS_MAX),
  services: list(ServiceSchema, SERVICES_MAX),
  controller: list(address, CONTROLLERS_MAX),
  recovery: option(RecoverySchema),
})

/** Null leaves services or controllers as they are. Revocations happen first, then additions, then changes of relations. */
export const UpdatePayload = struct({
  did: address,
  prevVersionId: u32,
  add: list(NewKeySchema, KEYS_MAX),
  revoke: list(code(16), KEYS_MAX),
  relations: list(struct({ kid: code(16), rel: u8 }), KEYS_MAX),
  services: option(list(ServiceSchema, SERVICES_MAX)),
  controller: option(list(address, CONTROLLERS_MAX)),
})

/** One key goes, its successor comes. */
export const RotatePayload = struct({ did: address, prevVersionId: u32, revoke: code(16), add: NewKeySchema })

/** What a new key signs to prove possession: bound to chain, DID, name and purposes. */
export const PossessionSchema = struct({ genesisHash: hash32, did: address, kid: code(16), pub: fixedBytes(32), rel: u8 })

/** Marks a key or a key name that left a full record, so that it never returns. */
export const RetiredSchema = struct({ revokedAt: u53 })

/** Section `identity` of the genesis document: ED25519 keys only, no proofs, credit class 0 citizen, 1 organisation, 2 agency. */
export const IdentityGenesisSchema = struct({
  dids: list(
    struct({
      account: address,
      keys: list(struct({ kid: code(16), publicKey: fixedBytes(32), purposes: u8 }), KEYS_MAX),
      creditClass: u8,
    }),
    1_000_000,
  ),
})

/** A new DID and who sponsored it. */
export const CreatedEvent = struct({ did: address, sponsor: option(address) })
/** A new version and who made it: the DID or a controller. */
export const UpdatedEvent = struct({ did: address, versionId: u32, by: address })
/** A key that is revoked as of this version. */
export const KeyRevokedEvent = struct({ did: address, versionId: u32, kid: code(16), pub: fixedBytes(32) })

/** Answer of identity_getKeys. */
export const KeysResult = struct({ versionId: u32, status: StatusSchema, keys: list(KeySchema, KEYS_MAX) })

/** One version of a DID. */
export type Did = Infer<typeof DidSchema>
export type Key = Infer<typeof KeySchema>
export type NewKey = Infer<typeof NewKeySchema>
export type Service = Infer<typeof ServiceSchema>
export type Recovery = Infer<typeof RecoverySchema>
export type IdentityGenesis = Infer<typeof IdentityGenesisSchema>
