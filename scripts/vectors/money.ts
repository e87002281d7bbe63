// Owns: one transaction of every type of payments and points as bytes, for programs that build them without this code.
// Not here: the vectors of envelopes and blocks (build.ts), codes of payments (modules/payment/qr/qr.test.ts).
import { must } from '../../core/base/assert.ts'
import { utf8ToBytes } from '../../core/base/bytes.ts'
import { asHash32 } from '../../core/base/ids.ts'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import type { Transaction } from '../../core/chain/transaction.ts'
import { authorisationBytes, formatAuthorisation } from '../../modules/payment/qr/cpm.ts'
import { buildHouse } from '../../modules/payment/qr/house.ts'
import { ETAX } from '../../modules/points/fixtures.ts'
import { eventIdOf, personTagOf } from '../../modules/points/tags.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { accountNamed, buildCityTransaction, signerNamed } from './city.ts'

const [ALICE, BOB] = ['alice', 'bob'].map(accountNamed) as [Address, Address]
const MERCHANT = '100000000000017'
const ORDER = 'A1B2C3D4E5F60718'
const EXPIRY_SEC = 1_795_393_800
const REASON = 'REASON'
const [ID, COMMIT] = ['11', '22'].map((pair) => asHash32(pair.repeat(32))) as [Hash32, Hash32]

const shop = { merchantId: MERCHANT, mcc: '5814', name: 'MAPO COFFEE', city: 'SEOUL', nameKo: '마포커피', cityKo: '서울' }
const sign = (message: Uint8Array): Uint8Array => signerNamed('shop').sign(message)
const terms = {
  payer: ALICE,
  maxAmount: 50_000n,
  expirySec: EXPIRY_SEC,
  nonce: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  keyId: 'k1',
}
const authorisation = formatAuthorisation({ ...terms, signature: signerNamed('alice').sign(authorisationBytes(terms)) })
const item = {
  ...{ to: ALICE, personTag: personTagOf({ salt: new Uint8Array(32).fill(9), pseudonym: utf8ToBytes('alice') }) },
  ...{ eventId: eventIdOf('ETAX', '2026-11-0001234567'), eventKind: 'ENOTICE', eventDate: 20261123, tier: 1, points: 1_000n },
  evidenceCommit: COMMIT,
}
const named = { merchantId: MERCHANT, reasonCode: REASON }
const programme = { programmeId: 'ETAX', reasonCode: REASON }

/** Sender and payload by type. */
const PAYLOADS: Readonly<Record<string, readonly [sender: string, payload: unknown]>> = {
  'payment.mint': ['bankA', { to: ALICE, amount: 5_000n, bankRef: 'R-1' }],
  'payment.redeem.request': ['alice', { amount: 2_000n }],
  'payment.redeem.confirm': ['bankA', { reqId: ID, bankRef: 'R-2' }],
  'payment.redeem.reject': ['bankA', { reqId: ID, reasonCode: REASON }],
  'payment.transfer': ['alice', { to: BOB, amount: 1_000n, memoCommit: COMMIT }],
  'payment.freeze': ['bankA', { account: ALICE, amount: null, reasonCode: REASON }],
  'payment.unfreeze': ['bankA', { account: ALICE, reasonCode: REASON }],
  'payment.merchant.apply': [
    'shop',
    {
      ...{ brn: '2208162517', mcc: '5814', nameAscii: 'MAPO COFFEE', nameKo: '마포커피', cityAscii: 'SEOUL', guCode: '11440' },
      ...{ settleBank: '088', qrKey: signerNamed('shop').publicKey },
    },
  ],
  'payment.merchant.approve': ['psp', { merchantId: MERCHANT, tier: 'SMALL_B' }],
  'payment.merchant.suspend': ['psp', named],
  'payment.merchant.resume': ['psp', named],
  'payment.merchant.close': ['shop', named],
  'payment.merchant.setTier': ['psp', { merchantId: MERCHANT, tier: 'GENERAL', year: 2025 }],
  'payment.merchant.rotateQrKey': ['shop', { merchantId: MERCHANT, publicKey: null }],
  'payment.pay': [
    'alice',
    {
      ...{ merchantId: MERCHANT, total: 4_500n, pointsPart: 1_000n, orderRef: null },
      qr: buildHouse({ ...shop, amount: 4_500n, orderRef: ORDER, signing: { expirySec: EXPIRY_SEC, sign } }),
    },
  ],
  'payment.capture': ['shop', { merchantId: MERCHANT, authorisation, amount: 12_000n, orderRef: 'T-1' }],
  'payment.refund': ['shop', { payId: ID, amount: 1_000n, refundRef: 'R-1' }],
  'payment.dispute': ['alice', { payId: ID, reasonCode: REASON, caseCommit: COMMIT }],
  'payment.resolve': ['psp', { payId: ID, refund: 0n, reasonCode: REASON }],
  'payment.interbank.settle': ['bankA', { cycleId: 'C-1', debtor: '004', creditor: '088', amount: 9_999n }],
  'payment.fee.collect': ['psp', { merchantId: MERCHANT, amount: 45n }],
  'points.prog.create': ['office', ETAX],
  'points.prog.approve': ['cityhall', { programmeId: 'ETAX' }],
  'points.prog.fund': ['cityhall', { programmeId: 'ETAX', amount: 1_000_000n }],
  'points.prog.pause': ['office', programme],
  'points.prog.resume': ['office', programme],
  'points.prog.close': ['office', programme],
  'points.prog.setBudget': ['cityhall', { programmeId: 'ETAX', budget: 10n ** 12n }],
  'points.prog.release': ['cityhall', { programmeId: 'ETAX', amount: 500n }],
  'points.grant': ['office', { programmeId: 'ETAX', ...item }],
  'points.grantBatch': ['office', { programmeId: 'ETAX', grants: [item, { ...item, to: BOB, tier: 0, points: 500n }] }],
  'points.transfer': ['alice', { to: BOB, programmeId: 'ETAX', points: 200n }],
  'points.payTax': ['alice', { taxRefCommit: COMMIT, points: 700n }],
  'points.clawback.open': [
    'office',
    { programmeId: 'ETAX', eventId: item.eventId, points: 300n, reasonCode: REASON, caseCommit: COMMIT },
  ],
  'points.clawback.object': ['alice', { caseId: ID, objectionCommit: COMMIT }],
  'points.clawback.decide': ['city3', { caseId: ID, points: 0n, reasonCode: REASON }],
  'points.clawback.execute': ['bob', { caseId: ID }],
  'points.settle': ['cityhall', { programmeId: 'ETAX', merchantId: MERCHANT, period: 20261123, total: 1_000n }],
  'points.claimSurveyReward': [
    'office',
    { programmeId: 'SURVEY', to: ALICE, tokenInput: new Uint8Array(32).fill(5), tier: 0, points: 1_000n, evidenceCommit: COMMIT },
  ],
  'points.family.set': ['office', { programmeId: 'ECO', a: ALICE, b: BOB, related: true }],
}

/** Every type of the two rooms with its transaction, in the order of their numbers. */
export function buildMoneyTransactions(genesisHash: Hash32): readonly (readonly [type: string, tx: Transaction])[] {
  const types = REGISTRY.modules
    .filter(({ name }) => name === 'payment' || name === 'points')
    .flatMap(({ transactions }) => transactions)
    .sort((a, b) => a.type - b.type)
  return types.map((definition) => {
    const [sender, payload] = must(PAYLOADS[definition.name], `a vector of ${definition.name}`)
    return [definition.name, buildCityTransaction(genesisHash, sender, definition, payload)]
  })
}
