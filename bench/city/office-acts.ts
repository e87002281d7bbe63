// Owns: what offices and identities do: points granted alone and in batches, given away, DIDs created and changed.
// Not here: payments (acts.ts).
import { kstDate } from '../../core/base/civil-time.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import { deriveAddress } from '../../core/crypto/address.ts'
import { KEY_PURPOSES } from '../../core/execution/module.ts'
import { DEV_KEY_ID } from '../../cli/devnet/accounts.ts'
import { possessionBytes } from '../../modules/identity/possession.ts'
import { ETAX } from '../../modules/points/fixtures.ts'
import { eventIdOf } from '../../modules/points/tags.ts'
import { payerOf } from './acts.ts'
import type { Scene } from './acts.ts'
import type { Act } from './desk.ts'
import { tagOfAccount } from './document.ts'
import { BATCH_GRANTS } from './mix.ts'
import { ONBOARDING_OFFICES, POINTS_OFFICES } from './people.ts'

const RULE = KEY_PURPOSES.authentication | KEY_PURPOSES.assertion | KEY_PURPOSES.invocation
const ROW = ETAX.table[0]

function itemOf(scene: Scene) {
  const to = payerOf(scene, false)
  return {
    to: scene.desk.actor(`account/${to}`).address,
    personTag: tagOfAccount(to),
    eventId: eventIdOf(ETAX.programmeId, `load/${scene.nowMs}/${scene.next()}`),
    ...{ eventKind: ROW?.kind ?? '', eventDate: kstDate(scene.nowMs), tier: 0, points: ROW?.points ?? 0n },
    evidenceCommit: ZERO_HASH,
  }
}

/** A tax paid on time. */
export function grant(scene: Scene): Act {
  const office = scene.dice(POINTS_OFFICES)
  const payload = { programmeId: ETAX.programmeId, ...itemOf(scene) }
  const sender = scene.desk.actor(`points-office/${office}`)
  return { type: 'points.grant', payload, sender, lane: scene.dice(4), place: office }
}

/** A morning's list of taxes paid on time. */
export function grantBatch(scene: Scene): Act {
  const office = scene.dice(POINTS_OFFICES)
  const payload = { programmeId: ETAX.programmeId, grants: Array.from({ length: BATCH_GRANTS }, () => itemOf(scene)) }
  const sender = scene.desk.actor(`points-office/${office}`)
  return { type: 'points.grantBatch', payload, sender, lane: 4, place: office }
}

/** Points for somebody in the family. */
export function pointsTransfer(scene: Scene): Act {
  const from = payerOf(scene, true)
  const to = scene.desk.actor(`account/${payerOf(scene, false)}`).address
  const sender = scene.desk.actor(`account/${from}`)
  const own = to === sender.address ? scene.desk.actor('account/0').address : to
  const payload = { to: own, programmeId: ETAX.programmeId, points: BigInt(1 + scene.dice(60)) }
  return { type: 'points.transfer', payload, sender, place: from }
}

/** A newcomer, whom an office sponsors. */
export function didCreate(scene: Scene): Act {
  const number = scene.next()
  const { desk } = scene
  const newcomer = desk.actor(`newcomer/${scene.nowMs}/${number}`)
  const did = deriveAddress({ genesisHash: desk.genesisHash, publicKey: newcomer.publicKey, nonce: 0n })
  const key = { kid: DEV_KEY_ID, type: 'ED25519' as const, pub: newcomer.publicKey, rel: RULE }
  const proof = newcomer.signer.sign(possessionBytes({ genesisHash: desk.genesisHash, did, key }))
  const payload = { nonce: 0n, keys: [{ ...key, proof }], services: [], controller: [], recovery: null }
  const sponsor = desk.actor(`onboarding-office/${number % ONBOARDING_OFFICES}`)
  return { type: 'identity.did.create', payload, sender: { ...newcomer, address: did }, sponsor, place: number }
}

/** A citizen says where its wallet can be reached. */
export function didUpdate(scene: Scene): Act {
  const index = payerOf(scene, false)
  const sender = scene.desk.actor(`account/${index}`)
  const prevVersionId = scene.desk.versions.get(index) ?? 1
  scene.desk.versions.set(index, prevVersionId + 1)
  const services = [{ id: 'wallet', type: 'Wallet', uri: `https://wallet.example/${prevVersionId}` }]
  const payload = { did: sender.address, prevVersionId, add: [], revoke: [], relations: [], services, controller: null }
  return { type: 'identity.did.update', payload, sender, place: index }
}
